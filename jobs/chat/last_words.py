"""Sees to it that every ended painting's status message gets its last word, whoever dies."""

from __future__ import annotations

import logging

from aiogram import Bot

from database.paintings import Paintings
from database.records import AT_FAULT, REMOVE, PaintingRecord
from jobs.chat.status import StatusMessage
from keyboards import inline
from utils.texts import texts

log = logging.getLogger(__name__)

_HOPELESS = (*AT_FAULT, "fetch")  # the same pair would fail again
_IN_GOOD_HANDS = 20.0  # seconds that whoever ended it has for saying so


class Endings:
    """Says how paintings ended. The record remembers what is still unsaid."""

    def __init__(self, bot: Bot, paintings: Paintings) -> None:
        self._bot = bot
        self._paintings = paintings

    async def close(self, painting: str, status: StatusMessage | None = None) -> None:
        """Say what this painting's status message has yet to say, and cross it out."""
        record = await self._paintings.get(painting)
        if record is None or record.last_word is None or record.is_open:
            return
        if status is None:
            status = StatusMessage(self._bot, self._paintings, record)
        await status.settle()
        if await self._say(record, record.last_word, status):
            await self._paintings.update(painting, last_word=None)

    async def close_left(self) -> int:
        """Close what somebody died before closing; returns how many there were."""
        left = await self._paintings.without_last_word(_IN_GOOD_HANDS)
        for record in left:
            await self.close(record.id)
        return len(left)

    async def _say(self, record: PaintingRecord, word: str, status: StatusMessage) -> bool:
        if word == REMOVE:
            return await status.remove()
        if record.result_message_id is not None:
            # It was on its way already when it ended otherwise: what announced it must go.
            await status.remove(record.result_message_id)
        speak = texts(record.request.locale)
        keyboard = None if record.failure in _HOPELESS else inline.again(speak, record.id)
        return await status.say(speak(word), keyboard, last=True)
