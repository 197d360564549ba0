"""Has updates handled that are in the inbox, also those that a dead process left there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from aiogram import Bot, Dispatcher
from aiogram.types import Update

from database.inbox import Inbox
from database.server.errors import AWAY

log = logging.getLogger(__name__)

_LOOK_FOR_LEFT = 5.0  # seconds; as often the inbox is told what is being handled here
_GRACE = 5.0  # seconds that handlers at work get when the process ends


class Handling:
    """Handles each update in a task of its own, and strikes it out of the inbox afterwards."""

    def __init__(self, bot: Bot, dispatcher: Dispatcher, inbox: Inbox) -> None:
        """`bot` is what handlers answer with: updates must come mounted on it."""
        self._bot = bot
        self._dispatcher = dispatcher
        self._inbox = inbox
        self._at_work: dict[int, asyncio.Task[None]] = {}

    @contextlib.asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """Look for what was left meanwhile; at the end let the running handlers finish."""
        looking = asyncio.create_task(self._look_for_left())
        try:
            yield
        finally:
            looking.cancel()
            if self._at_work:
                await asyncio.wait(self._at_work.values(), timeout=_GRACE)

    async def take(self, updates: list[Update]) -> None:
        """Write updates down and begin to handle those that are new.

        Raises what keeps them from being written down: then Telegram must send them again.
        """
        for update in await self._inbox.take(updates):
            self._handle(update)

    def _handle(self, update: Update) -> None:
        if update.update_id in self._at_work:
            return
        task = asyncio.create_task(self._feed(update))
        self._at_work[update.update_id] = task
        task.add_done_callback(lambda _: self._at_work.pop(update.update_id, None))

    async def _feed(self, update: Update) -> None:
        try:
            await self._dispatcher.feed_update(self._bot, update)
        except AWAY as error:
            log.warning("update %d waits for the database: %s", update.update_id, error)
            return
        except Exception:
            log.exception("update %d failed", update.update_id)
        with contextlib.suppress(*AWAY):
            await self._inbox.strike(update)

    async def _look_for_left(self) -> None:
        """Handle what a process was handling when it died, and what the database was away for."""
        while True:
            try:
                if self._at_work:
                    await self._inbox.keep(set(self._at_work))
                for update in await self._inbox.left(self._bot, set(self._at_work)):
                    log.warning("update %d was left unhandled: handling it now", update.update_id)
                    self._handle(update)
            except Exception as error:
                log.warning("the inbox can't be read: %s", error)
            await asyncio.sleep(_LOOK_FOR_LEFT)


def in_one_line(error: Exception) -> str:
    """The error's first line: in the next ones PostgreSQL would quote what people wrote."""
    return (str(error).splitlines() or [type(error).__name__])[0]
