"""The table of paintings: one row for every painting that a person was promised.

The queue knows when a painting has its turn; this table knows what it is, for whom, and how it
ended. A row is kept for `KEEP_DAYS` days. Every transition of a painting's life (`data.life`) is a
method of `Paintings`.

An ended painting's status message has a last word: it is noted together with the end, and crossed
out once the person can read it, so that no death in between leaves a message that waits for ever.

A row that can't be read, since another version wrote it, counts as absent: the admins are told
once, and all other rows are served. It is left as it is, for the version that can read it.
"""

from __future__ import annotations

import dataclasses
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from data.life import ENDED, OPEN, Failure, LastWord, State
from database.records import PaintingRecord, Request, UnreadableRecord
from database.server.pool import Pool, retried
from database.table import Connection

log = logging.getLogger(__name__)

KEEP_DAYS = 30
_COLUMNS = ", ".join(field.name for field in dataclasses.fields(PaintingRecord))
_END = "state = %(state)s, last_word = %(last_word)s"

Notify = Callable[[str, str], Awaitable[None]]
"""Tells the admins a text; the second argument is the kind of notice."""


class Paintings:
    """Reads and writes painting records."""

    def __init__(self, pool: Pool, notify: Notify | None = None) -> None:
        """`notify` tells admins of records that can't be read."""
        self._pool = pool
        self._notify = notify
        self._told: set[str] = set()

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
        """A new painting, waiting; None when this person already waits for `limit` of them.

        None, too, when there is one for the same status message (a double tap) or for the same
        tap (`asked_by`: an update that came twice).
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
                    "open": list(OPEN),
                    "limit": limit,
                    "asked_by": asked_by,
                },
            )
            row = await cursor.fetchone()
        return await self.get(row[0]) if row else None

    @retried
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
        """The record that a tap (by its query's id) or a group's message has led to."""
        found = await self._select("asked_by = %(tap)s", tap=tap)
        return found[0] if found else None

    async def latest_of(self, user_id: int, chat_id: int) -> PaintingRecord | None:
        """The painting that this person asked for last in this chat."""
        found = await self._select(
            "user_id = %(user)s AND chat_id = %(chat)s", user=user_id, chat=chat_id
        )
        return found[-1] if found else None

    async def open_of(self, user_id: int) -> list[PaintingRecord]:
        """The open paintings of this person, the oldest first."""
        return await self._select(
            "user_id = %(user)s AND state = ANY(%(open)s)", user=user_id, open=list(OPEN)
        )

    async def open_in(self, chat_id: int) -> list[PaintingRecord]:
        """The open paintings that were asked for in this chat, the oldest first."""
        return await self._select(
            "chat_id = %(chat)s AND state = ANY(%(open)s)", chat=chat_id, open=list(OPEN)
        )

    async def all_open(self, untouched: float = 0.0) -> list[PaintingRecord]:
        """The open paintings that nothing has changed for `untouched` seconds."""
        return await self._select(
            "state = ANY(%(open)s) AND changed_at <= now() - make_interval(secs => %(untouched)s)",
            open=list(OPEN),
            untouched=untouched,
        )

    async def running(self) -> list[tuple[PaintingRecord, float]]:
        """The paintings in work, on any machine, each with its seconds since it began."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(
                f"SELECT {_COLUMNS}, extract(epoch FROM now() - began_at)::real AS age "
                "FROM paintings WHERE state = 'painting' AND began_at IS NOT NULL"
            )
            rows = await cursor.fetchall()
        ages = {row["id"]: float(row["age"]) for row in rows}
        return [(record, ages[record.id]) for record in await self._readable(rows)]

    async def without_last_word(self, untouched: float) -> list[PaintingRecord]:
        """Ended paintings with a last word, and unchanged for `untouched` seconds."""
        return await self._select(
            "last_word IS NOT NULL AND state <> ALL(%(open)s) "
            "AND changed_at <= now() - make_interval(secs => %(untouched)s)",
            open=list(OPEN),
            untouched=untouched,
        )

    async def move_chat(self, chat_id: int, to: int) -> None:
        """Give a group's paintings its new number: it has become a supergroup."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE paintings SET chat_id = %(to)s WHERE chat_id = %(old)s AND NOT EXISTS ("
                "SELECT 1 FROM paintings other WHERE other.chat_id = %(to)s "
                "AND other.status_message_id = paintings.status_message_id)",
                {"old": chat_id, "to": to},
            )

    async def hold(self, painting: str) -> PaintingRecord | None:
        """Make the calling attempt the holder, the only one that may deliver, and count the try.

        It is counted before any work, so that a try counts that ends with the death of all
        processes. An open painting keeps its state. Returns the record as it is from then on, None
        when there is none.
        """
        holder = secrets.token_hex(8)
        await self._change(
            painting, "holder = %(holder)s, tries = tries + 1", unless=ENDED, holder=holder
        )
        record = await self.get(painting)
        return record and dataclasses.replace(record, holder=holder)

    async def count_back(self, painting: str, *, held_by: str | None) -> None:
        """Take the holder's try back: it ended through no fault of the painting's."""
        await self._change(
            painting, "tries = greatest(tries - 1, 0)", unless=ENDED, held_by=held_by
        )

    async def begin(self, record: PaintingRecord) -> bool:
        """Open → painting, by its holder; False while another painting of this person runs.

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
                    "open": list(OPEN),
                    "holder": record.holder,
                },
            )
        return cursor.rowcount == 1

    async def add_style(self, painting: str, file_id: str, *, limit: int) -> bool:
        """Add a style to a painting that nobody has begun; False when it can't be any more.

        A style that it has already is not added again, nor more than `limit` in all.
        """
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "UPDATE paintings SET changed_at = now(), request = jsonb_set(request, '{styles}', "
                "(request->'styles') || to_jsonb(%(style)s::text)) "
                "WHERE id = %(id)s AND state = 'waiting' AND NOT (request->'styles') ? %(style)s "
                "AND jsonb_array_length(request->'styles') < %(limit)s",
                {"id": painting, "style": file_id, "limit": limit},
            )
        return cursor.rowcount == 1

    async def wait_again(self, painting: str, *, held_by: str | None) -> bool:
        """Painting → waiting, by its holder: the queue will give it out again.

        One that is being sent stays so: it is painted.
        """
        return await self._change(
            painting,
            "state = %(state)s",
            unless=(*ENDED, State.SENDING.value),
            held_by=held_by,
            state=State.WAITING.value,
        )

    async def sending(
        self,
        painting: str,
        *,
        held_by: str | None,
        width: int,
        height: int,
        seconds: float,
        peak_mb: float,
        file_id: str | None,
    ) -> bool:
        """Open → sending, by its holder: it is painted, and Telegram keeps the file `file_id`.

        Returns False when it was stopped meanwhile or another attempt holds it.
        """
        return await self._change(
            painting,
            "state = %(state)s, width = %(width)s, height = %(height)s, "
            "seconds = %(seconds)s, peak_mb = %(peak_mb)s, file_id = %(file_id)s",
            unless=ENDED,
            held_by=held_by,
            state=State.SENDING.value,
            width=width,
            height=height,
            seconds=seconds,
            peak_mb=peak_mb,
            file_id=file_id,
        )

    async def done(self, painting: str) -> None:
        """Any state → done: the person has it, and the status message has to go."""
        word = LastWord.REMOVE.value
        await self._change(painting, _END, state=State.DONE.value, last_word=word)

    async def stop(self, painting: str) -> bool:
        """Open → stopped; False when it had ended."""
        word = LastWord.STOPPED.value
        return await self._change(
            painting, _END, unless=ENDED, state=State.STOPPED.value, last_word=word
        )

    async def fail(self, painting: str, failure: Failure, *, held_by: str | None = None) -> bool:
        """Open → failed; False when it had ended, or another attempt than `held_by` holds it."""
        return await self._change(
            painting,
            f"{_END}, failure = %(failure)s",
            unless=ENDED,
            held_by=held_by,
            state=State.FAILED.value,
            failure=failure.value,
            last_word=failure.last_word and failure.last_word.value,
        )

    async def last_word_said(self, painting: str) -> None:
        """Cross out what the status message had yet to say; in any state."""
        await self._change(painting, "last_word = NULL")

    async def note_work(self, painting: str, work: float) -> None:
        """Keep what it took, in the units of `nst.schedule.work`; in any state."""
        await self._change(painting, "work = %(work)s", work=work)

    async def set_size_limit(self, painting: str, size: int) -> None:
        """Keep the longest side in pixels that memory allows from now on; in any state."""
        await self._change(painting, "size_limit = %(size)s", size=size)

    async def move_status_message(
        self, painting: str, message: int, *, held_by: str | None, ended: bool
    ) -> bool:
        """Make another message the status message, by its holder; False when it isn't any more.

        Nor is it moved when the painting has ended, unless `ended` says that this is known.
        """
        return await self._change(
            painting,
            "status_message_id = %(message)s",
            unless=() if ended else ENDED,
            held_by=held_by,
            message=message,
        )

    async def announce_result(self, painting: str, message: int, *, held_by: str | None) -> bool:
        """Keep the message that will become the painting; in any state, by its holder.

        Returns False when another attempt holds it.
        """
        return await self._change(
            painting, "result_message_id = %(message)s", held_by=held_by, message=message
        )

    @retried
    async def _change(
        self,
        painting: str,
        assignments: str,
        *,
        unless: tuple[str, ...] = (),
        held_by: str | None = None,
        **values: Any,
    ) -> bool:
        """Assign; False when the state is one of `unless` or another than `held_by` holds it."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                f"UPDATE paintings SET {assignments}, changed_at = now() "
                "WHERE id = %(id)s AND state <> ALL(%(unless)s) "
                "AND (%(held_by)s::text IS NULL OR holder = %(held_by)s)",
                {**values, "id": painting, "unless": list(unless), "held_by": held_by},
            )
        return cursor.rowcount == 1

    async def count_death(self, painting: str) -> int:
        """Count one more death of its child; returns how many there were."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "UPDATE paintings SET deaths = deaths + 1 WHERE id = %s RETURNING deaths",
                (painting,),
            )
            row = await cursor.fetchone()
        return int(row[0]) if row else 0

    async def paces(self, last: int) -> list[tuple[float, float]]:
        """Work and seconds of the `last` paintings that were finished."""
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
        """Delete ended paintings, and dialogues, after `KEEP_DAYS`; returns how many paintings."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "DELETE FROM paintings WHERE created_at < now() - make_interval(days => %s) "
                "AND state <> ALL(%s)",
                (KEEP_DAYS, list(OPEN)),
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
        return await self._readable(rows)

    async def _readable(self, rows: Iterable[Mapping[str, Any]]) -> list[PaintingRecord]:
        """The records that can be read; the admins are told of the others, and of odd ones."""
        records = []
        for row in rows:
            try:
                record = PaintingRecord.read(row)
            except UnreadableRecord as error:
                await self._tell_once(row["id"], f"can't be read and is skipped: {error}")
                continue
            for name, known in (("failure", record.failure), ("last_word", record.last_word)):
                if known is not None and known.value != row[name]:
                    odd = f"has an unknown {name}, {row[name]!r:.80}, taken for {known.value!r}"
                    await self._tell_once(record.id, odd)
            records.append(record)
        return records

    async def _tell_once(self, painting: str, what: str) -> None:
        if painting in self._told:
            return
        self._told.add(painting)
        log.error("painting %s: its record %s", painting, what)
        if self._notify:
            await self._notify(f"⚠️ painting {painting}: its record {what}", "unreadable record")


async def forget(connection: Connection, user_id: int) -> None:
    """Delete a person's paintings; their figures go with them."""
    await connection.execute("DELETE FROM paintings WHERE user_id = %s", (user_id,))
