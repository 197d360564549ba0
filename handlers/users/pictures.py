"""Collects the pictures: the photo first, then the painting, then maybe more paintings."""

from __future__ import annotations

import contextlib

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from handlers.users.pair.refusals import left_by_a_refusal
from handlers.users.pair.table import Picture, Table
from handlers.users.pair.view import Desk
from jobs.line.queue import PaintingQueue
from keyboards import gallery, inline
from keyboards.callbacks import Use
from nst.choices import MOST_STYLES
from states import Painting
from utils.telegram.answer import answer
from utils.telegram.edit import reword
from utils.texts import Texts

FETCH_LIMIT_MB = 20  # what Telegram lets a bot fetch
_NOT_PAINTABLE = ("image/svg+xml", "image/gif", "image/vnd.adobe.photoshop")
_PICTURE_NAMES = (
    *(".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif"),
    *(".tif", ".tiff", ".bmp"),
)
_WHOLE_FILE_MB = 4  # up to which a sketch fetches a file and not its thumbnail
_ENOUGH = 400
"""Pixels of the longest side that a sketch is content with."""


def is_picture(message: Message) -> bool:
    """A photo, or a file that says it is a still picture."""
    if message.photo:
        return True
    document = message.document
    if document is None or message.animation:
        return False
    mime = document.mime_type or ""
    if mime in _NOT_PAINTABLE:
        return False
    name = (document.file_name or "").lower()
    return mime.startswith("image/") or name.endswith(_PICTURE_NAMES)


def router() -> Router:
    """Pictures, and the question what a further one is."""
    router = Router(name="pictures")
    router.message.register(picture, is_picture)
    router.callback_query.register(use, Use.filter())
    return router


async def picture(
    message: Message, state: FSMContext, speak: Texts, desk: Desk, queue: PaintingQueue
) -> None:
    """Take a picture for what it most likely is."""
    assert message.from_user
    if message.document and (message.document.file_size or 0) > FETCH_LIMIT_MB * 1024 * 1024:
        await message.reply(speak("file-too-big", limit=FETCH_LIMIT_MB))
        return
    new = picture_of(message)
    data = await state.get_data()
    table = Table.read(data)
    user_id = message.from_user.id
    taken = [picture.get("message") for picture in (table.content, *table.styles) if picture]
    if new["message"] in taken:
        await _came_again(message, table, state=state, speak=speak, desk=desk)
        return

    if not data:
        table = await left_by_a_refusal(message, state, queue)
    if table.complete and table.adding and table.room_for_styles:
        await desk.lay(message, user_id, state, speak, table.with_style(new))
    elif new["album"]:
        if table.content and new["album"] in table.albums:
            await _album_goes_on(message, table, new, state=state, speak=speak, desk=desk)
        elif table.styles and not table.content:
            await desk.lay(message, user_id, state, speak, table.changed(content=new))
        else:
            # The first part of an album begins a new pair. The second follows at once: a word
            # now would only stand between them.
            await _first(new, state)
    elif table.complete:
        keyboard = inline.third(speak, mix=table.room_for_styles)
        question = await message.reply(speak("third-picture"), reply_markup=keyboard)
        spares = {**data.get("spares", {}), str(question.message_id): new}
        await state.update_data(spares=spares)
    elif table.content:
        await desk.lay(message, user_id, state, speak, table.changed(styles=(new,)))
    elif table.styles:
        await desk.lay(message, user_id, state, speak, table.changed(content=new))
    else:
        await _first(new, state)
        await message.reply(speak("got-content"), reply_markup=gallery.door(speak))
    if desk.sketching:
        desk.sketching.expect(new)


async def use(
    query: CallbackQuery, callback_data: Use, state: FSMContext, speak: Texts, desk: Desk
) -> None:
    """The picture that was asked about replaces one of the two, or is mixed in."""
    await answer(query)
    data = await state.get_data()
    table, message = Table.read(data), query.message
    spare = data.get("spares", {}).get(str(message.message_id)) if message else None
    if not (isinstance(message, Message) and spare and table.complete):
        if isinstance(message, Message):
            await reword(message, speak("pair-gone"))
        return
    with contextlib.suppress(TelegramBadRequest):  # too old to be deleted
        await message.delete()
    match callback_data.role:
        case "content":
            table = table.changed(content=spare)
        case "mix" if table.room_for_styles:
            table = table.with_style(spare)
        case _:
            table = table.changed(styles=(spare,))
    table = table.changed(swapped=False)
    await desk.lay(message, query.from_user.id, state, speak, table)


async def _came_again(
    message: Message, table: Table, *, state: FSMContext, speak: Texts, desk: Desk
) -> None:
    """It was taken, and whoever took it was killed before the answer: answer now."""
    assert message.from_user
    if table.complete:
        await desk.lay(message, message.from_user.id, state, speak, table)
    elif not message.media_group_id:
        await message.reply(speak("got-content"))


async def _first(new: Picture, state: FSMContext) -> None:
    """A pair begins."""
    await state.set_data(Table(content=new).data())
    await state.set_state(Painting.style)


async def _album_goes_on(
    message: Message,
    table: Table,
    new: Picture,
    *,
    state: FSMContext,
    speak: Texts,
    desk: Desk,
) -> None:
    """Its parts are styles, the first one the photo unless that came otherwise.

    Too many are left out, which is said once.
    """
    assert table.content and message.from_user
    # An album's parts may arrive in any order; their numbers are right. Where it came to pictures
    # that lay there already, they stay, and it is mixed in after them.
    laid = [part for part in (table.content, *table.styles) if part.get("album") == new["album"]]
    parts = sorted((*laid, new), key=lambda part: int(part["message"]))
    before = [style for style in table.styles if style not in laid]
    content = parts.pop(0) if table.content in laid else table.content
    styles = (*before, *parts)[:MOST_STYLES]
    swapped = table.swapped and table.content not in laid
    together = table.changed(content=content, styles=styles, swapped=swapped)
    if table.status_message is None:
        await desk.lay(message, message.from_user.id, state, speak, together)
    elif (content, styles) != (table.content, table.styles):
        choices = await desk.choices.of(message.from_user.id)
        await desk.update(message, state, speak, together, choices)
    if len(before) + len(parts) > MOST_STYLES and not (await state.get_data()).get("told_of_album"):
        await state.update_data(told_of_album=True)
        await message.reply(speak("too-many-styles", limit=MOST_STYLES))


def picture_of(message: Message) -> Picture:
    """What the dialogue remembers of a message with a picture."""
    known: Picture = {"message": message.message_id, "album": message.media_group_id}
    if message.photo:
        sizes = sorted(message.photo, key=lambda size: size.width * size.height)
        largest = sizes[-1]
        small = next((s for s in sizes if max(s.width, s.height) >= _ENOUGH), largest)
        size = {"width": largest.width, "height": largest.height}
        return {"file_id": largest.file_id, "small": small.file_id, **size, **known}
    document = message.document
    assert document
    small_enough = (document.file_size or 0) <= _WHOLE_FILE_MB * 1024 * 1024
    if small_enough or document.thumbnail is None:
        return {"file_id": document.file_id, **known}
    return {"file_id": document.file_id, "small": document.thumbnail.file_id, **known}
