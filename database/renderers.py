"""The table `renderers`: which processes paint, how large, and how fast they found themselves.

Every renderer announces itself every few seconds; one that is not seen for `SEEN_WITHIN` seconds
counts as gone.
"""

from __future__ import annotations

from database.table import Table

SEEN_WITHIN = 20
"""Seconds without a sign of life until a renderer counts as gone."""


class Renderers(Table):
    """Reads and writes who paints."""

    async def announce(self, renderer: str, size: int, slots: int, pace: float | None) -> None:
        """Note that a renderer is there and paints up to `size` pixels, at `pace`.

        The pace is in seconds per unit of `nst.schedule.work`; None where it was not measured.
        """
        await self._change(
            "INSERT INTO renderers (id, size, slots, pace) "
            "VALUES (%(id)s, %(size)s, %(slots)s, %(pace)s) "
            "ON CONFLICT (id) DO UPDATE SET size = %(size)s, pace = %(pace)s, seen_at = now()",
            {"id": renderer, "size": size, "slots": slots, "pace": pace},
        )

    async def forget_old(self) -> None:
        """Delete renderers that are long gone."""
        await self._change("DELETE FROM renderers WHERE seen_at < now() - interval '1 hour'")

    async def leave(self, renderer: str) -> None:
        """Note that a renderer is gone; waits for a connection for three seconds at most."""
        async with self._pool.connection(timeout=3) as connection:
            await connection.execute("DELETE FROM renderers WHERE id = %s", (renderer,))

    async def any_larger(self, size: int) -> bool:
        """Whether a renderer is there that paints larger than `size` pixels."""
        return bool(
            await self._value(
                "SELECT count(*) FROM renderers WHERE size > %s "
                "AND seen_at > now() - make_interval(secs => %s)",
                (size, SEEN_WITHIN),
            )
        )

    async def pace(self) -> float | None:
        """Seconds per unit of `nst.schedule.work`, the median of those measured; None without."""
        median = await self._value(
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY pace) FROM renderers "
            "WHERE seen_at > now() - make_interval(secs => %s)",
            (SEEN_WITHIN,),
        )
        return None if median is None else float(median)
