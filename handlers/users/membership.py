"""Notes when a person or a group puts the bot out, or lets it write again."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.enums import ChatMemberStatus, ChatType
from aiogram.types import ChatMemberUpdated

from database.people import People
from jobs.line.queue import PaintingQueue

_OUT = {ChatMemberStatus.KICKED, ChatMemberStatus.LEFT}


def router() -> Router:
    """Changes of the bot's own membership, in private and in groups."""
    router = Router(name="membership")
    router.my_chat_member.register(changed, F.chat.type == ChatType.PRIVATE)
    router.my_chat_member.register(put_out, F.new_chat_member.status.in_(_OUT))
    return router


async def changed(update: ChatMemberUpdated, people: People, queue: PaintingQueue) -> None:
    """Note it, for /stats and /broadcast; who stopped the bot waits for nothing any more."""
    if update.new_chat_member.status == ChatMemberStatus.KICKED:
        await people.left(update.from_user.id)
        await put_out(update, queue)
    else:
        await people.came_back(update.from_user.id)


async def put_out(update: ChatMemberUpdated, queue: PaintingQueue) -> None:
    """Stop what was ordered in this chat: it could not be delivered, and others wait."""
    for record in await queue.paintings.open_in(update.chat.id):
        await queue.leave(record)
