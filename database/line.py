"""SAQ's PostgreSQL queue with what many unequal machines need.

The overrides lean on names that begin with an underscore: SAQ is pinned, and
tests/database/test_line.py fails should they change their meaning.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool
from saq import Job, Status
from saq.queue.postgres import DEQUEUE, PostgresQueue
from saq.utils import now, now_seconds

from database.renderers import SEEN_WITHIN
from database.server.pool import Pool

log = logging.getLogger(__name__)

# SAQ's own order and its one running job a group; ours is the last condition: what is larger than
# this renderer can paint is left in line as long as somebody who can paint larger is there. A
# size that isn't a number, which another version may have written, must not stop the whole line.
_TAKE = """
    WITH taken AS (
      SELECT key FROM saq_jobs
      WHERE status = 'queued' AND queue = %(queue)s AND %(now)s >= scheduled
        AND group_key NOT IN (
          SELECT group_key FROM saq_jobs
          WHERE status = 'active' AND queue = %(queue)s AND group_key IS NOT NULL)
        AND NOT EXISTS (
          SELECT FROM paintings, renderers
          WHERE paintings.id = saq_jobs.key
            AND least(
                CASE jsonb_typeof(paintings.request->'size') WHEN 'number'
                  THEN (paintings.request->>'size')::numeric END,
                paintings.size_limit) > %(size)s
            AND renderers.size > %(size)s
            AND renderers.seen_at > now() - make_interval(secs => %(seen)s))
      ORDER BY priority, scheduled
      LIMIT %(limit)s
      FOR UPDATE SKIP LOCKED
    )
    UPDATE saq_jobs SET status = 'active' FROM taken WHERE saq_jobs.key = taken.key
    RETURNING job
"""
_TABLES_LOCK = 0x57_1F  # an advisory lock, beside that of our own schema
_SWEEP_LOCK = 0x57_20
_ANY_SIZE = 2**31 - 1
_FAR_ROUND = 1000  # PostgreSQL keeps priorities in 16 bits


class Line(PostgresQueue):
    """The line of paintings: all that is asked of SAQ's tables."""

    def __init__(self, pool: Pool, name: str, largest: Callable[[], int] | None = None) -> None:
        """`largest` tells the longest side in pixels that this process can paint now."""
        super().__init__(pool=pool, name=name)
        self._largest = largest

    async def init_db(self) -> None:
        """Make or update SAQ's tables, one process after another, on a connection of their own.

        SAQ itself tries a lock, goes on without the tables where another holds it, and keeps it
        for as long as its connection lives: a next version's tables would never be made.
        """
        async with self.pool.connection() as waiting, waiting.transaction():
            await waiting.execute("SELECT pg_advisory_xact_lock(%s)", (_TABLES_LOCK,))
            everyday = self.pool
            async with AsyncConnectionPool(
                everyday.conninfo, kwargs=everyday.kwargs, min_size=1, max_size=1, open=False
            ) as once:
                self.pool = once
                try:
                    await super().init_db()
                finally:
                    self.pool = everyday

    async def sweep(self, lock: int = 60, abort: float = 5.0) -> list[str]:
        """Put in line again what dead workers had; forget old rows.

        SAQ's own holds a lock for as long as the process lives that swept first: one that is
        stopped but not dead would keep all others from ever looking. Ours is one transaction's,
        and the server ends transactions that nobody goes on with.
        """
        async with self.pool.connection() as connection, connection.transaction():
            cursor = await connection.execute(
                "SELECT pg_try_advisory_xact_lock(%s)", (_SWEEP_LOCK,)
            )
            if await cursor.fetchone() != (True,):
                return []
            await connection.execute(
                "DELETE FROM saq_jobs WHERE queue = %s AND expire_at <= %s "
                "AND status IN ('aborted', 'complete', 'failed')",
                (self.name, now_seconds()),
            )
            await connection.execute(
                "DELETE FROM saq_stats WHERE expire_at <= %s", (now_seconds(),)
            )
            cursor = await connection.execute(
                "SELECT job, status FROM saq_jobs WHERE queue = %s "
                "AND status IN ('active', 'aborting') FOR UPDATE SKIP LOCKED",
                (self.name,),
            )
            jobs = [self.deserialize(*row) for row in await cursor.fetchall()]
            stuck = [job for job in jobs if job and job.stuck]
            for job in stuck:
                if job.retryable:
                    job.error, job.completed, job.started, job.touched = "swept", 0, 0, now()
                    await self._update(job, Status.QUEUED, expire_at=None, connection=connection)
                else:
                    await self.finish(job, Status.ABORTED, error="swept", connection=connection)
        for job in stuck:
            log.info("painting %s: its worker is gone", job.key)
        return [job.key for job in stuck]

    async def taken_over(
        self, job: Job, connection: AsyncConnection[TupleRow] | None = None
    ) -> bool:
        """Whether another worker has started this job since; then it is ours no more."""
        if job.worker_id is None:
            return False
        async with self.nullcontext(connection) if connection else self.pool.connection() as held:
            cursor = await held.execute(
                "SELECT job, status FROM saq_jobs WHERE key = %s AND queue = %s",
                (job.key, self.name),
            )
            row = await cursor.fetchone()
        theirs = self.deserialize(*row) if row else None
        return (
            theirs is not None
            and theirs.worker_id not in (None, job.worker_id)
            and theirs.attempts > job.attempts
        )

    async def _dequeue(self) -> None:
        if self._dequeue_lock.locked():
            return
        async with self._dequeue_lock:
            async with self.pool.connection() as connection, connection.transaction():
                if not self._waiting:
                    return
                cursor = await connection.execute(
                    _TAKE,
                    {
                        "queue": self.name,
                        "now": now_seconds(),
                        "limit": self._waiting,
                        "size": self._largest() if self._largest else _ANY_SIZE,
                        "seen": SEEN_WITHIN,
                    },
                )
                rows = await cursor.fetchall()
                for (row,) in rows:
                    job = self.deserialize(row, Status.ACTIVE)
                    assert job
                    job.started = job.touched = now()
                    await self._update(job, status=Status.ACTIVE, connection=connection)
                    self._job_queue.put_nowait(job)
            if rows:
                await self._notify(DEQUEUE)

    async def _update(self, job: Job, status: Status | None = None, **kwargs: Any) -> None:
        """A worker that was given up for lost and comes back must not undo its successor's work."""
        if await self.taken_over(job, kwargs.get("connection")):
            return
        await super()._update(job, status, **kwargs)

    async def places(self) -> list[str]:
        """Keys of the waiting jobs in the order in which they will be taken."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT key FROM saq_jobs WHERE queue = %s AND status = 'queued' "
                "ORDER BY priority, scheduled, lock_key",
                (self.name,),
            )
            return [str(key) for (key,) in await cursor.fetchall()]

    async def held(self, keys: list[str]) -> bool:
        """Whether a worker has one of these jobs."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT 1 FROM saq_jobs WHERE key = ANY(%s) AND status IN ('active', 'aborting')",
                (keys,),
            )
            return await cursor.fetchone() is not None

    async def next_round(self, group: str) -> int:
        """The round in which the next job of this group has its turn, as its priority.

        Every group has one turn a round: its second job comes a round after the first, and a new
        group joins the round that is under way. So those with many jobs wait for those with few,
        and nobody waits for ever, since rounds pass.
        """
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT min(priority), max(priority) FILTER (WHERE group_key = %(group)s) "
                "FROM saq_jobs WHERE queue = %(queue)s AND status IN ('queued', 'active')",
                {"queue": self.name, "group": group},
            )
            row = await cursor.fetchone()
            first, own = row if row else (None, None)
            if first is not None and first > _FAR_ROUND:
                # A line that has not been empty for a long time: begin to count anew.
                await connection.execute(
                    "UPDATE saq_jobs SET priority = priority - %(first)s WHERE queue = %(queue)s "
                    "AND status IN ('queued', 'active') AND priority >= %(first)s",
                    {"queue": self.name, "first": first},
                )
                first, own = 0, None if own is None else own - first
        return max(first or 0, 0 if own is None else own + 1)

    async def abort_waiting(self, key: str, keep: int) -> bool:
        """Take a job out of the line and keep its row for `keep` seconds.

        False when a worker already has it.
        """
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "UPDATE saq_jobs SET status = 'aborted', "
                "expire_at = extract(epoch FROM now())::bigint + %s "
                "WHERE key = %s AND queue = %s AND status = 'queued'",
                (keep, key, self.name),
            )
            return cursor.rowcount == 1


async def forget(connection: AsyncConnection[Any], user_id: int) -> None:
    """Delete a person's jobs: each is in the group of its person."""
    await connection.execute("DELETE FROM saq_jobs WHERE group_key = %s", (str(user_id),))
