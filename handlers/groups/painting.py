"""In groups: reply to a photo with /style and a painting, and the picture comes as a reply.

Telegram shows a bot in a group commands and replies to its own messages. It answers those and is
quiet otherwise. Where the painting doesn't come with the command, the bot asks for it: the question
is a message of its own, so that the answer reaches it.
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
from handlers.users.pair.ordering import order
from handlers.users.pair.received import FETCH_LIMIT_MB, is_picture, is_too_large, picture_of
from handlers.users.pair.reuse import photo_of
from handlers.users.pair.view import PairView
from jobs.line.queue import PaintingQueue
from nst.choices import MOST_STYLES
from states.dialogue import GroupDialogue, Pair, Picture
from utils.telegram.file_cache import FileCache
from utils.telegram.requester import requester
from utils.texts import Texts

_ALBUM_COMES_WITHIN = 3  # seconds from an album's first item to its last


def router() -> Router:
    """Groups and supergroups."""
    router = Router(name="groups")
    router.message.filter(F.chat.type.in_({ChatType.GROUP, ChatType.SUPERGROUP}))
    router.message.register(style, Command("style"))
    router.message.register(hint, Command("start", "help"))
    router.message.register(reply, F.reply_to_message.from_user.is_bot, _to_us)
    return router


def _to_us(message: Message) -> bool:
    """Whether it is a reply to a message of this very bot, and no command."""
    answered = message.reply_to_message
    return bool(
        answered
        and answered.from_user
        and message.bot
        and answered.from_user.id == message.bot.id
        and not (message.text or "").startswith("/")
    )


async def hint(message: Message, speak: Texts) -> None:
    """Say how to have something painted here."""
    await _hint(message, speak)


async def _hint(message: Message, speak: Texts) -> None:
    """Say it with the bot's name in the command: Telegram brings a bare one to some bots only."""
    assert message.bot
    me = await message.bot.me()
    await message.reply(speak("group-hint", bot=me.username or ""))


async def style(
    message: Message,
    command: CommandObject,
    state: FSMContext,
    *,
    queue: PaintingQueue,
    pair_view: PairView,
    files: FileCache,
    speak: Texts,
) -> None:
    """Paint the photo that is replied to, or ask for the painting where none comes along."""
    original = message.reply_to_message
    if original is None or not is_picture(original):
        await _hint(message, speak)
        return
    photo = picture_of(original)
    if is_picture(message):
        await _paint(message, Pair(photo, (picture_of(message),)), speak, queue, pair_view)
    elif command.args and (named := find(command.args)):
        painting = await _of_gallery(message, named, files, speak)
        await _paint(message, Pair(photo, (painting,)), speak, queue, pair_view)
    else:
        await _ask(message, photo, state, speak)


async def reply(
    message: Message, state: FSMContext, queue: PaintingQueue, pair_view: PairView, speak: Texts
) -> None:
    """Take the painting that was asked for, or another one for a photo that was painted already."""
    answered = message.reply_to_message
    assert answered
    photo = (await GroupDialogue.load(state)).questions.get(answered.message_id)
    if not is_picture(message):
        if photo or not answered.photo:  # words under a painting are for the others
            await _hint(message, speak)
        return
    if photo is None and (
        record := await queue.paintings.by_result(message.chat.id, answered.message_id)
    ):
        photo = photo_of(record.request).content
    if photo is None:
        await _hint(message, speak)
        return
    await _paint(message, Pair(photo, (picture_of(message),)), speak, queue, pair_view)


async def _ask(message: Message, photo: Picture, state: FSMContext, speak: Texts) -> None:
    """Ask this person for the painting; their reply to the question brings it."""
    question = await message.reply(
        speak("group-ask"),
        reply_markup=ForceReply(selective=True, input_field_placeholder=speak("group-ask-short")),
    )
    dialogue = await GroupDialogue.load(state)
    await dialogue.with_question(question.message_id, photo).save(state)


async def _of_gallery(message: Message, style: Style, files: FileCache, speak: Texts) -> Picture:
    """A painting of the gallery; it is shown once where Telegram has no file id for it yet."""
    file_id = await files.file_id(style.picture)
    if file_id is None:
        shown = await files.send(message, style.picture, speak(f"title-{style.name}"))
        with contextlib.suppress(TelegramBadRequest):
            await shown.delete()  # the file id outlives it
        file_id = await files.file_id(style.picture)
        assert file_id
    return Picture(file_id=file_id, message=message.message_id)


async def _paint(
    message: Message, pair: Pair, speak: Texts, queue: PaintingQueue, pair_view: PairView
) -> None:
    """Put the pair in line for the sender of `message`, with the choices they made last.

    The status message is a reply to `message`.
    """
    asking = requester(message)
    if asking is None:
        return
    # All items of an album answer the message that was answered, and are one order.
    asked_by = f"{message.chat.id}:{message.media_group_id or message.message_id}"
    if earlier := await queue.paintings.asked_by(asked_by):
        if message.media_group_id:  # else it has come before, and its handler was killed
            style = pair.styles[0].file_id
            await queue.paintings.add_style(earlier.id, style, limit=MOST_STYLES)
        return
    if any(part and is_too_large(part) for part in (message, message.reply_to_message)):
        await message.reply(speak("file-too-big", limit=FETCH_LIMIT_MB))
        return
    status = await message.reply(speak("preparing"))
    choices = await pair_view.choices.of(asking)
    request = dataclasses.replace(
        pair_view.request(pair, choices, speak),
        reply_to=message.message_id,  # who asked is told that it is there
        thread=message.message_thread_id if message.is_topic_message else None,
    )
    await order(
        status,
        asking,
        request,
        asked_by=asked_by,
        delay=_ALBUM_COMES_WITHIN if message.media_group_id else 0,
        speak=speak,
        queue=queue,
        estimates=pair_view.estimates,
    )
