"""Notes when a person stops the bot in Telegram, or lets it write again."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.types import ChatMemberUpdated

from database.people import People


def router() -> Router:
    """Changes in private chats only: nobody is written to through a group."""
    router = Router(name="membership")
    router.my_chat_member.register(changed, F.chat.type == ChatType.PRIVATE)
    return router


async def changed(update: ChatMemberUpdated, people: People) -> None:
    """Note it, for /stats and /broadcast."""
    if update.new_chat_member.status == ChatMemberStatus.KICKED:
        await people.left(update.from_user.id)
    else:
        await people.came_back(update.from_user.id)
