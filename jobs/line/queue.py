"""The durable queue's face: what handlers and loops may ask of it.

SAQ on PostgreSQL keeps the jobs. Its defaults don't fit paintings (10 s time-out, one attempt),
and its PostgreSQL queue has traps: with `scheduled=0` there is no order, and while any job of a
group runs, jobs without a group are passed over, so every job gets both.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
import time
from collections.abc import Iterable

from saq import Job, Status

from database.line import Line
from database.paintings import Paintings
from database.pool import Pool
from database.records import PaintingRecord, Request
from database.renderers import SEEN_WITHIN, Renderer
from database.switches import Switches

log = logging.getLogger(__name__)

FUNCTION = "paint"
PER_PERSON = 3
"""Paintings that one person may have waiting or being painted."""
CAPACITY = 500
"""Paintings that may wait in all; beyond it a promise would be a lie."""
_TIMEOUT = 2 * 3600  # seconds; a poster on a slow machine, several times over
HEARTBEAT = 15  # seconds without a sign of life until another worker takes over
_ATTEMPTS = 50  # restarts are nobody's fault; deaths of the child are counted in the record
_SETTLED_WITHIN = 10.0  # seconds that stopping may take
_FAR_ROUND = 1000  # PostgreSQL keeps priorities in 16 bits
_KEEP = 24 * 3600  # seconds a finished job's row stays; the record says the rest


class Refusal(enum.Enum):
    """Why no painting was promised."""

    PERSON_LIMIT = enum.auto()
    FULL = enum.auto()
    ALREADY_STARTED = enum.auto()
    PAUSED = enum.auto()


class PaintingQueue:
    """Promise, find, and stop paintings."""

    def __init__(
        self,
        pool: Pool,
        paintings: Paintings,
        renderer: Renderer | None = None,
        name: str = "paintings",
    ) -> None:
        """With a `renderer` this process is given only what that one can paint."""
        self.pool = pool
        self.paintings = paintings
        self.saq = Line(pool=pool, name=name, renderer=renderer)
        self.switches = Switches(pool)

    async def connect(self) -> None:
        """Create or update the queue's own tables."""
        await self.saq.connect()

    async def promise(
        self,
        user_id: int,
        chat_id: int,
        status_message_id: int,
        request: Request,
        *,
        asked_by: str | None = None,
    ) -> PaintingRecord | Refusal:
        """Record a painting and put it in line, the busiest people last."""
        if await self.paintings.by_status_message(chat_id, status_message_id):
            return Refusal.ALREADY_STARTED
        if await self.switches.paused():
            return Refusal.PAUSED
        if await self.waiting() >= CAPACITY:
            return Refusal.FULL
        record = await self.paintings.create(
            *(user_id, chat_id, status_message_id, request), limit=PER_PERSON, asked_by=asked_by
        )
        if record is None:
            if await self.paintings.by_status_message(chat_id, status_message_id):
                return Refusal.ALREADY_STARTED
            return Refusal.PERSON_LIMIT
        await self._enqueue(record)
        return record

    async def recover(self, untouched: float = 0.0) -> int:
        """Put open records in line again whose job is missing; returns how many there were.

        A crash between recording and enqueuing leaves one; a database restored from a backup may
        leave many. Only records `untouched` for so many seconds are looked at: another process may
        be about to enqueue a younger one.
        """
        missing = 0
        for record in await self.paintings.all_open(untouched):
            job = await self.saq.job(record.id)
            if job is None or job.status in (Status.COMPLETE, Status.FAILED, Status.ABORTED):
                await self._enqueue(record, after=job.scheduled if job else 0)
                missing += 1
        return missing

    async def stop(self, record: PaintingRecord) -> bool:
        """Stop a painting; True when it was still waiting, so that nobody else will say so.

        A running one is stopped by its worker, which tells the person.
        """
        # Asked for durably first: should this process die now, nobody must paint on.
        if not await self.paintings.stop(record.id):
            return False
        if await self._abort_waiting(record.id):
            return True
        job = await self.saq.job(record.id)
        if job is not None and job.status is Status.ACTIVE:
            await self.saq.abort(job, error="stopped")
        return False

    async def settled(self, paintings: Iterable[str]) -> None:
        """Wait until no worker has these any more; a dead worker's are waited for only so long."""
        keys = list(paintings)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SETTLED_WITHIN):
                while await self._held(keys):  # noqa: ASYNC110 - another process ends it
                    await asyncio.sleep(0.2)

    async def _held(self, keys: list[str]) -> bool:
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT 1 FROM saq_jobs WHERE key = ANY(%s) AND status IN ('active', 'aborting')",
                (keys,),
            )
            return await cursor.fetchone() is not None

    async def places(self) -> list[str]:
        """Ids of waiting paintings in the order in which they will be painted."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT key FROM saq_jobs WHERE queue = %s AND status = 'queued' "
                "ORDER BY priority, scheduled, lock_key",
                (self.saq.name,),
            )
            return [str(row[0]) for row in await cursor.fetchall()]

    async def waiting(self) -> int:
        """How many paintings wait."""
        return await self.saq.count("queued")

    async def active(self) -> int:
        """How many paintings are being painted, on any machine."""
        return await self.saq.count("active")

    async def tried_pace(self) -> float | None:
        """Seconds per unit of work by the renderers' trials, the median; None without any."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY pace) FROM renderers "
                "WHERE seen_at > now() - make_interval(secs => %s)",
                (SEEN_WITHIN,),
            )
            row = await cursor.fetchone()
        return float(row[0]) if row and row[0] is not None else None

    async def facts(self) -> dict[str, float]:
        """What an owner watches, by name."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                """
                SELECT
                  (SELECT count(*) FROM saq_jobs WHERE queue = %(q)s AND status = 'queued'),
                  (SELECT count(*) FROM saq_jobs WHERE queue = %(q)s AND status = 'active'),
                  (SELECT coalesce(extract(epoch FROM now()) - min(scheduled), 0) FROM saq_jobs
                   WHERE queue = %(q)s AND status = 'queued'),
                  (SELECT count(*) FROM renderers
                   WHERE seen_at > now() - make_interval(secs => %(seen)s)),
                  (SELECT count(*) FROM paintings
                   WHERE state = 'done' AND changed_at > now() - interval '1 hour'),
                  (SELECT count(*) FROM paintings
                   WHERE state = 'failed' AND changed_at > now() - interval '1 hour'),
                  (SELECT coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds), 0)
                   FROM paintings WHERE state = 'done' AND changed_at > now() - interval '1 hour')
                """,
                {"q": self.saq.name, "seen": SEEN_WITHIN},
            )
            row = await cursor.fetchone()
        assert row
        names = (
            *("paintings_waiting", "paintings_active", "longest_wait_seconds", "renderers"),
            *("done_last_hour", "failed_last_hour", "median_painting_seconds"),
        )
        return {name: float(value) for name, value in zip(names, row, strict=True)}

    async def _enqueue(self, record: PaintingRecord, after: int = 0) -> None:
        # SAQ takes a finished key again only for a later time. A retry keeps its time, and so its
        # place: no delay may be asked for.
        scheduled = max(int(time.time()), after + 1)
        await self.saq.enqueue(
            Job(
                function=FUNCTION,
                key=record.id,
                kwargs={"painting": record.id},
                timeout=_TIMEOUT,
                heartbeat=HEARTBEAT,
                retries=_ATTEMPTS,
                ttl=_KEEP,
                scheduled=scheduled,
                priority=await self._round(record.user_id),
                group_key=str(record.user_id),
            )
        )
        log.info("painting %s: in line for chat %d", record.id, record.chat_id)

    async def _round(self, user_id: int) -> int:
        """In which round a person's next painting has its turn.

        Everybody has one turn a round: a second painting comes a round after the first, and
        whoever is new joins the round that is under way. So the greedy wait for the modest, and
        nobody waits for ever, since rounds pass.
        """
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT min(priority), max(priority) FILTER (WHERE group_key = %(person)s) "
                "FROM saq_jobs WHERE queue = %(queue)s AND status IN ('queued', 'active')",
                {"queue": self.saq.name, "person": str(user_id)},
            )
            row = await cursor.fetchone()
            now, own = row if row else (None, None)
            if now is not None and now > _FAR_ROUND:
                # A line that has not been empty for a long time: begin to count anew.
                await connection.execute(
                    "UPDATE saq_jobs SET priority = priority - %(now)s WHERE queue = %(queue)s "
                    "AND status IN ('queued', 'active') AND priority >= %(now)s",
                    {"queue": self.saq.name, "now": now},
                )
                now, own = 0, None if own is None else own - now
        return max(now or 0, 0 if own is None else own + 1)

    async def _abort_waiting(self, key: str) -> bool:
        """Atomically take a job out of the line; False when a worker already has it."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "UPDATE saq_jobs SET status = 'aborted', "
                "expire_at = extract(epoch FROM now())::bigint + %s "
                "WHERE key = %s AND queue = %s AND status = 'queued'",
                (_KEEP, key, self.saq.name),
            )
            return cursor.rowcount == 1
