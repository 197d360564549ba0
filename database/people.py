"""The table `people`: the language, the visits and the developer mode of each person."""

from __future__ import annotations

from dataclasses import dataclass

from database.table import Connection, Table

_LATELY = 3600.0  # seconds; a visit is noted once in that time


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the sender of an update."""

    blocked: bool
    met: bool
    """Whether they wrote in private before."""
    seen_lately: bool


class People(Table):
    """Reads and writes what is known of each person."""

    async def locale(self, user_id: int) -> str | None:
        """The language this person chose; None when they never did."""
        locale = await self._value("SELECT locale FROM people WHERE user_id = %s", (user_id,))
        return str(locale) if locale else None

    async def set_locale(self, user_id: int, locale: str) -> None:
        """Remember the language that this person chose."""
        await self._change(
            "INSERT INTO people (user_id, locale) VALUES (%s, %s) "
            "ON CONFLICT (user_id) DO UPDATE SET locale = excluded.locale, changed_at = now()",
            (user_id, locale),
        )

    async def toggle_developer(self, user_id: int) -> bool:
        """Turn developer mode on or off for this person; returns whether it is on now."""
        return bool(
            await self._value(
                "INSERT INTO people (user_id, developer) VALUES (%s, true) "
                "ON CONFLICT (user_id) DO UPDATE SET developer = NOT people.developer "
                "RETURNING developer",
                (user_id,),
            )
        )

    async def is_developer(self, user_id: int) -> bool:
        """Whether this person turned developer mode on."""
        return bool(
            await self._value("SELECT developer FROM people WHERE user_id = %s", (user_id,))
        )

    async def known(self, user_id: int) -> Known:
        """What the middlewares ask about the sender of an update, in one question."""
        known = await self._row(
            Known,
            "SELECT EXISTS (SELECT 1 FROM blocked WHERE user_id = %(id)s) AS blocked, "
            "coalesce(bool_or(first_seen IS NOT NULL), false) AS met, "
            "coalesce(bool_or(last_seen > now() - make_interval(secs => %(lately)s) "
            "AND left_at IS NULL), false) AS seen_lately FROM people WHERE user_id = %(id)s",
            {"id": user_id, "lately": _LATELY},
        )
        assert known
        return known

    async def seen(self, user_id: int, language: str) -> None:
        """Note that they wrote in private, and which of our languages suits their Telegram."""
        await self._change(
            "INSERT INTO people (user_id, language, first_seen, last_seen) "
            "VALUES (%s, %s, now(), now()) ON CONFLICT (user_id) DO UPDATE "
            "SET language = excluded.language, last_seen = now(), left_at = NULL, "
            "first_seen = coalesce(people.first_seen, now())",
            (user_id, language),
        )

    async def left(self, user_id: int) -> None:
        """Note that they stopped the bot: it can't write to them any more."""
        await self._change(
            "UPDATE people SET left_at = now() WHERE user_id = %s AND left_at IS NULL", (user_id,)
        )

    async def came_back(self, user_id: int) -> None:
        """Note that they allow the bot to write again."""
        await self._change("UPDATE people SET left_at = NULL WHERE user_id = %s", (user_id,))


async def forget(connection: Connection, user_id: int) -> None:
    """Delete what this table holds of a person."""
    await connection.execute("DELETE FROM people WHERE user_id = %s", (user_id,))
