"""Asks Telegram for updates: none is lost, and none is handled twice.

aiogram's own polling confirms updates while they are being handled, so a killed process would
lose them. Here every update is in the inbox before the next `getUpdates` confirms it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import GetUpdates
from aiogram.types import Update
from pydantic import ValidationError

from utils.process.running import raise_if_cancelled
from utils.updates.dispatch import Handling, in_one_line

log = logging.getLogger(__name__)

_LONG = 30  # seconds that Telegram holds the answer back while there is nothing new
_CONFLICT_WAIT = 2.0  # seconds; another process is about to end
_MOST_WAIT = 10.0


class Polling:
    """Polls one bot's updates by `getUpdates`."""

    def __init__(self, bot: Bot, handling: Handling, kinds: tuple[str, ...]) -> None:
        self._bot = bot
        self._handling = handling
        self._get_updates = GetUpdates(timeout=_LONG, allowed_updates=list(kinds))

    async def run(self) -> None:
        """Poll until cancelled."""
        wait = 1.0
        while True:
            raise_if_cancelled()
            try:
                updates, last = await self._ask()
                if updates:
                    await self._handling.take(updates)
            except TelegramConflictError:
                log.warning("another process asks for updates too; trying again")
                await asyncio.sleep(_CONFLICT_WAIT)
            except TelegramRetryAfter as error:
                await asyncio.sleep(error.retry_after)
            except Exception as error:  # Telegram or the database is away: it will be back
                log.warning("no updates, trying again in %.0f s: %s", wait, in_one_line(error))
                await asyncio.sleep(wait)
                wait = min(_MOST_WAIT, wait * 2)
            else:
                wait = 1.0
                if last is not None:
                    self._get_updates.offset = last + 1

    async def _ask(self) -> tuple[list[Update], int | None]:
        """The updates that can be read, and the number of the last one that came."""
        try:
            updates = await self._bot(self._get_updates, request_timeout=_LONG * 2)
        except TelegramServerError as error:
            raw = _undecoded(error)
            if not raw:
                raise
            return self._readable(raw), max(one["update_id"] for one in raw)
        return updates, updates[-1].update_id if updates else None

    def _readable(self, raw: list[dict[str, Any]]) -> list[Update]:
        updates = []
        for one in raw:
            try:
                updates.append(Update.model_validate(one, context={"bot": self._bot}))
            except ValidationError:  # to ask for it again would not help
                log.warning("update %d is of no kind that we know", one["update_id"])
        return updates


def _undecoded(error: TelegramServerError) -> list[dict[str, Any]]:
    """The updates, as JSON, of an answer in which one was of a kind that aiogram doesn't know."""
    decoding = error.__cause__
    answer = decoding.data if isinstance(decoding, ClientDecodeError) else None
    result = answer.get("result") if isinstance(answer, dict) and answer.get("ok") else None
    if not isinstance(result, list):
        return []
    return [
        one for one in result if isinstance(one, dict) and isinstance(one.get("update_id"), int)
    ]
