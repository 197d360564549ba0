"""One painting's status message: edited in place, at most every few seconds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
)
from aiogram.types import FSInputFile, InlineKeyboardMarkup, InputMediaPhoto

from database.paintings import Paintings
from database.records import ENDED_STATES, PaintingRecord
from utils.telegram.edit import edit_words

log = logging.getLogger(__name__)

_WAITS = (3.0, 10.0)  # seconds until what must be seen is tried again
EDIT_EVERY = 3.5  # seconds; Telegram tolerates about one edit a second in a chat
_SOON = EDIT_EVERY + 0.5
CHAT_GONE = "chat not found"

EDIT_EVERY_IN_GROUPS = 8.0  # seconds; a group takes twenty messages of a bot in a minute


class StatusMessage:
    """Shows the latest text without ever waiting for Telegram, and never fails a painting.

    `show` is for progress: too early, and it is dropped, since another will follow. `say` is for
    what must be seen: it is always sent. Where the message can't be edited (the person deleted it,
    or it holds a file by now) a new one takes its place, in the record too.

    A machine that was cut off may find that another one has the painting by now. So whoever has to
    prove that it is still theirs has progress shown for so long only as that was proved (`trust`).
    """

    def __init__(self, bot: Bot, paintings: Paintings, record: PaintingRecord) -> None:
        self._bot = bot
        self._paintings = paintings
        self._painting = record.id
        self.chat_id = record.chat_id
        self.message_id = record.status_message_id
        self._holder = record.holder
        self._pictured = False
        self._thread = record.request.thread
        self._every = EDIT_EVERY if self.chat_id > 0 else EDIT_EVERY_IN_GROUPS
        self._next = 0.0
        self._running: asyncio.Task[bool] | None = None
        self._waits = False
        self._until: float | None = None
        self._limit: asyncio.Timeout | None = None

    def trust(self, until: float) -> None:
        """Show progress up to this moment of the loop's time, unless it is said again by then."""
        self._until = until
        if self._limit and not self._limit.expired():
            self._limit.reschedule(until)

    def soon(self, text: str, keyboard: InlineKeyboardMarkup | None) -> None:
        """Edit in the background a few seconds from now, unless there is something newer by then.

        For the first words: whoever put the painting in line may have edited a moment ago.
        """

        async def wait() -> bool:
            await asyncio.sleep(_SOON)
            self._waits = False
            return await self._edit(text, keyboard)

        self._waits = True
        self._next = asyncio.get_running_loop().time() + EDIT_EVERY
        self._running = asyncio.create_task(self._while_trusted(wait))

    def show(
        self, text: str, keyboard: InlineKeyboardMarkup | None, picture: Path | None = None
    ) -> bool:
        """Edit in the background, if an edit is due; whether it was.

        With a `picture` the message becomes, or stays, a photo of it.
        """
        now = asyncio.get_running_loop().time()
        if self._until is not None and now >= self._until:
            return False
        if now < self._next or (self._running and not self._running.done() and not self._waits):
            return False
        self._forget_what_waits()
        self._next = now + self._every
        self._running = asyncio.create_task(
            self._while_trusted(lambda: self._edit(text, keyboard, picture))
        )
        return True

    async def say(
        self, text: str, keyboard: InlineKeyboardMarkup | None = None, *, last: bool = False
    ) -> bool:
        """Edit now, after any edit that is under way, and again when Telegram is away.

        Of a painting that has ended only the `last` word is still said. False when even that did
        not help.
        """
        await self.settle()
        for wait in _WAITS:
            if await self._edit(text, keyboard, last=last):
                return True
            await asyncio.sleep(wait)
        return await self._edit(text, keyboard, last=last)

    async def settle(self) -> None:
        """Wait until no edit is under way."""
        self._forget_what_waits()
        if self._running:
            await asyncio.wait({self._running})
            self._running = None

    async def _while_trusted(self, edit: Callable[[], Awaitable[bool]]) -> bool:
        try:
            async with asyncio.timeout_at(self._until) as self._limit:
                return await edit()
        except TimeoutError:
            log.info("painting %s: status not shown: it may be another machine's", self._painting)
            return False
        finally:
            self._limit = None

    def _forget_what_waits(self) -> None:
        if self._waits and self._running:
            self._running.cancel()
            self._running = None
        self._waits = False

    async def remove(self, message_id: int | None = None) -> bool:
        """Delete the message (or another of this painting); False when that may work later."""
        try:
            await self._bot.delete_message(self.chat_id, message_id or self.message_id)
        except (TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat):
            return True  # gone already, too old to be deleted, or nobody is there to see it
        except TelegramAPIError as error:
            log.warning("painting %s: a message not removed: %s", self._painting, error)
            return False
        return True

    async def _edit(
        self,
        text: str,
        keyboard: InlineKeyboardMarkup | None,
        picture: Path | None = None,
        *,
        last: bool = False,
    ) -> bool:
        """Show it; False when that may work later."""
        if picture is not None and await self._picture(text, keyboard, picture):
            return True
        try:
            self._pictured = await edit_words(
                *(self._bot, self.chat_id, self.message_id, text, keyboard),
                pictured=self._pictured,
            )
        except TelegramBadRequest as error:
            if CHAT_GONE in error.message:
                return True
            if "not modified" not in error.message:
                return await self._replace(text, keyboard, last=last)
        except TelegramForbiddenError:
            pass  # the person blocked the bot: nobody is there to read it
        except TelegramMigrateToChat as error:
            await self.move(error.migrate_to_chat_id)
            return await self._replace(text, keyboard, last=last)
        except TelegramAPIError as error:
            log.warning("painting %s: status not shown: %s", self._painting, error)
            return False
        return True

    async def _picture(
        self, text: str, keyboard: InlineKeyboardMarkup | None, picture: Path
    ) -> bool:
        """Show a picture with the words under it; False when only the words can be shown."""
        try:
            await self._bot.edit_message_media(
                media=InputMediaPhoto(media=FSInputFile(picture), caption=text),
                chat_id=self.chat_id,
                message_id=self.message_id,
                reply_markup=keyboard,
            )
        except (TelegramAPIError, OSError) as error:
            # Words are tried next; they know what to do where the message is gone.
            log.info("painting %s: preview not shown: %s", self._painting, error)
            return False
        self._pictured = True
        return True

    async def _replace(
        self, text: str, keyboard: InlineKeyboardMarkup | None, *, last: bool
    ) -> bool:
        record = await self._paintings.get(self._painting)
        if record and not record.is_open and not last:
            return True  # it arrived meanwhile, and its message went
        await self.remove()
        try:
            sent = await self._bot.send_message(
                self.chat_id, text, message_thread_id=self._thread, reply_markup=keyboard
            )
        except (TelegramBadRequest, TelegramForbiddenError):
            return True  # the chat itself is gone
        except TelegramAPIError as error:
            log.warning("painting %s: status not shown: %s", self._painting, error)
            return False
        self.message_id, self._pictured = sent.message_id, False
        if not await self._paintings.update(
            self._painting,
            unless=() if last else ENDED_STATES,
            held_by=self._holder,
            status_message_id=sent.message_id,
        ):
            # It is another machine's by now, and so are its words; or it has ended.
            await self.remove()
        return True

    async def move(self, chat_id: int) -> None:
        """The group has become a supergroup: messages of before can't be edited there."""
        await self._paintings.move_chat(self.chat_id, chat_id)
        self.chat_id = chat_id
