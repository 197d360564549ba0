"""The figures of a painting, for developers: its losses and the engine's report.

They lie in the database beside the painting's record, compressed to some kilobytes, so that any
process can show them later; they go with the record.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.types.json import Jsonb

from database.pool import Pool
from nst.messages import Finished

log = logging.getLogger(__name__)

_MOST = 256 * 1024  # bytes of a compressed table; four thousand evaluations take a third of it


@dataclass(frozen=True, slots=True)
class PaintingFigures:
    """What is known about how one painting was made."""

    losses: bytes
    """A CSV: stage,size,evaluation,content,style,total,seconds."""
    report: dict[str, Any]


class Figures:
    """Keeps and finds figures; knows who wants to see them."""

    def __init__(self, pool: Pool, admins: tuple[int, ...]) -> None:
        self._pool = pool
        self._admins = admins

    async def keep(self, painting: str, painted: Finished) -> None:
        """Keep a finished painting's figures; a failure is logged and costs nobody the picture."""
        try:
            table = await asyncio.to_thread(Path(painted.losses).read_bytes)
            losses = zlib.compress(table, 9)
            if len(losses) > _MOST:
                log.warning("painting %s: %d bytes of losses not kept", painting, len(losses))
                return
            async with self._pool.connection() as connection:
                await connection.execute(
                    "INSERT INTO figures (painting, losses, report) VALUES (%s, %s, %s) "
                    "ON CONFLICT (painting) DO UPDATE "
                    "SET losses = excluded.losses, report = excluded.report",
                    (painting, losses, Jsonb(painted.report)),
                )
        except Exception as error:
            log.warning("painting %s: figures not kept: %s", painting, error)

    async def of(self, painting: str) -> PaintingFigures | None:
        """The figures of this painting, if they were kept."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT losses, report FROM figures WHERE painting = %s", (painting,)
            )
            row = await cursor.fetchone()
        return PaintingFigures(zlib.decompress(row[0]), row[1]) if row else None

    async def latest_of(self, user_id: int) -> str | None:
        """Which of this person's paintings with figures is the newest."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id FROM paintings JOIN figures ON painting = id "
                "WHERE user_id = %s AND state = 'done' ORDER BY created_at DESC LIMIT 1",
                (user_id,),
            )
            row = await cursor.fetchone()
        return str(row[0]) if row else None

    async def wanted_by(self, user_id: int) -> bool:
        """Whether a button for them belongs under this person's paintings."""
        if user_id in self._admins:
            return True
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT 1 FROM people WHERE user_id = %s AND developer", (user_id,)
            )
            return await cursor.fetchone() is not None
