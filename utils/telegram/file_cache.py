"""Pictures of the bot's own as Telegram keeps them: uploaded once, then sent by their file id."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    FSInputFile,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
)

from data.gallery import STYLES
from database.gallery_files import GalleryFileIds

_RECENT = 6


class FileCache:
    """Shows the bot's own pictures, and knows those that a person used as styles before.

    Where Telegram doesn't know a file id any more, the picture is uploaded once more.
    """

    def __init__(self, ids: GalleryFileIds) -> None:
        self._ids = ids

    async def send(
        self,
        message: Message,
        path: Path,
        caption: str,
        keyboard: InlineKeyboardMarkup | None = None,
    ) -> Message:
        """Answer `message` with a picture."""
        if known := await self.file_id(path):
            try:
                return await message.answer_photo(known, caption=caption, reply_markup=keyboard)
            except TelegramBadRequest:
                await self._ids.forget(_name(path))
        sent = await message.answer_photo(FSInputFile(path), caption=caption, reply_markup=keyboard)
        await self._remember(path, sent)
        return sent

    async def turn(
        self, message: Message, path: Path, caption: str, keyboard: InlineKeyboardMarkup | None
    ) -> str:
        """Replace what `message` shows by a picture; returns the picture's file id."""
        if known := await self.file_id(path):
            try:
                await show(message, known, caption, keyboard)
                return known
            except TelegramBadRequest as error:
                if "not modified" in error.message:
                    return known
                if not await self._is_lost(message, known):
                    raise
                await self._ids.forget(_name(path))
        media = InputMediaPhoto(media=FSInputFile(path), caption=caption)
        shown = await message.edit_media(media, reply_markup=keyboard)
        assert isinstance(shown, Message)
        return await self._remember(path, shown)

    async def recent(self, user_id: int) -> list[str]:
        """File ids of the pictures of their own that this person used as styles last."""
        return await self._ids.own_styles(user_id, _RECENT)

    async def file_id(self, path: Path) -> str | None:
        """Telegram's file id of this picture; None where it was not uploaded yet."""
        return await self._ids.get(_name(path))

    async def _is_lost(self, message: Message, file_id: str) -> bool:
        """Whether it is the file that Telegram refused, and not the message."""
        assert message.bot
        try:
            await message.bot.get_file(file_id)
        except TelegramBadRequest:
            return True
        return False

    async def _remember(self, path: Path, message: Message) -> str:
        assert message.photo
        file_id = message.photo[-1].file_id
        await self._ids.keep(_name(path), file_id)
        return file_id


async def show(
    message: Message, file_id: str, caption: str, keyboard: InlineKeyboardMarkup | None
) -> None:
    """Replace what `message` shows by a picture that was sent as a photo or as a file.

    Raises `TelegramBadRequest` when it is neither, or when the message can't be edited.
    """
    try:
        await message.edit_media(
            InputMediaPhoto(media=file_id, caption=caption), reply_markup=keyboard
        )
    except TelegramBadRequest as error:
        if "of type" not in error.message:
            raise
        await message.edit_media(
            InputMediaDocument(media=file_id, caption=caption), reply_markup=keyboard
        )


@cache
def _name(path: Path) -> str:
    """The picture's name in the table; a changed file is another picture."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return f"{path.parent.name}/{path.stem}/{digest}"


def key(file_id: str) -> str:
    """A short name for a file id, for callback data of at most 64 bytes."""
    return hashlib.blake2s(file_id.encode(), digest_size=9).hexdigest()


def neighbours(name: str) -> tuple[str, str]:
    """The names before and after this one in the gallery, whose last page is before the first."""
    names = [style.name for style in STYLES]
    here = names.index(name)
    return names[here - 1], names[(here + 1) % len(names)]
