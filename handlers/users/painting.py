"""The buttons that start, stop and repeat a painting, and fetch its file."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from database.records import PaintingRecord, Request
from handlers.users.pair.view import Desk
from jobs.chat.stopping import stop_painting
from jobs.chat.wording import queued
from jobs.line.estimates import Estimates
from jobs.line.queue import PER_PERSON, PaintingQueue, Refusal
from keyboards import inline
from keyboards.callbacks import Again, File, Paint, Stop
from utils.telegram.answer import answer
from utils.telegram.edit import reword
from utils.texts import Texts


def router() -> Router:
    """From the tap that starts to the buttons under the result."""
    router = Router(name="painting")
    router.callback_query.register(paint, Paint.filter())
    router.callback_query.register(stop, Stop.filter())
    router.callback_query.register(again, Again.filter())
    router.callback_query.register(file, File.filter())
    return router


async def paint(
    query: CallbackQuery, state: FSMContext, speak: Texts, queue: PaintingQueue, desk: Desk
) -> None:
    """Put the pair in line; the message with the button becomes the status message."""
    if not isinstance(query.message, Message):
        await answer(query, speak("pictures-gone"), alert=True)
        return
    if (found := await desk.current(query, state)) is None:
        await _outdated(query, query.message, speak, queue)
        return
    _, table = found
    request = desk.request(table, await desk.choices.of(query.from_user.id), speak)
    outcome = await queue.promise(
        query.from_user.id, query.message.chat.id, query.message.message_id, request
    )
    if isinstance(outcome, Refusal):
        if outcome is Refusal.ALREADY_STARTED:  # a process was killed before it could say so
            await state.clear()
        await answer(query, refused(outcome, speak), alert=True)
        return
    await state.clear()
    await answer(query)
    await show_place(query.message, outcome, speak, queue, desk.estimates)


async def stop(
    query: CallbackQuery, bot: Bot, callback_data: Stop, speak: Texts, queue: PaintingQueue
) -> None:
    """Stop a painting, in the queue or while it is painted."""
    record = await own_painting(query, callback_data.painting, speak, queue)
    if record is None:
        return
    if not record.is_open:
        await answer(query, speak("already-over"))
        return
    await stop_painting(bot, queue, record)
    await answer(query, speak("stopping"))


async def again(
    query: CallbackQuery, callback_data: Again, speak: Texts, queue: PaintingQueue, desk: Desk
) -> None:
    """The same pair once more, as a new painting with a status message of its own."""
    record = await own_painting(query, callback_data.painting, speak, queue)
    if record is None:
        return
    await answer(query)
    await begin(query, record.request.again(speak.locale), speak, queue, desk)


async def begin(
    query: CallbackQuery,
    request: Request,
    speak: Texts,
    queue: PaintingQueue,
    desk: Desk,
) -> None:
    """A new status message, and a painting in line for it."""
    if not isinstance(query.message, Message):
        return
    if await queue.paintings.asked_by(query.id):
        return  # this tap has come before, and its handler was killed
    status = await query.message.answer(speak("again"))
    outcome = await queue.promise(
        *(query.from_user.id, status.chat.id, status.message_id, request), asked_by=query.id
    )
    if isinstance(outcome, Refusal):
        await status.edit_text(refused(outcome, speak, group=status.chat.id < 0))
        return
    await show_place(status, outcome, speak, queue, desk.estimates)


async def file(
    query: CallbackQuery, callback_data: File, speak: Texts, queue: PaintingQueue
) -> None:
    """The painting in full quality, as Telegram keeps it for us."""
    record = await own_painting(query, callback_data.painting, speak, queue)
    if record is None or not isinstance(query.message, Message):
        return
    if record.file_id is None:
        await answer(query, speak("file-gone"), alert=True)
        return
    await answer(query)
    caption = speak("file-caption", width=str(record.width), height=str(record.height))
    try:
        await query.message.reply_document(record.file_id, caption=caption)
    except TelegramBadRequest:
        await query.message.reply(speak("file-gone"))


async def _outdated(
    query: CallbackQuery, message: Message, speak: Texts, queue: PaintingQueue
) -> None:
    """A second tap, or a button of a pair that is no longer here."""
    if await queue.paintings.by_status_message(message.chat.id, message.message_id):
        await answer(query, speak("already-started"))
        return
    await answer(query)
    await reword(message, speak("pair-gone"))


async def show_place(
    status: Message,
    record: PaintingRecord,
    speak: Texts,
    queue: PaintingQueue,
    estimates: Estimates,
) -> None:
    places = await queue.places()
    if record.id not in places:
        return  # a worker has it already, and the message with it
    place = places.index(record.id) + 1
    begins = (await estimates.until(places[:place])).get(record.id, 0.0)
    await reword(status, queued(place, begins, speak), inline.stop(speak, record.id))


async def own_painting(
    query: CallbackQuery, painting: str, speak: Texts, queue: PaintingQueue
) -> PaintingRecord | None:
    """The painting, if it is this person's; answers the query otherwise."""
    record = await queue.paintings.get(painting)
    if record is None:
        await answer(query, speak("pictures-gone"), alert=True)
        return None
    if record.user_id != query.from_user.id:
        await answer(query, speak("not-yours"), alert=True)
        return None
    return record


def refused(refusal: Refusal, speak: Texts, *, group: bool = False) -> str:
    """Why it isn't promised; in a group there is no pair that would stay on a table."""
    match refusal:
        case Refusal.PERSON_LIMIT:
            return speak("queue-full-person", limit=PER_PERSON)
        case Refusal.FULL:
            return speak("group-full") if group else speak("queue-full")
        case Refusal.ALREADY_STARTED:
            return speak("already-started")
        case Refusal.PAUSED:
            return speak("group-paused") if group else speak("paused")
