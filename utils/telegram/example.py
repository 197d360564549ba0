"""The example picture of /start: uploaded once, then sent by Telegram's own reference."""

from __future__ import annotations

from pathlib import Path

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import FSInputFile, Message

PICTURE = Path(__file__).resolve().parents[2] / "data" / "example.jpg"


class Example:
    """Sends the example picture; remembers its file id while the process lives."""

    def __init__(self) -> None:
        self._file_id: str | None = None

    async def send(self, message: Message, caption: str) -> None:
        """Answer `message` with the picture."""
        if self._file_id:
            try:
                await message.answer_photo(self._file_id, caption=caption)
                return
            except TelegramBadRequest:
                self._file_id = None  # forgotten by the server: upload anew
        sent = await message.answer_photo(FSInputFile(PICTURE), caption=caption)
        if sent.photo:
            self._file_id = sent.photo[-1].file_id
