"""The record of every painting that a person was promised.

The queue knows *when*; this table knows *what*, for whom, and how it ended. A record is kept for
`KEEP_DAYS` days.

An ended painting's status message has a last word: it is noted together with the end, and crossed
out once the person can read it, so that no death in between leaves a message that waits for ever.
"""

from __future__ import annotations

import dataclasses
import secrets
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from database.pool import Pool, patient
from database.records import ENDED_STATES, OPEN_STATES, PaintingRecord, Request

KEEP_DAYS = 30
_COLUMNS = ", ".join(field.name for field in dataclasses.fields(PaintingRecord))


class Paintings:
    """Reads and writes painting records."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def create(
        self,
        user_id: int,
        chat_id: int,
        status_message_id: int,
        request: Request,
        *,
        limit: int,
        asked_by: str | None = None,
    ) -> PaintingRecord | None:
        """Promise a painting, unless this person already waits for `limit` of them.

        A second promise for the same status message (a double tap), or for the same tap
        (`asked_by`, an update that came twice), is None too.
        """
        async with self._pool.connection() as connection, connection.transaction():
            # One person's taps are counted one after another, whichever process they reach.
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (user_id,))
            cursor = await connection.execute(
                """
                INSERT INTO paintings
                    (id, user_id, chat_id, status_message_id, request, asked_by)
                SELECT %(id)s, %(user)s, %(chat)s, %(message)s, %(request)s, %(asked_by)s
                WHERE (SELECT count(*) FROM paintings
                       WHERE user_id = %(user)s AND state = ANY(%(open)s)) < %(limit)s
                ON CONFLICT DO NOTHING
                RETURNING id
                """,
                {
                    "id": secrets.token_urlsafe(9),
                    "user": user_id,
                    "chat": chat_id,
                    "message": status_message_id,
                    "request": Jsonb(request.stored()),
                    "open": list(OPEN_STATES),
                    "limit": limit,
                    "asked_by": asked_by,
                },
            )
            row = await cursor.fetchone()
        return await self.get(row[0]) if row else None

    @patient
    async def get(self, painting: str) -> PaintingRecord | None:
        """The record with this id."""
        found = await self._select("id = %(id)s", id=painting)
        return found[0] if found else None

    async def several(self, paintings: list[str]) -> list[PaintingRecord]:
        """The records with these ids, in this order."""
        found = await self._select("id = ANY(%(ids)s)", ids=paintings)
        order = {painting: number for number, painting in enumerate(paintings)}
        return sorted(found, key=lambda record: order[record.id])

    async def by_status_message(self, chat_id: int, message_id: int) -> PaintingRecord | None:
        """The record that a status message belongs to."""
        found = await self._select(
            "chat_id = %(chat)s AND status_message_id = %(message)s",
            chat=chat_id,
            message=message_id,
        )
        return found[0] if found else None

    async def by_result(self, chat_id: int, message_id: int) -> PaintingRecord | None:
        """The record whose finished picture is this message."""
        found = await self._select(
            "chat_id = %(chat)s AND result_message_id = %(message)s",
            chat=chat_id,
            message=message_id,
        )
        return found[0] if found else None

    async def asked_by(self, tap: str) -> PaintingRecord | None:
        """The record that this has led to: a tap (its query's id), or a group's message."""
        found = await self._select("asked_by = %(tap)s", tap=tap)
        return found[0] if found else None

    async def latest_of(self, user_id: int, chat_id: int) -> PaintingRecord | None:
        """What this person asked for last in this chat."""
        found = await self._select(
            "user_id = %(user)s AND chat_id = %(chat)s", user=user_id, chat=chat_id
        )
        return found[-1] if found else None

    async def open_of(self, user_id: int) -> list[PaintingRecord]:
        """Everything this person still waits for."""
        return await self._select(
            "user_id = %(user)s AND state = ANY(%(open)s)", user=user_id, open=list(OPEN_STATES)
        )

    async def all_open(self, untouched: float = 0.0) -> list[PaintingRecord]:
        """Everything that anybody still waits for and nothing touched for so many seconds."""
        return await self._select(
            "state = ANY(%(open)s) AND changed_at <= now() - make_interval(secs => %(untouched)s)",
            open=list(OPEN_STATES),
            untouched=untouched,
        )

    async def running(self) -> list[tuple[PaintingRecord, float]]:
        """What is being painted, on any machine, and for how many seconds already."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(
                f"SELECT {_COLUMNS}, extract(epoch FROM now() - began_at)::real AS age "
                "FROM paintings WHERE state = 'painting' AND began_at IS NOT NULL"
            )
            rows = await cursor.fetchall()
        return [(PaintingRecord.read(row), float(row["age"])) for row in rows]

    async def without_last_word(self, untouched: float) -> list[PaintingRecord]:
        """Ended paintings whose status message still waits, untouched for so many seconds."""
        return await self._select(
            "last_word IS NOT NULL AND state <> ALL(%(open)s) "
            "AND changed_at <= now() - make_interval(secs => %(untouched)s)",
            open=list(OPEN_STATES),
            untouched=untouched,
        )

    async def move_chat(self, chat_id: int, to: int) -> None:
        """A group has become a supergroup: its number changed."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE paintings SET chat_id = %(to)s WHERE chat_id = %(old)s AND NOT EXISTS ("
                "SELECT 1 FROM paintings other WHERE other.chat_id = %(to)s "
                "AND other.status_message_id = paintings.status_message_id)",
                {"old": chat_id, "to": to},
            )

    async def hold(self, painting: str) -> PaintingRecord | None:
        """Make this attempt the one that may deliver: an earlier one that still lives may not.

        The record as it is from then on; None when there is none.
        """
        holder = secrets.token_hex(8)
        await self.update(painting, unless=ENDED_STATES, holder=holder)
        record = await self.get(painting)
        return record and dataclasses.replace(record, holder=holder)

    async def begin(self, record: PaintingRecord) -> bool:
        """Mark it as being painted; False while another of this person's paintings is.

        The queue keeps to one running painting a person except when a worker takes several jobs
        at once; this closes that gap.
        """
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (record.user_id,))
            cursor = await connection.execute(
                """
                UPDATE paintings
                SET state = 'painting', began_at = now(), changed_at = now()
                WHERE id = %(id)s AND state = ANY(%(open)s)
                  AND (%(holder)s::text IS NULL OR holder = %(holder)s)
                  AND NOT EXISTS (
                    SELECT 1 FROM paintings other JOIN saq_jobs job ON job.key = other.id
                    WHERE other.user_id = %(user)s AND other.id <> %(id)s
                      AND other.state = 'painting' AND job.status = 'active')
                """,
                {
                    "id": record.id,
                    "user": record.user_id,
                    "open": list(OPEN_STATES),
                    "holder": record.holder,
                },
            )
        return cursor.rowcount == 1

    @patient
    async def update(
        self,
        painting: str,
        *,
        unless: tuple[str, ...] = (),
        held_by: str | None = None,
        **values: Any,
    ) -> bool:
        """Change columns; False when the state is one of `unless` or somebody else holds it."""
        assignments = ", ".join(f"{name} = %({name})s" for name in values)
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                f"UPDATE paintings SET {assignments}, changed_at = now() "
                "WHERE id = %(id)s AND state <> ALL(%(unless)s) "
                "AND (%(held_by)s::text IS NULL OR holder = %(held_by)s)",
                {**values, "id": painting, "unless": list(unless), "held_by": held_by},
            )
        return cursor.rowcount == 1

    async def count_death(self, painting: str) -> int:
        """Its child was killed once more; returns how often that is now."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "UPDATE paintings SET deaths = deaths + 1 WHERE id = %s RETURNING deaths",
                (painting,),
            )
            row = await cursor.fetchone()
        return int(row[0]) if row else 0

    async def paces(self, last: int) -> list[tuple[float, float]]:
        """Work and seconds of the paintings that were finished last."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT work, seconds FROM paintings WHERE state = 'done' AND work > 0 "
                "AND seconds > 0 ORDER BY changed_at DESC LIMIT %s",
                (last,),
            )
            return [(float(row[0]), float(row[1])) for row in await cursor.fetchall()]

    async def totals(self) -> dict[str, int]:
        """How many paintings are in each state; those that failed, by why."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT state || coalesce(' (' || failure || ')', ''), count(*) "
                "FROM paintings GROUP BY 1"
            )
            return {str(state): int(number) for state, number in await cursor.fetchall()}

    async def forget_old(self) -> int:
        """Delete what is older than the promise in /privacy; returns how many."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "DELETE FROM paintings WHERE created_at < now() - make_interval(days => %s) "
                "AND state <> ALL(%s)",
                (KEEP_DAYS, list(OPEN_STATES)),
            )
            await connection.execute(
                "DELETE FROM dialogue WHERE changed_at < now() - make_interval(days => %s)",
                (KEEP_DAYS,),
            )
        return cursor.rowcount

    async def _select(self, condition: str, **values: Any) -> list[PaintingRecord]:
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(
                f"SELECT {_COLUMNS} FROM paintings WHERE {condition} ORDER BY created_at",
                values,
            )
            rows = await cursor.fetchall()
        return [PaintingRecord.read(row) for row in rows]
