"""What the bot remembers of a person: their language, choices and visits; whether they may."""

from __future__ import annotations

import dataclasses

from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from nst.choices import Choices

_LATELY = 3600.0  # seconds; a visit is noted once in that time


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What is known of somebody at the door."""

    blocked: bool
    met: bool
    """They wrote in private before."""
    seen_lately: bool


class People:
    """Reads and writes the tables `people`, `choices` and `blocked`."""

    def __init__(self, pool: AsyncConnectionPool) -> None:
        self._pool = pool

    async def locale(self, user_id: int) -> str | None:
        """The language this person chose; None when they never did."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT locale FROM people WHERE user_id = %s", (user_id,)
            )
            row = await cursor.fetchone()
        return str(row[0]) if row and row[0] else None

    async def set_locale(self, user_id: int, locale: str) -> None:
        """Remember a choice."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO people (user_id, locale) VALUES (%s, %s) "
                "ON CONFLICT (user_id) DO UPDATE SET locale = excluded.locale, changed_at = now()",
                (user_id, locale),
            )

    async def choices(self, user_id: int) -> Choices:
        """How this person chose to be painted last."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT choices FROM choices WHERE user_id = %s", (user_id,)
            )
            row = await cursor.fetchone()
        return Choices.read(row[0]) if row else Choices()

    async def set_choices(self, user_id: int, choices: Choices) -> None:
        """Remember them for the next painting."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO choices (user_id, choices) VALUES (%s, %s) "
                "ON CONFLICT (user_id) DO UPDATE SET choices = excluded.choices, "
                "changed_at = now()",
                (user_id, Jsonb(dataclasses.asdict(choices))),
            )

    async def toggle_developer(self, user_id: int) -> bool:
        """Turn developer mode on or off for this person; whether it is on now."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "INSERT INTO people (user_id, developer) VALUES (%s, true) "
                "ON CONFLICT (user_id) DO UPDATE SET developer = NOT people.developer "
                "RETURNING developer",
                (user_id,),
            )
            row = await cursor.fetchone()
        return bool(row and row[0])

    async def known(self, user_id: int) -> Known:
        """What the gate must know, in one question."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT EXISTS (SELECT 1 FROM blocked WHERE user_id = %(id)s), "
                "coalesce(bool_or(first_seen IS NOT NULL), false), "
                "coalesce(bool_or(last_seen > now() - make_interval(secs => %(lately)s) "
                "AND left_at IS NULL), false) FROM people WHERE user_id = %(id)s",
                {"id": user_id, "lately": _LATELY},
            )
            row = await cursor.fetchone()
        assert row
        return Known(*row)

    async def seen(self, user_id: int, language: str) -> None:
        """They wrote in private: note when, and which of our languages suits their Telegram."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "INSERT INTO people (user_id, language, first_seen, last_seen) "
                "VALUES (%s, %s, now(), now()) ON CONFLICT (user_id) DO UPDATE "
                "SET language = excluded.language, last_seen = now(), left_at = NULL, "
                "first_seen = coalesce(people.first_seen, now())",
                (user_id, language),
            )

    async def left(self, user_id: int) -> None:
        """They stopped the bot: it can't write to them any more."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE people SET left_at = now() WHERE user_id = %s AND left_at IS NULL",
                (user_id,),
            )

    async def came_back(self, user_id: int) -> None:
        """They allow the bot to write again."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE people SET left_at = NULL WHERE user_id = %s", (user_id,)
            )

    async def block(self, user_id: int) -> bool:
        """Turn this person away from now on; False when that was so already.

        Kept apart from what is known of them, so that having that deleted opens no door.
        """
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "INSERT INTO blocked (user_id) VALUES (%s) ON CONFLICT DO NOTHING", (user_id,)
            )
        return cursor.rowcount == 1

    async def unblock(self, user_id: int) -> bool:
        """Let them in again; False when they were not blocked."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute("DELETE FROM blocked WHERE user_id = %s", (user_id,))
        return cursor.rowcount == 1
