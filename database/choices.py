"""The table `choices`: what each person chose last, by name."""

from __future__ import annotations

import dataclasses

from psycopg.types.json import Jsonb

from database.table import Connection, Table
from nst.choices import Choices


class LastChoices(Table):
    """Remembers a person's choices for the next painting."""

    async def of(self, user_id: int) -> Choices:
        """What this person chose last; the defaults where they never did."""
        stored = await self._value("SELECT choices FROM choices WHERE user_id = %s", (user_id,))
        return Choices.read(stored) if stored else Choices()

    async def keep(self, user_id: int, choices: Choices) -> None:
        """Remember them."""
        await self._change(
            "INSERT INTO choices (user_id, choices) VALUES (%s, %s) ON CONFLICT (user_id) "
            "DO UPDATE SET choices = excluded.choices, changed_at = now()",
            (user_id, Jsonb(dataclasses.asdict(choices))),
        )


async def forget(connection: Connection, user_id: int) -> None:
    """Delete what this table holds of a person."""
    await connection.execute("DELETE FROM choices WHERE user_id = %s", (user_id,))
