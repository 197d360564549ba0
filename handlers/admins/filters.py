"""The filters of everything that is for admins."""

from __future__ import annotations

from typing import Any

from aiogram.enums import ChatType
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message


class FromAdmin(BaseFilter):
    """Lets admins pass, in private: the answers are nobody else's business.

    For everybody else the update goes on to the ordinary handlers, which don't know it.
    """

    async def __call__(
        self, event: Message | CallbackQuery, admins: tuple[int, ...], **_: Any
    ) -> bool:
        """Whether an admin says this to the bot alone."""
        message = event.message if isinstance(event, CallbackQuery) else event
        private = message is not None and message.chat.type == ChatType.PRIVATE
        return private and event.from_user is not None and event.from_user.id in admins
