"""/styles: a gallery to leaf through in one message, for people without a painting at hand."""

from __future__ import annotations

import contextlib

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from data.gallery import SHEET, STYLES, style
from handlers.users.pair.table import Picture, Table
from handlers.users.pair.view import Desk
from keyboards import gallery as keyboards
from keyboards.gallery import Close, Page, Recent, Take, TakeRecent
from states import Painting
from utils.telegram.answer import answer
from utils.telegram.file_cache import GalleryFiles, key, neighbours, show
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


async def styles(message: Message, speak: Texts, gallery: GalleryFiles) -> None:
    """The gallery's first page, as a message of its own."""
    assert message.from_user
    await _open(message, message.from_user.id, speak, gallery)


async def page(
    query: CallbackQuery, callback_data: Page, speak: Texts, gallery: GalleryFiles
) -> None:
    """Another page in the same message; from a message that is no page, the first one below it."""
    await answer(query)
    message = query.message
    if not isinstance(message, Message):
        return
    if not (message.photo or message.document):
        await message.edit_reply_markup()
        return await _open(message, query.from_user.id, speak, gallery)
    chosen = style(callback_data.name)
    if chosen is None:  # the first page, or a style that no longer hangs here
        caption, keyboard = await _overview(query.from_user.id, speak, gallery)
        await gallery.turn(message, SHEET, caption, keyboard)
        return
    caption = speak(
        "gallery-one",
        title=speak(f"title-{chosen.name}"),
        number=str(1 + STYLES.index(chosen)),
        all=str(len(STYLES)),
    )
    keyboard = keyboards.one(speak, chosen.name, *neighbours(chosen.name))
    await gallery.turn(message, chosen.card, caption, keyboard)


async def recent(
    query: CallbackQuery, callback_data: Recent, speak: Texts, gallery: GalleryFiles
) -> None:
    """One of the pictures that this person used as styles last."""
    await answer(query)
    used = await gallery.recent(query.from_user.id)
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
    gallery: GalleryFiles,
    desk: Desk,
) -> None:
    """The page becomes the painting itself, which from now on is as good as a sent one."""
    await answer(query)
    chosen = style(callback_data.name)
    if not isinstance(query.message, Message) or chosen is None:
        return
    caption = speak("gallery-taken", title=speak(f"title-{chosen.name}"))
    file_id = await gallery.turn(query.message, chosen.picture, caption, None)
    await _lay(query.message, query.from_user.id, file_id, state=state, speak=speak, desk=desk)


async def take_recent(
    query: CallbackQuery,
    callback_data: TakeRecent,
    *,
    state: FSMContext,
    speak: Texts,
    gallery: GalleryFiles,
    desk: Desk,
) -> None:
    """The same with a picture of the person's own."""
    await answer(query)
    used = {key(file_id): file_id for file_id in await gallery.recent(query.from_user.id)}
    file_id = used.get(callback_data.key)
    if not isinstance(query.message, Message):
        return
    if file_id is None:
        return await answer_gone(query.message, speak)
    with contextlib.suppress(TelegramBadRequest):  # a second tap found it done
        await query.message.edit_caption(caption=speak("gallery-retaken"))
    await _lay(query.message, query.from_user.id, file_id, state=state, speak=speak, desk=desk)


async def _lay(
    message: Message, user_id: int, file_id: str, *, state: FSMContext, speak: Texts, desk: Desk
) -> None:
    """What `message` shows is a style on the person's table, whatever lies there already."""
    table = Table.read(await state.get_data())
    if any(style["message"] == message.message_id for style in table.styles):
        return  # a second tap on the same page
    new: Picture = {"file_id": file_id, "message": message.message_id, "album": None}
    if table.complete and table.adding and table.room_for_styles:
        await desk.lay(message, user_id, state, speak, table.with_style(new))
    elif table.content:
        await desk.lay(
            *(message, user_id, state, speak), table.changed(styles=(new,), swapped=False)
        )
    else:
        await state.set_data(Table(styles=(new,)).data())
        await state.set_state(Painting.photo)
        await message.answer(speak("got-style"))
    if desk.sketching:
        desk.sketching.expect(new)


async def close(query: CallbackQuery) -> None:
    """Away with it."""
    await answer(query)
    if isinstance(query.message, Message):
        try:
            await query.message.delete()
        except TelegramBadRequest:  # too old to be deleted
            await query.message.edit_reply_markup()


async def answer_gone(message: Message, speak: Texts) -> None:
    """A style that Telegram, or we, no longer have."""
    await message.answer(speak("gallery-gone"))


async def _open(message: Message, user_id: int, speak: Texts, gallery: GalleryFiles) -> None:
    caption, keyboard = await _overview(user_id, speak, gallery)
    await gallery.send(message, SHEET, caption, keyboard)


async def _overview(
    user_id: int, speak: Texts, gallery: GalleryFiles
) -> tuple[str, InlineKeyboardMarkup]:
    names = [style.name for style in STYLES]
    titles = " · ".join(f"{i}. {speak(f'title-{name}')}" for i, name in enumerate(names, start=1))
    has_recent = bool(await gallery.recent(user_id))
    return (
        speak("gallery-all", titles=titles),
        keyboards.overview(speak, names, recent=has_recent),
    )
