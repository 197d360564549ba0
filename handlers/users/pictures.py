"""Collects the pictures: the photo first, then the painting, then maybe more paintings."""

from __future__ import annotations

import contextlib

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.users.pair.meaning import Decision, answered, meaning
from handlers.users.pair.received import FETCH_LIMIT_MB, is_picture, is_too_large, picture_of
from handlers.users.pair.reuse import left_by_a_failure
from handlers.users.pair.view import PairView
from jobs.line.queue import PaintingQueue
from keyboards import gallery, inline
from keyboards.callbacks import Use
from nst.choices import MOST_STYLES
from states import Painting
from states.dialogue import Dialogue
from utils.telegram.answer import answer
from utils.telegram.edit import reword
from utils.texts import Texts


def router() -> Router:
    """Pictures, and the question what a third one is."""
    router = Router(name="pictures")
    router.message.register(picture, is_picture)
    router.callback_query.register(use, Use.filter())
    return router


async def picture(
    message: Message, state: FSMContext, speak: Texts, pair_view: PairView, queue: PaintingQueue
) -> None:
    """Take a picture for what it most likely is, and show what has become of it."""
    if is_too_large(message):
        await message.reply(speak("file-too-big", limit=FETCH_LIMIT_MB))
        return
    new = picture_of(message)
    dialogue = await Dialogue.load(state)
    if dialogue == Dialogue():
        dialogue = Dialogue(await left_by_a_failure(message, state, queue))
    meant = meaning(dialogue, new)
    match meant.decision:
        case Decision.CAME_AGAIN:
            await _answer_again(message, meant.dialogue, state, speak, pair_view)
            return
        case Decision.FIRST_OF_ALBUM:
            await _begin(meant.dialogue, state)  # a word now would stand between the album's parts
        case Decision.FIRST_PHOTO:
            await _begin(meant.dialogue, state)
            await message.reply(speak("got-content"), reply_markup=gallery.open_button(speak))
        case Decision.ASK:
            keyboard = inline.third(speak, mix=meant.dialogue.pair.room_for_styles)
            question = await message.reply(speak("third-picture"), reply_markup=keyboard)
            await meant.dialogue.with_spare(question.message_id, new).save(state)
        case Decision.ALBUM_GOES_ON:
            await pair_view.update(message, state, speak, meant.dialogue)
        case Decision.ALBUM_IS_FULL:
            await meant.dialogue.save(state)
        case _:
            await pair_view.show(message, state, speak, meant.dialogue)
    if meant.say_too_many:
        await message.reply(speak("too-many-styles", limit=MOST_STYLES))
    pair_view.expect_sketch(new)


async def use(
    query: CallbackQuery, callback_data: Use, state: FSMContext, speak: Texts, pair_view: PairView
) -> None:
    """Put the picture that was asked about in the place of one of the two, or mix it in."""
    await answer(query)
    message = query.message
    if not isinstance(message, Message):
        return
    dialogue = await Dialogue.load(state)
    meant = answered(dialogue, message.message_id, callback_data.role)
    if meant is None:
        await reword(message, speak("pair-gone"))
        return
    with contextlib.suppress(TelegramBadRequest):  # too old to be deleted
        await message.delete()
    await pair_view.show(message, state, speak, meant.dialogue)


async def _answer_again(
    message: Message, dialogue: Dialogue, state: FSMContext, speak: Texts, pair_view: PairView
) -> None:
    """The process that took this picture was killed before it answered: answer now."""
    if dialogue.pair.complete:
        await pair_view.show(message, state, speak, Dialogue(dialogue.pair))
    elif not message.media_group_id:
        await message.reply(speak("got-content"))


async def _begin(dialogue: Dialogue, state: FSMContext) -> None:
    """Keep the photo that a pair begins with."""
    await dialogue.save(state)
    await state.set_state(Painting.style)
