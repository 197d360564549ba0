"""Asks Telegram who the admins of a group are, and remembers it for some minutes."""

from __future__ import annotations

import asyncio

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError

_FRESH = 300.0  # seconds


class Administrators:
    """The admins of the groups that were asked about lately."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[float, frozenset[int]]] = {}

    async def include(self, bot: Bot, chat_id: int, user_id: int) -> bool:
        """Whether a person is an admin of this group; False where Telegram doesn't tell."""
        now = asyncio.get_running_loop().time()
        self._known = {c: known for c, known in self._known.items() if now - known[0] < _FRESH}
        if chat_id not in self._known:
            try:
                admins = await bot.get_chat_administrators(chat_id)
            except TelegramAPIError:
                return False
            self._known[chat_id] = now, frozenset(admin.user.id for admin in admins)
        return user_id in self._known[chat_id][1]
