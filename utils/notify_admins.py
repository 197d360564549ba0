"""Sends notices to the admins: enough to act on, no pictures, no token, no flood."""

from __future__ import annotations

import html
import logging
import time

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError

from database.notices import QUIET, NoticeLedger
from utils import errors

log = logging.getLogger(__name__)

_LONGEST = 3500  # characters; Telegram takes 4096 after parsing


class AdminNotices:
    """Sends notices to every admin; failing to is logged and never raised.

    Of each kind at most one goes out a minute, however many processes there are and however often
    one of them starts anew: the ledger counts what was held back. While the database is away this
    process counts by itself.
    """

    def __init__(
        self, bot: Bot, admins: tuple[int, ...], ledger: NoticeLedger | None = None
    ) -> None:
        self._bot = bot
        self.admins = admins
        self._ledger = ledger
        self._last: dict[str, float] = {}
        self._held_back: dict[str, int] = {}

    async def send(self, text: str, kind: str | None = None) -> None:
        """Send plain `text`; at most one a minute of each `kind`, the next tells how many more."""
        text = text[:_LONGEST]
        if kind is not None:
            more = await self._take(kind, text)
            if more is None:
                return
            if more:
                text += f"\n(and {more} more of the same kind since the last notice)"
        await self._tell(text)

    async def tell_held_back(self) -> None:
        """Tell of what was held back and of which no later notice told; called once a minute."""
        if self._ledger is None:
            return
        for text, held in await self._ledger.overdue():
            await self._tell(f"{held} more of the same kind, the latest:\n{text}")

    async def error(self, where: str, error: BaseException) -> None:
        """Report an unexpected error: what, where in the code, and during what."""
        kind = f"{type(error).__name__} {errors.place(error)}"
        await self.send(f"⚠️ {where}\n{errors.line(error)}", kind=kind)

    async def _tell(self, text: str) -> None:
        for admin in self.admins:
            try:
                await self._bot.send_message(admin, html.escape(text, quote=False))
            except TelegramAPIError as error:
                log.warning("admin %d not told: %s", admin, error)

    async def _take(self, kind: str, text: str) -> int | None:
        if self._ledger is not None:
            try:
                return await self._ledger.take(kind, text)
            except Exception as error:  # the notice may be about this very database
                log.warning("the ledger of notices can't be read: %s", error)
        now = time.monotonic()
        if now - self._last.get(kind, -QUIET) < QUIET:
            self._held_back[kind] = self._held_back.get(kind, 0) + 1
            return None
        self._last[kind] = now
        return self._held_back.pop(kind, 0)
