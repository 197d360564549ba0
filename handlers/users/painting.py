"""The buttons that start, stop and repeat a painting, and send its file."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.users.pair.ordering import OwnPaintings, begin, refused, show_place
from handlers.users.pair.view import PairView
from jobs.line.queue import PaintingQueue, Refusal
from jobs.stopping import stop_painting
from keyboards.callbacks import Again, File, Paint, Stop
from utils.telegram.answer import answer
from utils.telegram.edit import reword
from utils.texts import Texts


def router() -> Router:
    """The tap that starts, and the buttons of a painting in line or in the chat."""
    router = Router(name="painting")
    router.callback_query.register(paint, Paint.filter())
    router.callback_query.register(stop, Stop.filter())
    router.callback_query.register(again, Again.filter())
    router.callback_query.register(file, File.filter())
    return router


async def paint(
    query: CallbackQuery, state: FSMContext, speak: Texts, queue: PaintingQueue, pair_view: PairView
) -> None:
    """Put the pair in line; the message with the button becomes the status message."""
    if not isinstance(query.message, Message):
        await answer(query, speak("pictures-gone"), alert=True)
        return
    if (found := await pair_view.current(query, state)) is None:
        await _outdated(query, query.message, speak, queue)
        return
    _, dialogue = found
    choices = await pair_view.choices.of(query.from_user.id)
    request = pair_view.request(dialogue.pair, choices, speak)
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
    await show_place(query.message, outcome, speak, queue, pair_view.estimates)


async def stop(
    query: CallbackQuery,
    callback_data: Stop,
    *,
    bot: Bot,
    speak: Texts,
    queue: PaintingQueue,
    own_paintings: OwnPaintings,
) -> None:
    """Stop a painting, in the queue or while it is painted."""
    record = await own_paintings.find(query, callback_data.painting, speak)
    if record is None:
        return
    if not record.is_open:
        await answer(query, speak("already-over"))
        return
    await stop_painting(bot, queue, record)
    await answer(query, speak("stopping"))


async def again(
    query: CallbackQuery,
    callback_data: Again,
    *,
    speak: Texts,
    queue: PaintingQueue,
    own_paintings: OwnPaintings,
    pair_view: PairView,
) -> None:
    """Paint the same pair once more, as a new painting with a status message of its own."""
    record = await own_paintings.find(query, callback_data.painting, speak)
    if record is None:
        return
    await answer(query)
    await begin(query, record.request.again(speak.locale), speak, queue, pair_view.estimates)


async def file(
    query: CallbackQuery, callback_data: File, speak: Texts, own_paintings: OwnPaintings
) -> None:
    """Send the painting in full quality, as Telegram keeps it for the bot."""
    record = await own_paintings.find(query, callback_data.painting, speak)
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
    """Answer a second tap, or the button of a pair that is no longer there."""
    if await queue.paintings.by_status_message(message.chat.id, message.message_id):
        await answer(query, speak("already-started"))
        return
    await answer(query)
    await reword(message, speak("pair-gone"))
