"""Who asks for something with a message, also where Telegram hides the person.

Admins that stay anonymous and people who write as a channel all have one sender each, shared by all
groups. What tells them apart is the chat that they write as, so that is who asks: its number is
negative, as a person's never is.
"""

from __future__ import annotations

from aiogram.types import Message, Update, User

_SHARED = (1087968824, 136817688)
"""Telegram's GroupAnonymousBot and Channel_Bot."""


def requester(message: Message) -> int | None:
    """The number of the person, or of the chat in whose name they write; None without either."""
    if message.from_user is not None and message.from_user.id not in _SHARED:
        return message.from_user.id
    return message.sender_chat.id if message.sender_chat else None


def sender_of(update: Update, user: User) -> int:
    """The number that an update's sender is known by, in lists of people and of blocks."""
    asked = requester(update.message) if update.message else None
    return user.id if asked is None else asked
