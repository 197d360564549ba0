"""The buttons under a finished painting: other settings, another style, another photo."""

from __future__ import annotations

import logging

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, FSInputFile, Message

from database.records import PaintingRecord, Request
from handlers.users.pair.ordering import OwnPaintings, begin
from handlers.users.pair.reuse import photo_of, styles_of
from handlers.users.pair.view import PairView
from jobs.chat.figures import Developers
from jobs.chat.wording import about
from jobs.line.queue import PaintingQueue
from jobs.sketching.comparing import Comparing, NoPicture, NotNow
from keyboards import gallery
from keyboards.callbacks import Compare, More, Reuse, Vary
from keyboards.result import other_settings, result
from nst.choices import sizes, step_of, varied
from states import Painting
from states.dialogue import Dialogue
from utils.telegram.answer import answer
from utils.texts import Texts

log = logging.getLogger(__name__)


def router() -> Router:
    """Everything under a result but the buttons of `painting`."""
    router = Router(name="results")
    router.callback_query.register(more, More.filter())
    router.callback_query.register(vary, Vary.filter())
    router.callback_query.register(compare, Compare.filter())
    router.callback_query.register(reuse, Reuse.filter())
    return router


async def more(
    query: CallbackQuery,
    callback_data: More,
    *,
    speak: Texts,
    own_paintings: OwnPaintings,
    pair_view: PairView,
    developers: Developers,
) -> None:
    """Unfold the other settings, or fold them away."""
    record = await own_paintings.find(query, callback_data.painting, speak)
    if record is None or not isinstance(query.message, Message):
        return
    await answer(query)
    if not callback_data.open:
        await _fold(query.message, record, speak, developers)
        return
    outlook = await pair_view.estimates.outlook()
    pixels = sizes(pair_view.max_size)
    anew, larger = {}, {}
    for name, longest in pixels.items():
        if longest != record.request.recipe.size:
            request = record.request.again(speak.locale).resized(longest)
            anew[name] = about(outlook.seconds(request), speak)
        if (goes_on := _larger(record, longest, speak)) is not None:
            larger[name] = about(outlook.seconds(goes_on), speak)
    keyboard = other_settings(
        speak,
        record.id,
        strength=step_of(record.request.recipe.strength),
        times=anew,
        pixels=pixels,
        larger=larger,
    )
    await query.message.edit_reply_markup(reply_markup=keyboard)


async def vary(
    query: CallbackQuery,
    callback_data: Vary,
    *,
    speak: Texts,
    queue: PaintingQueue,
    own_paintings: OwnPaintings,
    pair_view: PairView,
    developers: Developers,
) -> None:
    """Paint it once more with another strength or size, or go on with this painting."""
    record = await own_paintings.find(query, callback_data.painting, speak)
    if record is None or not isinstance(query.message, Message):
        return
    request = _varied(record, callback_data, pair_view, speak)
    if request is None:
        await answer(query, speak("file-gone"), alert=True)
        return
    await answer(query)
    await _fold(query.message, record, speak, developers)
    await begin(query, request, speak, queue, pair_view.estimates)


async def compare(
    query: CallbackQuery,
    callback_data: Compare,
    speak: Texts,
    own_paintings: OwnPaintings,
    comparing: Comparing,
) -> None:
    """Send photo and painting in one picture, to be passed on."""
    record = await own_paintings.find(query, callback_data.painting, speak)
    if record is None or not isinstance(query.message, Message):
        return
    if not comparing.possible:
        await answer(query, speak("compare-later"), alert=True)
        return
    await answer(query)
    after = query.message.photo[-1].file_id if query.message.photo else record.file_id
    try:
        async with comparing.picture(record.request.content, after or "") as picture:
            await query.message.reply_photo(FSInputFile(picture), caption=speak("compare-caption"))
    except NoPicture as error:
        log.info("painting %s: not compared: %s", record.id, error)
        words = "compare-later" if isinstance(error, NotNow) else "compare-gone"
        await query.message.reply(speak(words))


async def reuse(
    query: CallbackQuery,
    callback_data: Reuse,
    state: FSMContext,
    speak: Texts,
    own_paintings: OwnPaintings,
) -> None:
    """Begin a pair with the same photo, or with the same styles."""
    record = await own_paintings.find(query, callback_data.painting, speak)
    if record is None or not isinstance(query.message, Message):
        return
    await answer(query)
    if callback_data.side == "content":
        await Dialogue(photo_of(record.request)).save(state)
        await state.set_state(Painting.style)
        await query.message.reply(speak("new-style"), reply_markup=gallery.open_button(speak))
        return
    await Dialogue(styles_of(record.request)).save(state)
    await state.set_state(Painting.photo)
    await query.message.reply(speak("new-photo"))


def _varied(
    record: PaintingRecord, asked: Vary, pair_view: PairView, speak: Texts
) -> Request | None:
    """The request that a button means; None where the file is gone or the button is forged."""
    if asked.what == "larger":
        pixels = sizes(pair_view.max_size).get(asked.value)
        return _larger(record, pixels, speak) if pixels is not None else None
    # The same seed: what is to be compared differs in nothing but the choice.
    recipe = varied(record.request.recipe, asked.what, asked.value, pair_view.max_size)
    return record.request.again(speak.locale, recipe) if recipe else None


def _larger(record: PaintingRecord, pixels: int, speak: Texts) -> Request | None:
    """The request to go on with the same painting at a larger size, where its file is kept."""
    if record.file_id is None or record.width is None or record.height is None:
        return None
    longest = max(record.width, record.height)
    if pixels <= longest or record.request.recipe.size > longest:  # it could not be made that large
        return None
    recipe = record.request.recipe
    request = record.request.again(speak.locale, recipe, start=record.file_id, start_size=longest)
    return request.resized(pixels)


async def _fold(
    message: Message, record: PaintingRecord, speak: Texts, developers: Developers
) -> None:
    keyboard = result(
        speak,
        record.id,
        group=record.chat_id < 0,
        figures=await developers.include(record.user_id),
    )
    try:
        await message.edit_reply_markup(reply_markup=keyboard)
    except TelegramBadRequest:
        return  # deleted meanwhile, or folded already
