"""The pair whose one picture could not be opened: the other one waits for its place."""

from __future__ import annotations

from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from data.life import Picture
from handlers.users.pair.table import Table
from jobs.line.queue import PaintingQueue


async def left_by_a_refusal(message: Message, state: FSMContext, queue: PaintingQueue) -> Table:
    """What remains of the last pair where one picture of it could not be opened.

    The person was asked for another one, so that is what comes now. Whoever began anew in between
    is in a state of their own.
    """
    assert message.from_user
    if await state.get_state() is not None:
        return Table()
    last = await queue.paintings.latest_of(message.from_user.id, message.chat.id)
    if last is None or last.failure is None or last.failure.fault is None:
        return Table()
    if last.failure.fault is Picture.STYLE:
        return Table.photo_of(last.request)
    return Table.styles_of(last.request)
