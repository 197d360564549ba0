"""The table `figures`: the losses of a painting and the engine's report, for developers.

They are compressed to some kilobytes and go with the painting's record.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Any

from psycopg.types.json import Jsonb

from database.table import Table

_MOST = 256 * 1024  # bytes of a compressed table; four thousand evaluations take a third of it


@dataclass(frozen=True, slots=True)
class PaintingFigures:
    """What is known about how one painting was made."""

    losses: bytes
    """A CSV: stage,size,evaluation,content,style,total,seconds."""
    report: dict[str, Any]


class Figures(Table):
    """Keeps and finds figures."""

    async def keep(self, painting: str, losses: bytes, report: dict[str, Any]) -> None:
        """Keep a finished painting's figures; `losses` is its CSV.

        Raises ValueError for losses that are too long to be kept.
        """
        compressed = zlib.compress(losses, 9)
        if len(compressed) > _MOST:
            raise ValueError(f"{len(compressed)} bytes of losses are too many")
        await self._change(
            "INSERT INTO figures (painting, losses, report) VALUES (%s, %s, %s) "
            "ON CONFLICT (painting) DO UPDATE "
            "SET losses = excluded.losses, report = excluded.report",
            (painting, compressed, Jsonb(report)),
        )

    async def of(self, painting: str) -> PaintingFigures | None:
        """The figures of this painting, if they were kept."""
        kept = await self._row(
            PaintingFigures, "SELECT losses, report FROM figures WHERE painting = %s", (painting,)
        )
        return kept and replace(kept, losses=zlib.decompress(kept.losses))

    async def latest_of(self, user_id: int) -> str | None:
        """The id of this person's newest painting with figures."""
        painting = await self._value(
            "SELECT id FROM paintings JOIN figures ON painting = id "
            "WHERE user_id = %s AND state = 'done' ORDER BY created_at DESC LIMIT 1",
            (user_id,),
        )
        return None if painting is None else str(painting)
