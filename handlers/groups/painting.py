"""In groups: reply to a photo with /style and a painting, and the picture comes as a reply.

Telegram shows a bot in a group commands and replies to its own messages. It answers those and is
quiet otherwise. Where the painting doesn't come with the command, it asks for it: the question is a
message of its own, so that the answer reaches it.
"""

from __future__ import annotations

import contextlib
import dataclasses

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject
from aiogram.fsm.context import FSMContext
from aiogram.types import ForceReply, Message

from data.gallery import Style, find
from handlers.users.painting import refused, show_place
from handlers.users.pair.table import Picture, Table
from handlers.users.pair.view import Desk
from handlers.users.pictures import FETCH_LIMIT_MB, is_picture, picture_of
from jobs.line.queue import PaintingQueue, Refusal
from utils.telegram.file_cache import GalleryFiles
from utils.texts import Texts

_QUESTIONS = 5  # of one person in one group that may be open


def router() -> Router:
    """Groups and supergroups."""
    router = Router(name="groups")
    router.message.filter(F.chat.type.in_({ChatType.GROUP, ChatType.SUPERGROUP}))
    router.message.register(style, Command("style"))
    router.message.register(hint, Command("start", "help"))
    router.message.register(reply, F.reply_to_message.from_user.is_bot, _to_us)
    return router


def _to_us(message: Message) -> bool:
    """Whether it answers a message of this very bot."""
    answered = message.reply_to_message
    return bool(
        answered
        and answered.from_user
        and message.bot
        and answered.from_user.id == message.bot.id
        and not (message.text or "").startswith("/")
    )


async def hint(message: Message, speak: Texts) -> None:
    """How to have something painted here."""
    await message.reply(speak("group-hint"))


async def style(
    message: Message,
    command: CommandObject,
    state: FSMContext,
    *,
    queue: PaintingQueue,
    desk: Desk,
    gallery: GalleryFiles,
    speak: Texts,
) -> None:
    """A photo is answered with a painting or a name of the gallery's; else the bot asks."""
    original = message.reply_to_message
    if original is None or not is_picture(original):
        await message.reply(speak("group-hint"))
        return
    content = picture_of(original)
    if is_picture(message):
        await _promise(message, content, picture_of(message), speak, queue, desk=desk)
    elif command.args and (named := find(command.args)):
        hung = await _hung(message, named, gallery, speak)
        await _promise(message, content, hung, speak, queue, desk=desk)
    else:
        await _ask(message, content, state, speak)


async def reply(
    message: Message, state: FSMContext, queue: PaintingQueue, desk: Desk, speak: Texts
) -> None:
    """The painting that was asked for, or one more for a photo that was painted already."""
    answered = message.reply_to_message
    assert answered
    data = await state.get_data()
    asked = data.get("questions", {}).get(str(answered.message_id))
    if not is_picture(message):
        if asked or not answered.photo:  # words under a painting are for the others
            await message.reply(speak("group-hint"))
        return
    if asked:
        await _promise(message, asked, picture_of(message), speak, queue, desk=desk)
    elif record := await queue.paintings.by_result(message.chat.id, answered.message_id):
        again: Picture = {"file_id": record.request.content, "message": record.request.reply_to}
        if shape := record.request.shape:
            again |= {"width": shape[0], "height": shape[1]}
        await _promise(message, again, picture_of(message), speak, queue, desk=desk)
    else:
        await message.reply(speak("group-hint"))


async def _ask(message: Message, content: Picture, state: FSMContext, speak: Texts) -> None:
    """Ask this person for the painting; their reply to the question brings it."""
    question = await message.reply(
        speak("group-ask"),
        reply_markup=ForceReply(selective=True, input_field_placeholder=speak("group-ask-short")),
    )
    questions = (await state.get_data()).get("questions", {})
    newest = [*questions.items(), (str(question.message_id), content)][-_QUESTIONS:]
    await state.update_data(questions=dict(newest))


async def _hung(message: Message, style: Style, gallery: GalleryFiles, speak: Texts) -> Picture:
    """A painting of the gallery; Telegram may have to see it once to have a reference to it."""
    file_id = await gallery.file_id(style.picture)
    if file_id is None:
        shown = await gallery.send(message, style.picture, speak(f"title-{style.name}"), None)
        with contextlib.suppress(TelegramBadRequest):
            await shown.delete()  # the reference outlives it
        file_id = await gallery.file_id(style.picture)
        assert file_id
    return {"file_id": file_id, "message": message.message_id, "album": None}


async def _promise(
    message: Message,
    content: Picture,
    style: Picture,
    speak: Texts,
    queue: PaintingQueue,
    *,
    desk: Desk,
) -> None:
    """Put it in line for whoever sent `message`, the way they like it.

    The status message answers them.
    """
    if message.from_user is None:
        return
    asked_by = f"{message.chat.id}:{message.message_id}"
    if await queue.paintings.asked_by(asked_by):
        return  # this message has come before, and its handler was killed
    if any(_too_large(part) for part in (message, message.reply_to_message)):
        await message.reply(speak("file-too-big", limit=FETCH_LIMIT_MB))
        return
    status = await message.reply(speak("preparing"))
    choices = await desk.choices.of(message.from_user.id)
    request = dataclasses.replace(
        desk.request(Table(content=content, styles=(style,)), choices, speak),
        thread=message.message_thread_id if message.is_topic_message else None,
    )
    outcome = await queue.promise(
        *(message.from_user.id, message.chat.id, status.message_id, request), asked_by=asked_by
    )
    if isinstance(outcome, Refusal):
        await status.edit_text(refused(outcome, speak, group=True))
        return
    await show_place(status, outcome, speak, queue, desk.estimates)


def _too_large(message: Message | None) -> bool:
    document = message.document if message else None
    return document is not None and (document.file_size or 0) > FETCH_LIMIT_MB * 1024 * 1024
