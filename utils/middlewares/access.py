"""Turns blocked people away, and notes when the others were last seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import BaseMiddleware
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramAPIError
from aiogram.types import TelegramObject, Update, User

from database.people import People
from utils.telegram.answer import answer
from utils.telegram.requester import sender_of
from utils.texts import Texts, choose

# Blocked people may still ask what is kept about them, and have it deleted.
_ALWAYS_OPEN = ("/privacy", "/forget")


class AccessMiddleware(BaseMiddleware):
    """Needs the texts that `LanguageMiddleware` adds."""

    def __init__(
        self, people: People, newcomer: Callable[[int], Awaitable[None]] | None = None
    ) -> None:
        """`newcomer` is called with the id of a person who writes in private for the first time."""
        self._people = people
        self._newcomer = newcomer

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Handle the update, or end it here."""
        user: User | None = data.get("event_from_user")
        if user is None or not isinstance(event, Update):
            return await handler(event, data)
        known = await self._people.known(sender_of(event, user))
        if known.blocked and not _always_open(event):
            await _turn_away(event, data["speak"])
            return None
        if _is_private(event) and not known.seen_lately:
            await self._people.seen(user.id, choose(user.language_code))
            if not known.met and self._newcomer:
                await self._newcomer(user.id)
        return await handler(event, data)


def _is_private(update: Update) -> bool:
    """Whether a person spoke to the bot alone: from then on it may write to them."""
    if update.callback_query:
        message = update.callback_query.message
        return message is not None and message.chat.type == ChatType.PRIVATE
    return update.message is not None and update.message.chat.type == ChatType.PRIVATE


def _always_open(update: Update) -> bool:
    text = update.message.text if update.message else None
    data = update.callback_query.data if update.callback_query else None
    return bool(
        (text and text.startswith(_ALWAYS_OPEN)) or (data and f"/{data}".startswith(_ALWAYS_OPEN))
    )


async def _turn_away(update: Update, speak: Texts) -> None:
    """Say so to a tap and to a command in private; answer nothing else."""
    if update.callback_query:
        await answer(update.callback_query, speak("blocked"), alert=True)
    elif _is_private(update) and update.message and (update.message.text or "").startswith("/"):
        try:
            await update.message.answer(speak("blocked"))
        except TelegramAPIError:
            return  # gone meanwhile
