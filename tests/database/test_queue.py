"""The queue's face on a real PostgreSQL and real SAQ workers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from saq import Status

from database.paintings import Paintings
from database.records import PaintingRecord, Request
from database.server.pool import Pool
from jobs.line.queue import CAPACITY, PER_PERSON, PaintingQueue, Refusal
from jobs.worker.worker import PaintingWorker

REQUEST = Request(content="photo", styles=("art",), locale="en", reply_to=7)


@pytest.fixture
async def queue(pool: Pool) -> AsyncIterator[PaintingQueue]:
    queue = PaintingQueue(pool, Paintings(pool))
    await queue.connect()
    yield queue
    await queue.line.disconnect()


async def promise(queue: PaintingQueue, user: int, message: int) -> PaintingRecord:
    made = await queue.promise(user, user, message, REQUEST)
    assert isinstance(made, PaintingRecord)
    return made


@contextlib.asynccontextmanager
async def working(queue: PaintingQueue, function: Any) -> AsyncIterator[None]:
    worker = PaintingWorker(queue, function, slots=1, abort=0.2, sweep=1)
    task = asyncio.create_task(worker.start())
    try:
        yield
    finally:
        await worker.stop()
        await task


async def test_the_modest_come_before_the_busy_and_the_early_before_the_late(
    queue: PaintingQueue,
) -> None:
    greedy = [await promise(queue, 1, n) for n in range(PER_PERSON)]
    modest = await promise(queue, 2, 50)
    places = await queue.places()
    assert places[0] == greedy[0].id
    assert places.index(modest.id) < places.index(greedy[1].id) < places.index(greedy[2].id)


async def test_one_person_cannot_fill_the_queue(queue: PaintingQueue) -> None:
    for n in range(PER_PERSON):
        await promise(queue, 1, n)
    assert await queue.promise(1, 1, 99, REQUEST) is Refusal.PERSON_LIMIT
    assert await queue.waiting() == PER_PERSON


async def test_a_second_tap_is_told_from_a_full_queue(queue: PaintingQueue) -> None:
    await promise(queue, 1, 5)
    assert await queue.promise(1, 1, 5, REQUEST) is Refusal.ALREADY_STARTED


async def test_a_full_queue_promises_nothing(
    queue: PaintingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CAPACITY > 100
    monkeypatch.setattr("jobs.line.queue.CAPACITY", 1)
    await promise(queue, 1, 1)
    assert await queue.promise(2, 2, 1, REQUEST) is Refusal.FULL
    assert await queue.paintings.open_of(2) == []


async def test_stopping_what_waits_takes_it_out_of_the_line(queue: PaintingQueue) -> None:
    first, second = await promise(queue, 1, 1), await promise(queue, 2, 2)
    assert await queue.stop(first) is True
    assert await queue.places() == [second.id]
    stopped = await queue.paintings.get(first.id)
    assert stopped and stopped.state == "stopped"


async def test_stopping_what_is_painted_cancels_it_and_only_it(queue: PaintingQueue) -> None:
    started, cancelled, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def paint(context: dict[str, Any], *, painting: str) -> None:
        if started.is_set():
            done.set()
            return
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    first, second = await promise(queue, 1, 1), await promise(queue, 2, 2)
    async with working(queue, paint):
        await asyncio.wait_for(started.wait(), 60)
        assert await queue.stop(first) is False
        await asyncio.wait_for(cancelled.wait(), 60)
        await asyncio.wait_for(done.wait(), 60)
    job = await queue.line.job(second.id)
    assert job and job.status == "complete"


async def test_a_lost_notification_loses_no_painting(
    queue: PaintingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = asyncio.Event()

    async def paint(context: dict[str, Any], *, painting: str) -> None:
        done.set()

    async def deaf(*_: object, **__: object) -> None: ...

    monkeypatch.setattr(queue.line, "_notify", deaf)
    async with working(queue, paint):
        await asyncio.sleep(0.3)  # it waits already
        await promise(queue, 1, 1)
        await asyncio.wait_for(done.wait(), 60)


async def test_a_stopped_worker_gives_its_painting_back(queue: PaintingQueue) -> None:
    seen: list[str] = []
    started, finished = asyncio.Event(), asyncio.Event()

    async def endless(context: dict[str, Any], *, painting: str) -> None:
        seen.append(painting)
        started.set()
        await asyncio.sleep(60)

    async def quick(context: dict[str, Any], *, painting: str) -> None:
        seen.append(painting)
        finished.set()

    record = await promise(queue, 1, 1)
    async with working(queue, endless):
        await asyncio.wait_for(started.wait(), 60)
        await asyncio.sleep(1.1)  # another second: those who come now are later
        other = await promise(queue, 2, 2)
    assert await queue.places() == [record.id, other.id]  # its place was kept
    async with working(queue, quick):
        await asyncio.wait_for(finished.wait(), 60)
    assert seen[:2] == [record.id, record.id]


async def test_what_a_person_still_waits_for_moves_up_when_one_of_theirs_ends(
    queue: PaintingQueue,
) -> None:
    first, second = await promise(queue, 1, 1), await promise(queue, 1, 2)
    assert await queue.stop(first)
    await asyncio.sleep(1.1)
    late = await promise(queue, 2, 3)
    assert await queue.places() == [second.id, late.id]


async def test_a_failed_job_of_an_open_record_is_put_in_line_again(queue: PaintingQueue) -> None:
    record = await promise(queue, 1, 1)
    job = await queue.line.job(record.id)
    assert job
    await queue.line.finish(job, Status.FAILED, error="worn out")
    assert await queue.recover(untouched=60) == 0  # too fresh to be lost
    assert await queue.recover() == 1
    assert await queue.places() == [record.id]


async def test_of_two_paintings_of_one_person_only_one_begins(queue: PaintingQueue) -> None:
    first, second = await promise(queue, 1, 1), await promise(queue, 1, 2)
    async with queue.pool.connection() as connection:  # as if one worker had taken both
        await connection.execute("UPDATE saq_jobs SET status = 'active'")
    assert await queue.paintings.begin(first)
    assert not await queue.paintings.begin(second)
    await queue.paintings.done(first.id)
    assert await queue.paintings.begin(second)


async def test_a_record_without_a_job_is_put_in_line_again(queue: PaintingQueue) -> None:
    lost = await queue.paintings.create(1, 1, 1, REQUEST, limit=3)
    assert lost and await queue.places() == []
    assert await queue.recover() == 1
    assert await queue.places() == [lost.id]
    assert await queue.recover() == 0
