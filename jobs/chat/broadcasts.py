"""Sends one message to everybody, and nobody twice.

Each recipient is a row that is claimed before the message is sent and marked after. Where the
process dies between the two, or the answer is lost, nobody knows whether the message arrived: such
a row is counted as unknown and never tried again. Everything else goes on after a restart, or in
another process. One process at a time sends: Telegram's limit is one for all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

import aiohttp
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)

from database.broadcasts import Broadcast, BroadcastTable, Sending
from database.people import People
from utils.process.running import raise_if_cancelled
from utils.telegram.bot import without_repeats

log = logging.getLogger(__name__)

_APART = 1 / 24  # seconds between messages: under 25 in any second, the rest of 30 is the bot's
_TELL_EVERY = 5.0  # seconds between edits of the admin's status message
_LET_END = 3.0  # seconds for a message under way when the process is told to stop
_AFTER_TROUBLE = 10.0  # seconds until the next try when Telegram or the database was away
_LOOK_EVERY = 30.0  # seconds; another process may have died, or started one and be busy

Report = Callable[[Broadcast, dict[str, int], bool], Awaitable[None]]
"""Tell the admin: the numbers by state, and whether it is over."""


class Broadcasts:
    """Prepares, starts, stops and carries out broadcasts."""

    def __init__(self, bot: Bot, table: BroadcastTable, people: People, report: Report) -> None:
        self._bot = without_repeats(bot)  # nobody gets it twice
        self._table = table
        self._people = people
        self._report = report
        self._started = asyncio.Event()

    async def audience(self) -> dict[str, int]:
        """How many people a broadcast would reach, by language."""
        return await self._table.audience()

    async def prepare(self, chat_id: int, message_id: int, locale: str) -> int:
        """Remember what an admin may want to send; returns its number."""
        return await self._table.prepare(chat_id, message_id, locale)

    async def start(self, broadcast: int, status_message_id: int, audience: str) -> bool:
        """Send it to everybody, or to those of one language; False when it was decided before."""
        if started := await self._table.start(broadcast, status_message_id, audience):
            self._started.set()
        return started

    async def stop(self, broadcast: int) -> bool:
        """Drop it, or send it to nobody else; False when it is over."""
        return await self._table.stop(broadcast)

    async def run(self) -> None:
        """Carry out what was started, by this process or by another; for ever."""
        while True:
            raise_if_cancelled()
            try:
                self._started.clear()
                if not await self._carry_out_oldest():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(_LOOK_EVERY):
                            await self._started.wait()
            except Exception as error:  # the database or Telegram may be away
                log.warning("broadcast interrupted: %s", error)
                await asyncio.sleep(_AFTER_TROUBLE)

    async def _carry_out_oldest(self) -> bool:
        """False when there is none, or another process is sending."""
        async with self._table.sending_alone() as sending:
            broadcast = await sending.oldest() if sending else None
            if sending is None or broadcast is None:
                return False
            await self._carry_out(broadcast, sending)
        return True

    async def _carry_out(self, broadcast: Broadcast, alone: Sending) -> None:
        """Send it to everybody who waits for it."""
        await self._tell(broadcast, over=False)  # before it can be over
        loop = asyncio.get_running_loop()
        send_at, tell_at = loop.time(), loop.time() + _TELL_EVERY
        while True:
            # Wait first: nobody is claimed while nothing is done for them.
            await asyncio.sleep(send_at - loop.time())
            send_at = loop.time() + _APART
            person = await alone.claim(broadcast.id)
            if person is None:
                break
            sending = asyncio.create_task(self._send(broadcast, person))
            try:
                send_at += await asyncio.shield(sending)
            except asyncio.CancelledError:
                await asyncio.wait({sending}, timeout=_LET_END)
                raise
            if loop.time() >= tell_at:
                await self._tell(broadcast, over=False)
                tell_at = loop.time() + _TELL_EVERY
        await self._tell(broadcast, over=True)
        await alone.finish(broadcast.id)

    async def _send(self, broadcast: Broadcast, person: int) -> float:
        """Send to one and note how it went; returns for how many seconds to pause."""
        pause = 0.0
        try:
            await self._bot.copy_message(
                chat_id=person,
                from_chat_id=broadcast.chat_id,
                message_id=broadcast.message_id,
            )
            state = "sent"
        except TelegramForbiddenError:
            state = "left"
        except TelegramRetryAfter as error:
            state, pause = "waiting", float(error.retry_after)
        except TelegramBadRequest as error:
            state = "left" if "chat not found" in error.message else "failed"
            if "message to copy not found" in error.message:
                state = "waiting"
                await self.stop(broadcast.id)
            log.info("broadcast %d: %s", broadcast.id, error.message)
        except (TelegramNetworkError, TelegramServerError) as error:
            never_left = isinstance(error.__cause__, aiohttp.ClientConnectorError)
            state, pause = "waiting" if never_left else "unknown", _AFTER_TROUBLE
            log.warning("broadcast %d: %s", broadcast.id, error)
        except TelegramAPIError as error:
            state = "failed"
            log.warning("broadcast %d: %s", broadcast.id, error)
        await self._table.mark(broadcast.id, person, state)
        if state == "left":
            await self._people.left(person)
        return pause

    async def _tell(self, broadcast: Broadcast, *, over: bool) -> None:
        numbers = await self._table.numbers(broadcast.id)
        log.info("broadcast %d: %s", broadcast.id, numbers)
        await self._report(broadcast, numbers, over)
