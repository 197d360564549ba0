"""The table `switches`: what admins turn on and off, such as whether paintings are accepted."""

from __future__ import annotations

from database.table import Table

_PAUSED = "paused"


class Switches(Table):
    """Reads and turns the switches, which outlive restarts."""

    async def paused(self) -> bool:
        """Whether new paintings are refused for now; those promised go on."""
        return bool(await self._value("SELECT true FROM switches WHERE name = %s", (_PAUSED,)))

    async def pause(self) -> bool:
        """Refuse new paintings; False when they were refused already."""
        return bool(
            await self._change(
                "INSERT INTO switches (name) VALUES (%s) ON CONFLICT DO NOTHING", (_PAUSED,)
            )
        )

    async def resume(self) -> bool:
        """Accept paintings again; False when they were accepted already."""
        return bool(await self._change("DELETE FROM switches WHERE name = %s", (_PAUSED,)))
