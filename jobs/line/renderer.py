"""One process that paints: what it can paint, told to all of them.

What a machine can paint depends on its memory and on the pictures' shape, and only the engine can
tell. So a renderer begins by assuming that it can paint everything up to MAX_SIZE, and learns
better from the first painting that the engine refuses. Larger ones it then leaves to renderers
that paint larger, as long as there are any.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket

from database.renderers import Renderers
from database.server.errors import FAILED

log = logging.getLogger(__name__)

_EVERY = 5.0  # seconds between signs of life


class Renderer:
    """One process that paints."""

    def __init__(self, table: Renderers, size: int, slots: int) -> None:
        """`size` is the longest side in pixels that may be painted here."""
        self._table = table
        self._slots = slots
        self.id = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(3)}"
        self.size = size
        """The longest side in pixels that can be painted here, as far as is known."""
        self._pace: float | None = None  # seconds per unit of work, where the self test ran

    async def announce(self) -> None:
        """Tell the others that it is there and what it can paint."""
        await self._table.announce(self.id, self.size, self._slots, self._pace)

    async def tell_pace(self, pace: float) -> None:
        """Announce the seconds per unit of `nst.schedule.work` that were measured here."""
        self._pace = pace
        await self.announce()

    async def keep_announcing(self) -> None:
        """Announce itself until cancelled; forgets renderers that are long gone."""
        while True:
            await asyncio.sleep(_EVERY)
            try:
                await self.announce()
                await self._table.forget_old()
            except Exception as error:  # the database may be away: there is a next time
                log.warning("not announced as a renderer: %s", error)

    async def leave(self) -> None:
        """Tell the others that it is gone; where that fails they will notice."""
        with contextlib.suppress(*FAILED):
            await self._table.leave(self.id)

    async def learn(self, size: int) -> bool:
        """Paint nothing larger than `size` from now on; returns whether another renderer can."""
        self.size = min(self.size, size)
        log.info("this renderer paints up to %d px", self.size)
        await self.announce()
        return await self._table.any_larger(self.size)
