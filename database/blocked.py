"""The table `blocked`: people whom the bot does not serve.

It is apart from `people`, so that a person who has their data deleted stays blocked.
"""

from __future__ import annotations

from database.table import Table


class Blocked(Table):
    """Blocks and unblocks people."""

    async def block(self, user_id: int) -> bool:
        """Refuse this person from now on; False when they were blocked already."""
        return bool(
            await self._change(
                "INSERT INTO blocked (user_id) VALUES (%s) ON CONFLICT DO NOTHING", (user_id,)
            )
        )

    async def unblock(self, user_id: int) -> bool:
        """Serve this person again; False when they were not blocked."""
        return bool(await self._change("DELETE FROM blocked WHERE user_id = %s", (user_id,)))
