"""The controls under the pair: each tap changes one thing and says how it is now."""

from __future__ import annotations

import dataclasses

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.users.pair.view import PairView
from keyboards import gallery
from keyboards.callbacks import Choose, Discard, Mix, Panel, Swap, Weigh
from states import Painting
from states.dialogue import Dialogue
from utils.telegram.answer import answer
from utils.telegram.edit import reword
from utils.texts import Texts


def router() -> Router:
    """Everything but the button that starts."""
    router = Router(name="controls")
    router.callback_query.register(panel, Panel.filter())
    router.callback_query.register(choose, Choose.filter())
    router.callback_query.register(swap, Swap.filter())
    router.callback_query.register(weigh, Weigh.filter())
    router.callback_query.register(mix, Mix.filter())
    router.callback_query.register(discard, Discard.filter())
    return router


async def panel(
    query: CallbackQuery,
    callback_data: Panel,
    state: FSMContext,
    speak: Texts,
    pair_view: PairView,
) -> None:
    """Turn to another page."""
    if (found := await _current(query, state, speak, pair_view)) is None:
        return
    await answer(query)
    message, dialogue = found
    await pair_view.turn(message, state, speak, dialogue, callback_data.view)


async def choose(
    query: CallbackQuery,
    callback_data: Choose,
    state: FSMContext,
    speak: Texts,
    pair_view: PairView,
) -> None:
    """Choose a size, a strength, whose colours, a brush; remembered for next time."""
    if (found := await _current(query, state, speak, pair_view)) is None:
        return
    await answer(query)
    message, dialogue = found
    before = await pair_view.choices.of(query.from_user.id)
    choices = before.chosen(callback_data.what, callback_data.value)
    if choices is None or choices == before:  # forged, or chosen already: back to the first page
        await pair_view.turn(message, state, speak, dialogue, "main")
        return
    await pair_view.choices.keep(query.from_user.id, choices)
    if callback_data.what == "size":  # no change to a sketch
        await pair_view.turn(message, state, speak, dialogue, "main")
        return
    changed = dialogue.with_pair(dialogue.pair.changed())
    await pair_view.update(message, state, speak, changed, pictured=message.text is None)


async def swap(query: CallbackQuery, state: FSMContext, speak: Texts, pair_view: PairView) -> None:
    """Have photo and painting change places."""
    if (found := await _current(query, state, speak, pair_view)) is None:
        return
    await answer(query)
    message, dialogue = found
    swapped = dialogue.with_pair(dialogue.pair.swap())
    await pair_view.update(message, state, speak, swapped, pictured=message.text is None)


async def weigh(
    query: CallbackQuery,
    callback_data: Weigh,
    state: FSMContext,
    speak: Texts,
    pair_view: PairView,
) -> None:
    """Give a style of the mix more or less weight, or take it out."""
    if (found := await _current(query, state, speak, pair_view)) is None:
        return
    await answer(query)
    message, dialogue = found
    pair, number = dialogue.pair, callback_data.style
    if not (0 <= number < len(pair.styles) and len(pair.styles) > 1):
        await pair_view.turn(message, state, speak, dialogue, "styles")
        return
    if callback_data.change == "out":
        pair = pair.without_style(number)
    else:
        pair = pair.weighed(number, 1 if callback_data.change == "more" else -1)
    await pair_view.update(
        message,
        state,
        speak,
        dialogue.with_pair(pair),
        view="styles",
        pictured=message.text is None,
    )


async def mix(query: CallbackQuery, state: FSMContext, speak: Texts, pair_view: PairView) -> None:
    """Ask for one more style: the next picture is that."""
    if (found := await _current(query, state, speak, pair_view)) is None:
        return
    message, dialogue = found
    if not dialogue.pair.room_for_styles:
        await answer(query, speak("mix-full"), alert=True)
        return
    await answer(query)
    await dialogue.with_pair(dataclasses.replace(dialogue.pair, adding=True)).save(state)
    await message.answer(speak("mix-ask"), reply_markup=gallery.open_button(speak))


async def discard(
    query: CallbackQuery, state: FSMContext, speak: Texts, pair_view: PairView
) -> None:
    """Forget all pictures."""
    if (found := await _current(query, state, speak, pair_view)) is None:
        return
    await answer(query)
    await state.clear()
    await state.set_state(Painting.content)
    await reword(found[0], speak("discarded"))


async def _current(
    query: CallbackQuery, state: FSMContext, speak: Texts, pair_view: PairView
) -> tuple[Message, Dialogue] | None:
    """The message and the dialogue, where the button is of the pair that is there now.

    Otherwise the person is told that it isn't.
    """
    found = await pair_view.current(query, state)
    if found is None:
        await answer(query)
        if isinstance(query.message, Message):
            await reword(query.message, speak("pair-gone"))
    return found
