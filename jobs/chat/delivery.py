"""Sends a finished painting to the person who waits for it."""

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

from data.life import ChatUnreachable, Failure, TakenOver
from database.paintings import Paintings
from database.records import PaintingRecord
from jobs.chat.figures import Developers
from jobs.chat.status import CHAT_GONE, StatusMessage
from jobs.chat.wording import caption
from keyboards import inline
from utils.telegram.bot import optional
from utils.telegram.download import download
from utils.texts import Texts, texts

log = logging.getLogger(__name__)

T = TypeVar("T")
_LET_END = 5.0  # seconds that a request under way gets when the painting is cancelled
_ANNOUNCEMENTS = 3  # should the person delete them
_MESSAGE_GONE = ("message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID")
_PHOTO_BYTES = 10_000_000
_PHOTO_SIDES = 10_000  # pixels, width and height together
_PHOTO_RATIO = 20
"""What Telegram takes for a photo; the rest is sent as a file."""
_MOST_WAIT = 5  # seconds that Telegram may ask to wait here; longer waits are the queue's
_WAITS = (1, 2)  # seconds between tries; then the queue's turn, and somebody else is painted for
FILE_WITHIN = 120
"""Seconds that the full-quality file may take: it is an extra, and the photo waits meanwhile."""


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """A finished painting: files on this machine, its size in pixels, what it took."""

    photo: Path
    picture: Path
    width: int
    height: int
    seconds: float
    peak_mb: float
    """The child's highest anonymous memory, in MB (10⁶ bytes)."""


class Delivery:
    """Sends the photo in reply, exactly once, and keeps Telegram's reference to the file.

    Only Telegram keeps the full-quality file: the status message turns into it for a moment, which
    tells its file id. From then on the record's state is "sending": should this process die, the
    next one fetches that file and sends it, and nothing is painted twice.

    A message that was sent can't be recognised when the answer got lost, and sending it again
    would be a second painting in the chat. So a short message announces the painting, its number
    is noted, and that message turns into the photo: an edit may be repeated at any time.

    A machine that was cut off may come back with a painting that another one has by now. So both
    notes are conditional, in the same SQL statement, on this attempt being the record's holder,
    and before each try to send something the holder is read again.
    """

    def __init__(self, bot: Bot, paintings: Paintings, developers: Developers) -> None:
        self._bot = optional(bot)  # `_until_answered` and the queue make further tries
        self._paintings = paintings
        self._developers = developers

    async def deliver(self, record: PaintingRecord, result: Result, status: StatusMessage) -> bool:
        """Keep the file, send the picture, note both; False when it was stopped meanwhile.

        Raises `ChatUnreachable` and `TakenOver`.
        """
        speak = texts(record.request.locale)
        with _unreachable_chats():
            file_id = await self._keep_file(record, status, result.picture, speak)
            if not await self._paintings.sending(
                record.id,
                held_by=record.holder,
                width=result.width,
                height=result.height,
                seconds=result.seconds,
                peak_mb=result.peak_mb,
                file_id=file_id,
            ):
                await self._check_holder(record)
                return False
            await _uninterrupted(self._send(record, result, status))
        return True

    async def resume(self, record: PaintingRecord, folder: Path, status: StatusMessage) -> bool:
        """Send a painting whose sender died; False when Telegram no longer has its file.

        Raises `ChatUnreachable` and `TakenOver`.
        """
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
        with _unreachable_chats():
            await _uninterrupted(self._send(record, result, status))
        return True

    async def _send(self, record: PaintingRecord, result: Result, status: StatusMessage) -> None:
        message_id = record.result_message_id
        for attempt in range(1, _ANNOUNCEMENTS + 1):
            if message_id is None:
                message_id = await self._announce(record, status)
            try:
                await self._show(record, result, status.chat_id, message_id)
                break
            except TelegramMigrateToChat as error:
                await status.move(error.migrate_to_chat_id)
            except TelegramBadRequest as error:
                if attempt == _ANNOUNCEMENTS or not any(
                    words in error.message for words in _MESSAGE_GONE
                ):
                    raise
            message_id = None  # deleted meanwhile, or in the group of before: announce it anew
        await self._paintings.done(record.id)
        if await status.remove():
            await self._paintings.last_word_said(record.id)

    async def _announce(self, record: PaintingRecord, status: StatusMessage) -> int:
        """Send the message that will become the painting, which is also what a phone rings for.

        Returns its number.
        """

        async def send() -> Message:
            await self._check_holder(record)
            return await self._bot.send_message(
                chat_id=status.chat_id,
                text=texts(record.request.locale)("result-ready"),
                message_thread_id=record.request.thread,
                reply_parameters=ReplyParameters(
                    message_id=record.request.reply_to, allow_sending_without_reply=True
                ),
            )

        try:
            sent = await _until_answered(send)
        except TelegramMigrateToChat as error:
            await status.move(error.migrate_to_chat_id)
            sent = await _until_answered(send)
        if not await self._paintings.announce_result(
            record.id, sent.message_id, held_by=record.holder
        ):
            with contextlib.suppress(TelegramAPIError):
                await self._bot.delete_message(status.chat_id, sent.message_id)
            raise TakenOver(record.id)
        return sent.message_id

    async def _check_holder(self, record: PaintingRecord) -> None:
        """Raise `TakenOver` when another attempt holds the painting by now."""
        current = await self._paintings.get(record.id)
        if current is not None and current.holder != record.holder:
            raise TakenOver(record.id)

    async def _show(
        self, record: PaintingRecord, result: Result, chat_id: int, message_id: int
    ) -> None:
        """Turn the announcement into the painting: a file where Telegram takes it for no photo."""
        speak = texts(record.request.locale)
        size = (result.width, result.height)
        said = caption(record.request, size, result.seconds, speak)
        photo = InputMediaPhoto(
            media=FSInputFile(result.photo, filename=f"painting{result.photo.suffix}"),
            caption=said,
        )
        document = InputMediaDocument(
            media=record.file_id or FSInputFile(result.picture, filename="painting.png"),
            caption=said,
        )
        media = photo if _is_photo(result) else document
        keyboard = inline.result(
            speak,
            record.id,
            group=record.chat_id < 0,
            figures=await self._developers.include(record.user_id),
        )

        async def edit() -> Message | bool:
            return await self._bot.edit_message_media(
                chat_id=chat_id,
                message_id=message_id,
                media=media,
                reply_markup=keyboard,
            )

        try:
            await _until_answered(edit)
        except TelegramBadRequest as error:
            if "not modified" in error.message:
                return  # an edit whose answer was lost
            if media is document or any(
                words in error.message for words in (*_MESSAGE_GONE, CHAT_GONE)
            ):
                raise
            # Telegram has many words for a picture that it doesn't take for a photo, or a chat in
            # which photos are forbidden; for each of them a file may do.
            log.info("painting %s: not as a photo: %s", record.id, error)
            media = document
            await _until_answered(edit)

    async def _keep_file(
        self, record: PaintingRecord, status: StatusMessage, picture: Path, speak: Texts
    ) -> str | None:
        """Upload the file through the status message; its file id, or None when that fails.

        Nothing may depend on it: it has `FILE_WITHIN` seconds, a second try included.
        """

        async def keep() -> Message | bool:
            await self._check_holder(record)
            return await self._bot.edit_message_media(
                chat_id=status.chat_id,
                message_id=status.message_id,
                media=InputMediaDocument(
                    media=FSInputFile(picture, filename="painting.png"), caption=speak("sending")
                ),
                request_timeout=FILE_WITHIN,
            )

        try:
            async with asyncio.timeout(FILE_WITHIN):
                message = await _uninterrupted(_until_answered(keep))
        except TelegramMigrateToChat as error:
            await status.move(error.migrate_to_chat_id)
            return None
        except TelegramForbiddenError:
            raise
        except (TelegramAPIError, TimeoutError) as error:
            if CHAT_GONE in str(error):
                raise
            log.warning("chat %d: the full-quality file was not kept: %s", status.chat_id, error)
            return None
        if isinstance(message, Message) and message.document:
            return message.document.file_id
        return None


def _is_photo(result: Result) -> bool:
    """Whether Telegram takes it for a photo, by what its documentation says."""
    sides = (result.width, result.height)
    return (
        result.photo.stat().st_size <= _PHOTO_BYTES
        and sum(sides) <= _PHOTO_SIDES
        and max(sides) <= _PHOTO_RATIO * min(sides)
    )


@contextlib.contextmanager
def _unreachable_chats() -> Iterator[None]:
    """Turn Telegram's errors of blocked bots and deleted chats into `ChatUnreachable`."""
    try:
        yield
    except TelegramForbiddenError as error:
        raise ChatUnreachable(Failure.BLOCKED, error.message) from error
    except TelegramBadRequest as error:
        if CHAT_GONE not in error.message:
            raise
        raise ChatUnreachable(Failure.CHAT_GONE, error.message) from error


async def _uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """Await `work`; when cancelled, let it end first, for up to `_LET_END` seconds.

    A request that Telegram already has would otherwise take effect after the words that explain the
    cancellation.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=_LET_END)
        task.cancel()
        raise


async def _until_answered(call: Callable[[], Awaitable[T]]) -> T:
    """Call until it works, a few times: the longer waits are those of the queue."""
    for wait in _WAITS:
        try:
            return await call()
        except TelegramEntityTooLarge:
            raise
        except TelegramRetryAfter as error:
            if error.retry_after > _MOST_WAIT:
                raise
            await asyncio.sleep(error.retry_after)
        except (TelegramNetworkError, TelegramServerError) as error:
            log.warning("not sent, trying again in %d s: %s", wait, error)
            await asyncio.sleep(wait)
    return await call()
