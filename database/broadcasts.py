"""The tables `broadcasts` and `broadcast_people`: what is sent to everybody, and to whom.

Each recipient is a row that is claimed before the message is sent and marked after it. A row that
was claimed and never marked is counted as unknown and never tried again.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from psycopg import Error
from psycopg.rows import class_row

from database.table import Connection, Table

EVERYBODY = "all"
_KEEP_DAYS = 30
_LOCK = 0x57_21  # an advisory lock, held by the connection of the process that is sending
_AUDIENCE = (
    "people.first_seen IS NOT NULL AND people.left_at IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM blocked WHERE blocked.user_id = people.user_id)"
)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One row: which message of which chat, and where the admin is told of it."""

    id: int
    chat_id: int
    message_id: int
    status_message_id: int
    locale: str
    state: str


class BroadcastTable(Table):
    """Prepares, starts and stops broadcasts, and counts their recipients."""

    async def audience(self) -> dict[str, int]:
        """How many people a broadcast would reach, by language."""
        return await self._counts(
            "SELECT coalesce(locale, language, 'en'), count(*) FROM people "
            f"WHERE {_AUDIENCE} GROUP BY 1"
        )

    async def prepare(self, chat_id: int, message_id: int, locale: str) -> int:
        """Remember what an admin may want to send; returns its number. Forgets old ones."""
        await self._change(
            "DELETE FROM broadcasts WHERE state IN ('asking', 'done') "
            "AND created_at < now() - make_interval(days => %s)",
            (_KEEP_DAYS,),
        )
        return int(
            await self._value(
                "INSERT INTO broadcasts (chat_id, message_id, locale) VALUES (%s, %s, %s) "
                "RETURNING id",
                (chat_id, message_id, locale),
            )
        )

    async def start(self, broadcast: int, status_message_id: int, audience: str) -> bool:
        """Begin to send it to `EVERYBODY` or to those of one language; asking → sending.

        False when it was decided before.
        """
        async with self._pool.connection() as connection, connection.transaction():
            cursor = await connection.execute(
                "UPDATE broadcasts SET state = 'sending', status_message_id = %s "
                "WHERE id = %s AND state = 'asking'",
                (status_message_id, broadcast),
            )
            if not cursor.rowcount:
                return False
            await connection.execute(
                "INSERT INTO broadcast_people (broadcast, user_id) "
                f"SELECT %s, user_id FROM people WHERE {_AUDIENCE} "
                "AND %s IN (%s, coalesce(locale, language, 'en'))",
                (broadcast, audience, EVERYBODY),
            )
        return True

    async def stop(self, broadcast: int) -> bool:
        """Drop it, asking → done, or send it to nobody else, sending → stopping.

        False when it is over.
        """
        return bool(
            await self._change(
                "UPDATE broadcasts SET state = CASE state WHEN 'asking' THEN 'done' "
                "ELSE 'stopping' END WHERE id = %s AND state IN ('asking', 'sending')",
                (broadcast,),
            )
        )

    async def mark(self, broadcast: int, person: int, state: str) -> None:
        """Note how sending to one recipient went: sent, left, failed, unknown or waiting."""
        await self._change(
            "UPDATE broadcast_people SET state = %s WHERE broadcast = %s AND user_id = %s",
            (state, broadcast, person),
        )

    async def numbers(self, broadcast: int) -> dict[str, int]:
        """How many recipients are in each state."""
        return await self._counts(
            "SELECT state, count(*) FROM broadcast_people WHERE broadcast = %s GROUP BY 1",
            (broadcast,),
        )

    @contextlib.asynccontextmanager
    async def sending_alone(self) -> AsyncIterator[Sending | None]:
        """What the one process that sends may do meanwhile; None while another one sends.

        The lock lives as long as the connection, so a process that dies gives it up.
        """
        async with self._pool.connection() as connection:
            alone = True  # until the answer says otherwise: it may be cut off
            try:
                cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))
                row = await cursor.fetchone()
                alone = bool(row and row[0])
                yield Sending(connection) if alone else None
            finally:
                if alone:
                    try:
                        await connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))
                    except Error:  # the lock goes with the connection
                        await connection.close()


class Sending:
    """The questions of the process that sends, on the connection that keeps others out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def oldest(self) -> Broadcast | None:
        """The oldest broadcast that is under way."""
        async with self._connection.cursor(row_factory=class_row(Broadcast)) as cursor:
            await cursor.execute(
                "SELECT id, chat_id, message_id, status_message_id, locale, state "
                "FROM broadcasts WHERE state IN ('sending', 'stopping') ORDER BY id LIMIT 1"
            )
            return await cursor.fetchone()

    async def claim(self, broadcast: int) -> int | None:
        """The next recipient, waiting → unknown; None when there are no more."""
        cursor = await self._connection.execute(
            """
            UPDATE broadcast_people SET state = 'unknown'
            WHERE broadcast = %(id)s AND user_id = (
                SELECT user_id FROM broadcast_people waiting
                JOIN broadcasts ON broadcasts.id = broadcast
                WHERE broadcast = %(id)s AND waiting.state = 'waiting'
                  AND broadcasts.state = 'sending'
                ORDER BY user_id LIMIT 1 FOR UPDATE OF waiting SKIP LOCKED)
            RETURNING user_id
            """,
            {"id": broadcast},
        )
        row = await cursor.fetchone()
        return int(row[0]) if row else None

    async def finish(self, broadcast: int) -> None:
        """It is over, → done; its recipients mattered only so that nobody gets it twice."""
        async with self._connection.transaction():
            await self._connection.execute(
                "UPDATE broadcasts SET state = 'done' WHERE id = %s", (broadcast,)
            )
            await self._connection.execute(
                "DELETE FROM broadcast_people WHERE broadcast = %s", (broadcast,)
            )
