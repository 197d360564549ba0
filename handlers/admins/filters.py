"""The filter of everything that is for admins."""

from __future__ import annotations

from typing import Any

from aiogram.enums import ChatType
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message


class FromAdmin(BaseFilter):
    """Passes what an admin says to the bot in private, where nobody else reads the answer.

    Everything else goes on to the ordinary handlers, which don't know these commands.
    """

    async def __call__(
        self, event: Message | CallbackQuery, admins: tuple[int, ...], **_: Any
    ) -> bool:
        """Whether an admin says this in private."""
        message = event.message if isinstance(event, CallbackQuery) else event
        private = message is not None and message.chat.type == ChatType.PRIVATE
        return private and event.from_user is not None and event.from_user.id in admins
