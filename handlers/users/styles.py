"""/styles: the gallery, whose pages are shown in one message, to choose a painting from."""

from __future__ import annotations

import contextlib

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from data.gallery import SHEET, STYLES, style
from handlers.users.pair.meaning import Decision, meaning
from handlers.users.pair.view import PairView
from keyboards import gallery as keyboards
from keyboards.gallery import Close, Page, Recent, Take, TakeRecent
from states import Painting
from states.dialogue import Dialogue, Picture
from utils.telegram.answer import answer
from utils.telegram.file_cache import FileCache, key, neighbours, show
from utils.texts import Texts


def router() -> Router:
    """The command, and every button of the gallery."""
    router = Router(name="styles")
    router.message.register(styles, Command("styles"))
    router.callback_query.register(page, Page.filter())
    router.callback_query.register(recent, Recent.filter())
    router.callback_query.register(take, Take.filter())
    router.callback_query.register(take_recent, TakeRecent.filter())
    router.callback_query.register(close, Close.filter())
    return router


async def styles(message: Message, speak: Texts, files: FileCache) -> None:
    """Show the gallery's first page in a new message."""
    assert message.from_user
    await _open(message, message.from_user.id, speak, files)


async def page(query: CallbackQuery, callback_data: Page, speak: Texts, files: FileCache) -> None:
    """Show another page in the same message; below a message of words, the first page."""
    await answer(query)
    message = query.message
    if not isinstance(message, Message):
        return
    if not (message.photo or message.document):
        await message.edit_reply_markup()
        return await _open(message, query.from_user.id, speak, files)
    chosen = style(callback_data.name)
    if chosen is None:  # the first page, or a style that is no longer in the gallery
        caption, keyboard = await _overview(query.from_user.id, speak, files)
        await files.turn(message, SHEET, caption, keyboard)
        return
    caption = speak(
        "gallery-one",
        title=speak(f"title-{chosen.name}"),
        number=str(1 + STYLES.index(chosen)),
        all=str(len(STYLES)),
    )
    keyboard = keyboards.one(speak, chosen.name, *neighbours(chosen.name))
    await files.turn(message, chosen.card, caption, keyboard)


async def recent(
    query: CallbackQuery, callback_data: Recent, speak: Texts, files: FileCache
) -> None:
    """Show one of the pictures that this person used as styles last."""
    await answer(query)
    used = await files.recent(query.from_user.id)
    if not (isinstance(query.message, Message) and used):
        return
    keys = [key(file_id) for file_id in used]
    here = keys.index(callback_data.key) if callback_data.key in keys else 0
    caption = speak("gallery-recent", number=str(here + 1), all=str(len(used)))
    keyboard = keyboards.recent_one(speak, keys[here], keys[here - 1], keys[(here + 1) % len(keys)])
    try:
        await show(query.message, used[here], caption, keyboard)
    except TelegramBadRequest as error:
        if "not modified" not in error.message:
            await answer_gone(query.message, speak)


async def take(
    query: CallbackQuery,
    callback_data: Take,
    *,
    state: FSMContext,
    speak: Texts,
    files: FileCache,
    pair_view: PairView,
) -> None:
    """Take a painting of the gallery: its page becomes the painting itself."""
    await answer(query)
    chosen = style(callback_data.name)
    if not isinstance(query.message, Message) or chosen is None:
        return
    caption = speak("gallery-taken", title=speak(f"title-{chosen.name}"))
    file_id = await files.turn(query.message, chosen.picture, caption, None)
    await _use(query.message, file_id, state, speak, pair_view)


async def take_recent(
    query: CallbackQuery,
    callback_data: TakeRecent,
    *,
    state: FSMContext,
    speak: Texts,
    files: FileCache,
    pair_view: PairView,
) -> None:
    """Take a picture that the person has used before."""
    await answer(query)
    used = {key(file_id): file_id for file_id in await files.recent(query.from_user.id)}
    file_id = used.get(callback_data.key)
    if not isinstance(query.message, Message):
        return
    if file_id is None:
        return await answer_gone(query.message, speak)
    with contextlib.suppress(TelegramBadRequest):  # a second tap found it done
        await query.message.edit_caption(caption=speak("gallery-retaken"))
    await _use(query.message, file_id, state, speak, pair_view)


async def _use(
    message: Message, file_id: str, state: FSMContext, speak: Texts, pair_view: PairView
) -> None:
    """Take what `message` shows for the style, and show what has become of the pair."""
    new = Picture(file_id=file_id, message=message.message_id)
    meant = meaning(await Dialogue.load(state), new, chosen=True)
    match meant.decision:
        case Decision.CAME_AGAIN:  # a second tap on the same page
            return
        case Decision.FIRST_STYLE:
            await meant.dialogue.save(state)
            await state.set_state(Painting.photo)
            await message.answer(speak("got-style"))
        case _:
            await pair_view.show(message, state, speak, meant.dialogue)
    pair_view.expect_sketch(new)


async def close(query: CallbackQuery) -> None:
    """Delete the gallery's message."""
    await answer(query)
    if isinstance(query.message, Message):
        try:
            await query.message.delete()
        except TelegramBadRequest:  # too old to be deleted
            await query.message.edit_reply_markup()


async def answer_gone(message: Message, speak: Texts) -> None:
    """Say that Telegram, or the bot, no longer has the style."""
    await message.answer(speak("gallery-gone"))


async def _open(message: Message, user_id: int, speak: Texts, files: FileCache) -> None:
    caption, keyboard = await _overview(user_id, speak, files)
    await files.send(message, SHEET, caption, keyboard)


async def _overview(
    user_id: int, speak: Texts, files: FileCache
) -> tuple[str, InlineKeyboardMarkup]:
    names = [style.name for style in STYLES]
    titles = " · ".join(f"{i}. {speak(f'title-{name}')}" for i, name in enumerate(names, start=1))
    has_recent = bool(await files.recent(user_id))
    return (
        speak("gallery-all", titles=titles),
        keyboards.overview(speak, names, recent=has_recent),
    )
