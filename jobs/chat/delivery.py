"""Brings a finished painting to the person who waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import (
    FSInputFile,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)

from database.figures import Figures
from database.paintings import Paintings
from database.records import ENDED_STATES, REMOVE, PaintingRecord
from jobs.chat.status import CHAT_GONE, StatusMessage
from jobs.chat.wording import caption
from jobs.worker.fetch import download
from keyboards import inline
from utils.texts import Texts, texts

log = logging.getLogger(__name__)

T = TypeVar("T")
_LET_END = 5.0  # seconds
_PLACES = 3  # announcements, should the person delete them
_NO_PLACE = ("message to edit not found", "message can't be edited")
_NO_PHOTO = ("PHOTO_INVALID_DIMENSIONS", "IMAGE_PROCESS_FAILED", "PHOTO_SAVE_FILE_INVALID")
_WAITS = (1, 2, 5, 10, 20, 30, 60, 60, 60, 60)  # seconds between tries; then the queue's turn


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """What is delivered. Paths on this machine; sizes in pixels."""

    photo: Path
    picture: Path
    width: int
    height: int
    seconds: float
    peak_mb: float


class NobodyThere(Exception):
    """The person blocked the bot, or the chat is gone: nothing can be delivered, ever."""

    def __init__(self, failure: str, reason: str) -> None:
        self.failure = failure
        super().__init__(reason)


class HeldElsewhere(Exception):
    """Another attempt has begun since: this one was given up for lost, and delivers nothing."""


class Delivery:
    """Brings the photo in reply, exactly once, and keeps Telegram's reference to the file.

    The full-quality file is kept by Telegram alone: the status message turns into it for a moment,
    which tells its file id. From then on the record says "sending": should this process die, its
    successor fetches that file and sends it, and nothing is painted twice.

    A message that was sent can't be recognised when the answer got lost, and sending it again
    would be a second painting in the chat. So a short message announces the painting, its number
    is noted, and that message turns into the photo: an edit may be repeated by anyone at any time.

    A machine that was cut off may come back with a painting that another one has by now. So both
    notes are made by whoever holds the record, in the statement that asks for it, and before each
    try to say something it is asked who that is.
    """

    def __init__(self, bot: Bot, paintings: Paintings, figures: Figures) -> None:
        self._bot = bot
        self._paintings = paintings
        self._figures = figures

    async def deliver(self, record: PaintingRecord, result: Result, status: StatusMessage) -> bool:
        """Keep, send, note; False when the person stopped it at the last moment.

        Raises `HeldElsewhere`.
        """
        speak = texts(record.request.locale)
        with _nobody_there():
            file_id = await self._keep_file(record, status, result.picture, speak)
            if not await self._paintings.update(
                record.id,
                unless=ENDED_STATES,
                held_by=record.holder,
                state="sending",
                width=result.width,
                height=result.height,
                seconds=result.seconds,
                peak_mb=result.peak_mb,
                file_id=file_id,
            ):
                await self._ask_who_holds(record)
                return False
            await _uninterrupted(self._send(record, result, status))
        return True

    async def resume(self, record: PaintingRecord, folder: Path, status: StatusMessage) -> bool:
        """Send a painting whose sender died; False when its file is no longer to be had."""
        if record.file_id is None or record.width is None or record.height is None:
            return False
        picture = folder / "painting.png"
        try:
            await download(self._bot, record.file_id, picture)
        except TelegramBadRequest:
            return False
        result = Result(
            photo=picture,
            picture=picture,
            width=record.width,
            height=record.height,
            seconds=record.seconds or 0.0,
            peak_mb=record.peak_mb or 0.0,
        )
        with _nobody_there():
            await _uninterrupted(self._send(record, result, status))
        return True

    async def _send(self, record: PaintingRecord, result: Result, status: StatusMessage) -> None:
        message_id = record.result_message_id
        for attempt in range(1, _PLACES + 1):
            if message_id is None:
                message_id = await self._announce(record, status)
            try:
                await self._show(record, result, status.chat_id, message_id)
                break
            except TelegramMigrateToChat as error:
                await status.move(error.migrate_to_chat_id)
            except TelegramBadRequest as error:
                if attempt == _PLACES or not any(words in error.message for words in _NO_PLACE):
                    raise
            message_id = None  # deleted meanwhile, or in the group of before: announce it anew
        await self._paintings.update(record.id, state="done", last_word=REMOVE)
        if await status.remove():
            await self._paintings.update(record.id, last_word=None)

    async def _announce(self, record: PaintingRecord, status: StatusMessage) -> int:
        """The message that will be the painting; it is also what a phone rings for."""

        async def send() -> Message:
            await self._ask_who_holds(record)
            return await self._bot.send_message(
                chat_id=status.chat_id,
                text=texts(record.request.locale)("result-ready"),
                message_thread_id=record.request.thread,
                reply_parameters=ReplyParameters(
                    message_id=record.request.reply_to, allow_sending_without_reply=True
                ),
            )

        try:
            sent = await _insist(send)
        except TelegramMigrateToChat as error:
            await status.move(error.migrate_to_chat_id)
            sent = await _insist(send)
        if not await self._paintings.update(
            record.id, held_by=record.holder, result_message_id=sent.message_id
        ):
            with contextlib.suppress(TelegramAPIError):
                await self._bot.delete_message(status.chat_id, sent.message_id)
            raise HeldElsewhere(record.id)
        return sent.message_id

    async def _ask_who_holds(self, record: PaintingRecord) -> None:
        current = await self._paintings.get(record.id)
        if current is not None and current.holder != record.holder:
            raise HeldElsewhere(record.id)

    async def _show(
        self, record: PaintingRecord, result: Result, chat_id: int, message_id: int
    ) -> None:
        """Turn that message into the painting; as a file, where it has no shape for a photo."""
        speak = texts(record.request.locale)
        size = (result.width, result.height)
        said = caption(record.request, size, result.seconds, speak)
        media: InputMediaPhoto | InputMediaDocument = InputMediaPhoto(
            media=FSInputFile(result.photo, filename=f"painting{result.photo.suffix}"),
            caption=said,
        )

        keyboard = inline.result(
            *(speak, record.id),
            group=record.chat_id < 0,
            figures=await self._figures.wanted_by(record.user_id),
        )

        async def edit() -> Message | bool:
            return await self._bot.edit_message_media(
                chat_id=chat_id,
                message_id=message_id,
                media=media,
                reply_markup=keyboard,
            )

        try:
            await _insist(edit)
        except TelegramBadRequest as error:
            if "not modified" in error.message:
                return  # an edit whose answer was lost
            if not any(words in error.message for words in _NO_PHOTO):
                raise
            media = InputMediaDocument(
                media=FSInputFile(result.picture, filename="painting.png"), caption=said
            )
            await _insist(edit)

    async def _keep_file(
        self, record: PaintingRecord, status: StatusMessage, picture: Path, speak: Texts
    ) -> str | None:
        """Upload the file through the status message; its file id, or None when that fails."""

        async def keep() -> Message | bool:
            await self._ask_who_holds(record)
            return await self._bot.edit_message_media(
                chat_id=status.chat_id,
                message_id=status.message_id,
                media=InputMediaDocument(
                    media=FSInputFile(picture, filename="painting.png"), caption=speak("sending")
                ),
            )

        try:
            message = await _uninterrupted(_insist(keep))
        except TelegramMigrateToChat as error:
            await status.move(error.migrate_to_chat_id)
            return None
        except (TelegramBadRequest, TelegramEntityTooLarge) as error:
            if CHAT_GONE in str(error):
                raise
            log.warning("chat %d: the full-quality file was not kept: %s", status.chat_id, error)
            return None
        if isinstance(message, Message) and message.document:
            return message.document.file_id
        return None


@contextlib.contextmanager
def _nobody_there() -> Iterator[None]:
    try:
        yield
    except TelegramForbiddenError as error:
        raise NobodyThere("blocked", error.message) from error
    except TelegramBadRequest as error:
        if CHAT_GONE not in error.message:
            raise
        raise NobodyThere("chat_gone", error.message) from error


async def _uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Let `work` end before a cancellation goes on, for a while: a request that Telegram already
    has would otherwise take effect after the words that explain the cancellation.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=_LET_END)
        task.cancel()
        raise


async def _insist(call: Callable[[], Awaitable[T]]) -> T:
    """Call until it works: a painting at hand is worth some minutes of waiting."""
    for wait in _WAITS:
        try:
            return await call()
        except TelegramEntityTooLarge:
            raise
        except TelegramRetryAfter as error:
            log.info("asked to wait %d s before sending", error.retry_after)
            await asyncio.sleep(error.retry_after)
        except (TelegramNetworkError, TelegramServerError) as error:
            log.warning("not sent, trying again in %d s: %s", wait, error)
            await asyncio.sleep(wait)
    return await call()
