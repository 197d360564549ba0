"""Says how paintings ended, also after the process that ended them died before it could."""

from __future__ import annotations

import logging

from aiogram import Bot

from database.paintings import Paintings
from database.records import PaintingRecord
from database.server.errors import AWAY
from jobs.chat.status import StatusMessage
from keyboards import inline
from utils.notify_admins import AdminNotices
from utils.texts import texts

log = logging.getLogger(__name__)

_LEFT_AFTER = 20.0  # seconds that the process which ended a painting has for saying so


class LastWords:
    """Says what the records have noted as yet to be said, and crosses it out."""

    def __init__(self, bot: Bot, paintings: Paintings) -> None:
        self._bot = bot
        self._paintings = paintings

    async def say(self, painting: str, status: StatusMessage | None = None) -> None:
        """Say this painting's last word in its status message, and cross it out.

        Does nothing where there is none. What Telegram didn't take is left for later.
        """
        record = await self._paintings.get(painting)
        if record is None or record.last_word is None or record.is_open:
            return
        if status is None:
            status = StatusMessage(self._bot, self._paintings, record)
        await status.settle()
        if await self._say(record, status):
            await self._paintings.last_word_said(painting)

    async def say_left(self, notices: AdminNotices) -> int:
        """Say the last words that have waited for some time; returns how many there were.

        One that fails unexpectedly is told to the admins and crossed out: it would fail for ever.
        """
        left = await self._paintings.without_last_word(_LEFT_AFTER)
        for record in left:
            try:
                await self.say(record.id)
            except AWAY:
                raise
            except Exception as error:
                log.exception("painting %s: its last word can't be said", record.id)
                await notices.error(f"painting {record.id}, its last word", error)
                await self._paintings.last_word_said(record.id)
        return len(left)

    async def _say(self, record: PaintingRecord, status: StatusMessage) -> bool:
        """Say it; returns False when that failed but may work later."""
        text = record.last_word and record.last_word.text
        if text is None:
            return await status.remove()
        if record.result_message_id is not None:
            # It was being sent when it ended otherwise: its announcement must go.
            await status.remove(record.result_message_id)
        speak = texts(record.request.locale)
        hopeless = record.failure is not None and not record.failure.same_pair_may_work
        keyboard = None if hopeless else inline.again(speak, record.id)
        return await status.say(speak(text), keyboard, last=True)
