"""Who paints, and how large: every renderer says so in a table that all of them read.

What a machine can paint depends on its memory and on the pictures' shape, and only the engine can
tell. So a renderer begins by believing that it can paint everything up to MAX_SIZE, and learns
better from the first painting that the engine refuses; larger ones it then leaves to those who
believe more of themselves, as long as there are any.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import socket

import psycopg
from psycopg_pool import PoolTimeout

from database.pool import Pool

log = logging.getLogger(__name__)

SEEN_WITHIN = 20
"""Seconds without a sign of life until a renderer counts as gone."""
_EVERY = 5.0  # seconds between signs of life


class Renderer:
    """The line of one process in the table."""

    def __init__(self, pool: Pool, size: int, slots: int) -> None:
        self._pool = pool
        self.id = f"{socket.gethostname()} {os.getpid()} {secrets.token_hex(3)}"
        self.size = size
        """The longest side in pixels that it believes it can paint."""
        self._pace: float | None = None  # seconds per unit of work, where the self test ran
        self._slots = slots

    async def announce(self) -> None:
        """Say that it is there and what it can."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO renderers (id, size, slots, pace) "
                "VALUES (%(id)s, %(size)s, %(slots)s, %(pace)s) "
                "ON CONFLICT (id) DO UPDATE SET size = %(size)s, pace = %(pace)s, seen_at = now()",
                {"id": self.id, "size": self.size, "slots": self._slots, "pace": self._pace},
            )

    async def tell_pace(self, pace: float) -> None:
        """Announce the seconds per unit of `nst.schedule.work` that were measured here."""
        self._pace = pace
        await self.announce()

    async def keep_announcing(self) -> None:
        """For ever; clears away those who are long gone."""
        while True:
            await asyncio.sleep(_EVERY)
            try:
                await self.announce()
                async with self._pool.connection() as connection:
                    await connection.execute(
                        "DELETE FROM renderers WHERE seen_at < now() - interval '1 hour'"
                    )
            except Exception as error:  # the database may be away: there is a next time
                log.warning("not announced as a renderer: %s", error)

    async def leave(self) -> None:
        """Say that it is gone; where that can't be said it will be noticed."""
        with contextlib.suppress(psycopg.Error, PoolTimeout):
            async with self._pool.connection(timeout=3) as connection:
                await connection.execute("DELETE FROM renderers WHERE id = %s", (self.id,))

    async def learn(self, size: int) -> bool:
        """It can't paint larger than `size`; True when somebody else believes they can."""
        self.size = min(self.size, size)
        log.info("this renderer paints up to %d px", self.size)
        await self.announce()
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT count(*) FROM renderers WHERE size > %s "
                "AND seen_at > now() - make_interval(secs => %s)",
                (self.size, SEEN_WITHIN),
            )
            row = await cursor.fetchone()
        return bool(row and row[0])
