"""SAQ's PostgreSQL queue with what many unequal machines need.

The overrides lean on names that begin with an underscore: SAQ is pinned, and
tests/database/test_line.py fails should they change their meaning.
"""

from __future__ import annotations

import logging
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool
from saq import Job, Status
from saq.queue.postgres import DEQUEUE, PostgresQueue
from saq.utils import now, now_seconds

from database.pool import Pool
from database.renderers import SEEN_WITHIN, Renderer

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


class Line(PostgresQueue):
    """The line of paintings; with a `renderer` it gives out what fits that one."""

    def __init__(self, pool: Pool, name: str, renderer: Renderer | None = None) -> None:
        super().__init__(pool=pool, name=name)
        self._renderer = renderer

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
                        "size": self._renderer.size if self._renderer else _ANY_SIZE,
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
