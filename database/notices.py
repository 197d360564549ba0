"""The table `notices`: which notices to admins went out when, for all processes together."""

from __future__ import annotations

from database.table import Connection, Table

QUIET = 60.0  # seconds in which a kind of notice is not repeated, only counted
_LONGEST_KIND = 500


class NoticeLedger(Table):
    """Decides, in the database, whether a notice of some kind may go out now."""

    async def take(self, kind: str, text: str) -> int | None:
        """None: held back and counted. Else send it now; so many were held back before it."""
        kind = kind[:_LONGEST_KIND]
        async with self._pool.connection() as connection, connection.transaction():
            new = await connection.execute(
                "INSERT INTO notices (kind, text) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (kind, text),
            )
            if new.rowcount:
                return 0
            cursor = await connection.execute(
                "SELECT held, sent_at <= now() - make_interval(secs => %s) FROM notices "
                "WHERE kind = %s FOR UPDATE",
                (QUIET, kind),
            )
            row = await cursor.fetchone()
            if row is None:  # cleared away between the two
                return 0
            held, due = row
            await connection.execute(
                "UPDATE notices SET text = %s, held = %s, "
                "sent_at = CASE WHEN %s THEN now() ELSE sent_at END WHERE kind = %s",
                (text, 0 if due else held + 1, due, kind),
            )
        return int(held) if due else None

    async def overdue(self) -> list[tuple[str, int]]:
        """Text of the latest, and number, of what was held back and nothing came after."""
        async with self._pool.connection() as connection, connection.transaction():
            cursor = await connection.execute(
                """
                WITH due AS (
                    SELECT kind, held FROM notices
                    WHERE held > 0 AND sent_at <= now() - make_interval(secs => %s)
                    FOR UPDATE SKIP LOCKED)
                UPDATE notices SET held = 0, sent_at = now() FROM due
                WHERE notices.kind = due.kind RETURNING notices.text, due.held
                """,
                (QUIET,),
            )
            rows = await cursor.fetchall()
            await connection.execute(
                "DELETE FROM notices WHERE held = 0 AND sent_at < now() - interval '1 day'"
            )
        return [(str(text), int(held)) for text, held in rows]


async def forget(connection: Connection, user_id: int) -> None:
    """Delete notices that name a person: those about paintings name the chat."""
    await connection.execute(
        r"DELETE FROM notices WHERE text ~ ('\m' || %s || '\M')", (str(user_id),)
    )
