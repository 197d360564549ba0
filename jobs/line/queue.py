"""The durable queue: paintings are promised, found and stopped here.

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

from data.life import Failure
from database.line import Line
from database.paintings import Paintings
from database.records import PaintingRecord, Request
from database.renderers import Renderers
from database.server.pool import Pool
from database.switches import Switches
from jobs.line.renderer import Renderer

log = logging.getLogger(__name__)

FUNCTION = "paint"
PER_PERSON = 3
"""Paintings that one person may have waiting or being painted."""
CAPACITY = 500
"""Paintings that may wait in all; beyond it a promise would be a lie."""
_TIMEOUT = 6 * 3600  # seconds; a try ends sooner by the limits of painting, fetching and sending
HEARTBEAT = 15  # seconds without a sign of life until another worker takes over
_ATTEMPTS = 1000  # for SAQ; the record counts the tries, and the worker gives up
_SETTLED_WITHIN = 10.0  # seconds that stopping may take
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
        self.line = Line(pool, name, (lambda: renderer.size) if renderer else None)
        self.switches = Switches(pool)
        self.renderers = Renderers(pool)

    async def connect(self) -> None:
        """Create or update the queue's own tables."""
        await self.line.connect()

    async def promise(
        self,
        user_id: int,
        chat_id: int,
        status_message_id: int,
        request: Request,
        *,
        asked_by: str | None = None,
        delay: int = 0,
    ) -> PaintingRecord | Refusal:
        """Record a painting and put it in line, the busiest people last.

        It is begun after `delay` seconds at the earliest: more may have to be added to it.
        """
        if await self.paintings.by_status_message(chat_id, status_message_id):
            return Refusal.ALREADY_STARTED
        if await self.switches.paused():
            return Refusal.PAUSED
        if await self.waiting() >= CAPACITY:
            return Refusal.FULL
        record = await self.paintings.create(
            user_id, chat_id, status_message_id, request, limit=PER_PERSON, asked_by=asked_by
        )
        if record is None:
            if await self.paintings.by_status_message(chat_id, status_message_id):
                return Refusal.ALREADY_STARTED
            return Refusal.PERSON_LIMIT
        await self._enqueue(record, delay=delay)
        return record

    async def recover(self, untouched: float = 0.0) -> int:
        """Put open records in line again whose job is missing; returns how many there were.

        A crash between recording and enqueuing leaves one; a database restored from a backup may
        leave many. Only records `untouched` for so many seconds are looked at: another process may
        be about to enqueue a younger one.
        """
        missing = 0
        for record in await self.paintings.all_open(untouched):
            job = await self.line.job(record.id)
            if job is None or job.status in (Status.COMPLETE, Status.FAILED, Status.ABORTED):
                await self._enqueue(record, after=job.scheduled if job else 0)
                missing += 1
        return missing

    async def stop(self, record: PaintingRecord) -> bool:
        """Stop a painting; True when it was still waiting, so that nobody else will say so.

        A running one is stopped by its worker, which tells the person.
        """
        # Asked for durably first: should this process die now, nobody must paint on.
        return await self.paintings.stop(record.id) and await self._take_out(record)

    async def leave(self, record: PaintingRecord) -> None:
        """End a painting whose chat the bot may no longer write to."""
        gone = Failure.BLOCKED if record.chat_id > 0 else Failure.CHAT_GONE
        if await self.paintings.fail(record.id, gone):
            await self._take_out(record)

    async def _take_out(self, record: PaintingRecord) -> bool:
        """Take an ended painting's job out of the line, or from its worker; True for the former."""
        if await self.line.abort_waiting(record.id, _KEEP):
            return True
        job = await self.line.job(record.id)
        if job is not None and job.status is Status.ACTIVE:
            await self.line.abort(job, error="stopped")
        return False

    async def settled(self, paintings: Iterable[str]) -> None:
        """Wait until no worker has these any more; a dead worker's are waited for only so long."""
        keys = list(paintings)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SETTLED_WITHIN):
                while await self.line.held(keys):  # noqa: ASYNC110 - another process ends it
                    await asyncio.sleep(0.2)

    async def places(self) -> list[str]:
        """Ids of waiting paintings in the order in which they will be painted."""
        return await self.line.places()

    async def waiting(self) -> int:
        """How many paintings wait."""
        return await self.line.count("queued")

    async def active(self) -> int:
        """How many paintings are being painted, on any machine."""
        return await self.line.count("active")

    async def _enqueue(self, record: PaintingRecord, after: int = 0, delay: int = 0) -> None:
        # SAQ takes a finished key again only for a later time. A retry keeps its time, and so its
        # place: no delay may be asked for.
        scheduled = max(int(time.time()) + delay, after + 1)
        await self.line.enqueue(
            Job(
                function=FUNCTION,
                key=record.id,
                kwargs={"painting": record.id},
                timeout=_TIMEOUT,
                heartbeat=HEARTBEAT,
                retries=_ATTEMPTS,
                ttl=_KEEP,
                scheduled=scheduled,
                priority=await self.line.next_round(str(record.user_id)),
                group_key=str(record.user_id),
            )
        )
        log.info("painting %s: in line for chat %d", record.id, record.chat_id)
