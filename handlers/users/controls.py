"""The controls under the pair: each tap changes one thing and says how it is now."""

from __future__ import annotations

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.users.pair.table import Table
from handlers.users.pair.view import Desk
from keyboards import gallery
from keyboards.callbacks import Choose, Discard, Mix, Panel, Swap, Weigh
from nst.choices import HEAVIEST
from states import Painting
from utils.telegram.answer import answer
from utils.telegram.edit import reword
from utils.texts import Texts


def router() -> Router:
    """Everything but the start button."""
    router = Router(name="controls")
    router.callback_query.register(panel, Panel.filter())
    router.callback_query.register(choose, Choose.filter())
    router.callback_query.register(swap, Swap.filter())
    router.callback_query.register(weigh, Weigh.filter())
    router.callback_query.register(mix, Mix.filter())
    router.callback_query.register(discard, Discard.filter())
    return router


async def panel(
    query: CallbackQuery, callback_data: Panel, state: FSMContext, speak: Texts, desk: Desk
) -> None:
    """Turn to another page."""
    if (found := await _current(query, state, speak, desk)) is None:
        return
    await answer(query)
    await desk.turn(found[0], state, speak, query.from_user.id, callback_data.view)


async def choose(
    query: CallbackQuery,
    callback_data: Choose,
    state: FSMContext,
    speak: Texts,
    desk: Desk,
) -> None:
    """Choose a size, a strength, whose colours, a brush; remembered for next time."""
    if (found := await _current(query, state, speak, desk)) is None:
        return
    await answer(query)
    message, table = found
    user_id = query.from_user.id
    before = await desk.choices.of(user_id)
    choices = before.chosen(callback_data.what, callback_data.value)
    if choices is None or choices == before:  # forged, or chosen already: back to the first page
        await desk.turn(message, state, speak, user_id, "main")
        return
    await desk.choices.keep(user_id, choices)
    if callback_data.what == "size":  # a sketch has none
        await desk.turn(message, state, speak, user_id, "main")
        return
    await desk.update(
        *(message, state, speak, table.changed(), choices),
        pictured=message.text is None,
    )


async def swap(query: CallbackQuery, state: FSMContext, speak: Texts, desk: Desk) -> None:
    """Photo and painting change places."""
    if (found := await _current(query, state, speak, desk)) is None:
        return
    await answer(query)
    message, table = found
    choices = await desk.choices.of(query.from_user.id)
    await desk.update(
        *(message, state, speak, table.swap(), choices),
        pictured=message.text is None,
    )


async def weigh(
    query: CallbackQuery,
    callback_data: Weigh,
    state: FSMContext,
    speak: Texts,
    desk: Desk,
) -> None:
    """A style of the mix gets more or less weight, or is taken out."""
    if (found := await _current(query, state, speak, desk)) is None:
        return
    message, table = found
    number = callback_data.style
    if not (0 <= number < len(table.styles) and len(table.styles) > 1):
        await answer(query)
        await desk.turn(message, state, speak, query.from_user.id, "styles")
        return
    if callback_data.change == "out":
        table = table.without_style(number)
    else:
        table = table.weighed(number, 1 if callback_data.change == "more" else -1, HEAVIEST)
    await answer(query)
    choices = await desk.choices.of(query.from_user.id)
    await desk.update(
        *(message, state, speak, table, choices),
        view="styles",
        pictured=message.text is None,
    )


async def mix(query: CallbackQuery, state: FSMContext, speak: Texts, desk: Desk) -> None:
    """The next picture shall be one more style."""
    if (found := await _current(query, state, speak, desk)) is None:
        return
    message, table = found
    if not table.room_for_styles:
        await answer(query, speak("mix-full"), alert=True)
        return
    await answer(query)
    await state.update_data(adding=True)
    await message.answer(speak("mix-ask"), reply_markup=gallery.door(speak))


async def discard(query: CallbackQuery, state: FSMContext, speak: Texts, desk: Desk) -> None:
    """Forget all pictures."""
    if (found := await _current(query, state, speak, desk)) is None:
        return
    await answer(query)
    await state.clear()
    await state.set_state(Painting.content)
    await reword(found[0], speak("discarded"))


async def _current(
    query: CallbackQuery, state: FSMContext, speak: Texts, desk: Desk
) -> tuple[Message, Table] | None:
    """The message and the table, where the button is of the pair that lies there now."""
    found = await desk.current(query, state)
    if found is None:
        await answer(query)
        if isinstance(query.message, Message):
            await reword(query.message, speak("pair-gone"))
    return found
