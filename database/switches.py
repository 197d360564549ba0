"""Switches that admins turn and that outlive restarts: whether new paintings are accepted."""

from __future__ import annotations

from database.pool import Pool

_PAUSED = "paused"


class Switches:
    """Reads and turns them."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def paused(self) -> bool:
        """Whether new paintings are refused for now; those promised go on."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute("SELECT 1 FROM switches WHERE name = %s", (_PAUSED,))
            return await cursor.fetchone() is not None

    async def pause(self) -> bool:
        """Refuse new paintings; False when they were refused already."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "INSERT INTO switches (name) VALUES (%s) ON CONFLICT DO NOTHING", (_PAUSED,)
            )
        return cursor.rowcount == 1

    async def resume(self) -> bool:
        """Accept paintings again; False when they were accepted already."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute("DELETE FROM switches WHERE name = %s", (_PAUSED,))
        return cursor.rowcount == 1
