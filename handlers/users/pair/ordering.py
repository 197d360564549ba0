"""Puts paintings in line, and says what has become of it."""

from __future__ import annotations

from aiogram.types import CallbackQuery, Message

from database.paintings import Paintings
from database.records import PaintingRecord, Request
from jobs.chat.wording import queued
from jobs.line.estimates import Estimates
from jobs.line.queue import PER_PERSON, PaintingQueue, Refusal
from keyboards import inline
from utils.telegram.administrators import Administrators
from utils.telegram.answer import answer
from utils.telegram.edit import reword
from utils.texts import Texts


async def begin(
    query: CallbackQuery,
    request: Request,
    speak: Texts,
    queue: PaintingQueue,
    estimates: Estimates,
) -> None:
    """Put a new painting in line for a tap, with a status message of its own."""
    if not isinstance(query.message, Message):
        return
    if await queue.paintings.asked_by(query.id):
        return  # this tap has come before, and its handler was killed
    status = await query.message.answer(speak("again"))
    await order(
        status,
        query.from_user.id,
        request,
        asked_by=query.id,
        speak=speak,
        queue=queue,
        estimates=estimates,
    )


async def order(
    status: Message,
    user_id: int,
    request: Request,
    *,
    asked_by: str,
    speak: Texts,
    queue: PaintingQueue,
    estimates: Estimates,
    delay: int = 0,
) -> None:
    """Put a painting in line; `status` becomes its status message, or says why it can't be.

    `asked_by` is the tap or the message that asked for it, of which only one painting is made; it
    begins after `delay` seconds at the earliest.
    """
    outcome = await queue.promise(
        user_id, status.chat.id, status.message_id, request, asked_by=asked_by, delay=delay
    )
    if isinstance(outcome, Refusal):
        await status.edit_text(refused(outcome, speak, group=status.chat.id < 0))
        return
    await show_place(status, outcome, speak, queue, estimates)


async def show_place(
    status: Message,
    record: PaintingRecord,
    speak: Texts,
    queue: PaintingQueue,
    estimates: Estimates,
) -> None:
    """Say the painting's place in line and when it begins, unless a worker has it already."""
    places = await queue.places()
    if record.id not in places:
        return
    place = places.index(record.id) + 1
    begins = (await estimates.until(places[:place])).get(record.id, 0.0)
    await reword(status, queued(place, begins, speak), inline.stop(speak, record.id))


def refused(refusal: Refusal, speak: Texts, *, group: bool = False) -> str:
    """The text for why no painting was promised; in a group no pair is kept for later."""
    match refusal:
        case Refusal.PERSON_LIMIT:
            return speak("queue-full-person", limit=PER_PERSON)
        case Refusal.FULL:
            return speak("group-full") if group else speak("queue-full")
        case Refusal.ALREADY_STARTED:
            return speak("already-started")
        case Refusal.PAUSED:
            return speak("group-paused") if group else speak("paused")


class OwnPaintings:
    """Decides whose buttons a painting's buttons are."""

    def __init__(self, paintings: Paintings, administrators: Administrators) -> None:
        self._paintings = paintings
        self._administrators = administrators

    async def find(
        self, query: CallbackQuery, painting: str, speak: Texts
    ) -> PaintingRecord | None:
        """The painting, where the person who tapped may do with it what its buttons say.

        That is who asked for it, and in a group its admins: of what was asked for in the name of a
        chat nobody else could. Otherwise the query is answered, and None comes back.
        """
        record = await self._paintings.get(painting)
        if record is None:
            await answer(query, speak("pictures-gone"), alert=True)
            return None
        if record.user_id == query.from_user.id or await self._is_admin(query, record):
            return record
        await answer(query, speak("not-yours"), alert=True)
        return None

    async def _is_admin(self, query: CallbackQuery, record: PaintingRecord) -> bool:
        if record.chat_id > 0 or query.bot is None:
            return False
        return await self._administrators.include(query.bot, record.chat_id, query.from_user.id)
