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
    TelegramRetryAfter,
)
from aiogram.types import FSInputFile, InlineKeyboardMarkup, InputMediaPhoto

from database.paintings import Paintings
from database.records import PaintingRecord
from utils.telegram.bot import at_once, optional
from utils.telegram.edit import edit_words

log = logging.getLogger(__name__)

CHAT_GONE = "chat not found"
"""What Telegram says of a deleted chat."""
_WAITS = (3.0, 10.0)  # seconds between tries of what must be seen
_LET_END = 5.0  # seconds that an edit under way gets when there is something better to say
EDIT_EVERY = 3.5  # seconds; Telegram tolerates about one edit a second in a chat
_SOON = EDIT_EVERY + 0.5
EDIT_EVERY_IN_GROUPS = 8.0  # seconds; a group takes twenty messages of a bot in a minute


class StatusMessage:
    """Shows the latest text. Errors of Telegram never fail a painting: they are logged.

    `show` is for progress: it never waits, neither for its turn nor for as long as Telegram asks
    to, and drops what comes too early, since more will follow.
    `say` is for what must be seen: it is always sent. Where the message can't be edited (the person
    deleted it, or it holds a file by now) a new one takes its place, in the record too.

    A machine that was cut off may find that another one has the painting by now. So a worker has
    progress shown only up to a moment at which the painting is certainly still its own (`trust`).
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
        """Show progress until this moment (of the loop's time) and not longer."""
        self._until = until
        if self._limit and not self._limit.expired():
            self._limit.reschedule(until)

    def hurry(self) -> None:
        """From now on edit without waiting for a while after the edit before."""
        self._bot = at_once(self._bot)

    def soon(self, text: str, keyboard: InlineKeyboardMarkup | None) -> None:
        """Edit in the background a few seconds from now, unless there is something newer by then.

        For the first text: the handler that put the painting in line may have edited a moment ago.
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
        """Edit in the background if an edit is due; returns whether it was.

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
            self._while_trusted(
                lambda: self._edit(text, keyboard, picture, bot=optional(self._bot))
            )
        )
        return True

    async def say(
        self, text: str, keyboard: InlineKeyboardMarkup | None = None, *, last: bool = False
    ) -> bool:
        """Edit now, after any edit that is under way, and again when Telegram is away.

        Of a painting that has ended only the `last` word is still said. Returns False when all
        tries failed.
        """
        await self.settle()
        for wait in _WAITS:
            if await self._edit(text, keyboard, last=last):
                return True
            await asyncio.sleep(wait)
        return await self._edit(text, keyboard, last=last)

    async def mention(self, text: str, keyboard: InlineKeyboardMarkup | None) -> float | None:
        """Edit now, once, what may as well be said later.

        Returns None when it was said, else the seconds until it may be tried again.
        """
        if await self._edit(text, keyboard, bot=optional(self._bot)):
            return None
        return max(0.0, self._next - asyncio.get_running_loop().time())

    async def settle(self) -> None:
        """Wait a moment for an edit that is under way; drop one that `soon` has planned."""
        self._forget_what_waits()
        if self._running:
            await asyncio.wait({self._running}, timeout=_LET_END)
            self._running.cancel()
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
        """Delete the message, or another one of this painting.

        Returns False when it failed but may work later.
        """
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
        bot: Bot | None = None,
    ) -> bool:
        """Edit once; returns False when it failed but may work later.

        `bot` makes the edit; by default the one that everything is said with.
        """
        bot = bot or self._bot
        try:
            if picture is not None and await self._picture(bot, text, keyboard, picture):
                return True
            self._pictured = await edit_words(
                bot,
                self.chat_id,
                self.message_id,
                text,
                keyboard,
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
        except TelegramRetryAfter as error:
            self._next = asyncio.get_running_loop().time() + error.retry_after
            return False
        except TelegramAPIError as error:
            log.warning("painting %s: status not shown: %s", self._painting, error)
            return False
        return True

    async def _picture(
        self, bot: Bot, text: str, keyboard: InlineKeyboardMarkup | None, picture: Path
    ) -> bool:
        """Show a picture with the text under it; returns False when that failed."""
        try:
            await bot.edit_message_media(
                media=InputMediaPhoto(media=FSInputFile(picture), caption=text),
                chat_id=self.chat_id,
                message_id=self.message_id,
                reply_markup=keyboard,
            )
        except TelegramRetryAfter:
            raise
        except (TelegramAPIError, OSError) as error:
            # The text alone is tried next, which handles a message that is gone.
            log.info("painting %s: preview not shown: %s", self._painting, error)
            return False
        self._pictured = True
        return True

    async def _replace(
        self, text: str, keyboard: InlineKeyboardMarkup | None, *, last: bool
    ) -> bool:
        """Send a new message in place of one that can't be edited.

        Returns False when it failed but may work later.
        """
        record = await self._paintings.get(self._painting)
        if record and not record.is_open and not last:
            return True  # it arrived meanwhile, and its message was deleted
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
        if not await self._paintings.move_status_message(
            self._painting, sent.message_id, held_by=self._holder, ended=last
        ):
            # Another machine has the painting, and its message, by now; or it has ended.
            await self.remove()
        return True

    async def move(self, chat_id: int) -> None:
        """Go on in the supergroup that the group became.

        The old messages can't be edited there.
        """
        await self._paintings.move_chat(self.chat_id, chat_id)
        self.chat_id = chat_id
