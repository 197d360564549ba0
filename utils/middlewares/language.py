"""Gives every handler `speak`: the texts in the language of the update's sender."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.types import TelegramObject, User

from database.people import People
from utils.texts import choose, texts


class LanguageMiddleware(BaseMiddleware):
    """Uses the language that a person chose, else that of their Telegram app."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Add `speak` to the handler's arguments."""
        user: User | None = data.get("event_from_user")
        locale = await self._people.locale(user.id) if user else None
        data["speak"] = texts(locale or choose(user.language_code if user else None))
        return await handler(event, data)
