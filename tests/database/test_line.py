"""Unequal machines on one line: what fits whom, who lives, who was given up."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator

import psycopg
import pytest
from saq import Job, Status

from database.line import Line
from database.paintings import Paintings
from database.records import PaintingRecord, Request
from database.renderers import Renderers
from database.server.pool import Pool, connect
from jobs.line.queue import PaintingQueue
from jobs.line.renderer import Renderer
from nst.choices import Recipe

SMALL, POSTER = 512, 2048


@pytest.fixture
async def queue(pool: Pool) -> AsyncIterator[PaintingQueue]:
    queue = PaintingQueue(pool, Paintings(pool))
    await queue.connect()
    yield queue
    await queue.line.disconnect()


async def promise(queue: PaintingQueue, user: int, size: int) -> PaintingRecord:
    request = Request(
        content="photo", styles=("art",), locale="en", reply_to=7, recipe=Recipe(size=size)
    )
    made = await queue.promise(user, user, user, request)
    assert isinstance(made, PaintingRecord)
    return made


async def machine(pool: Pool, size: int) -> tuple[Line, Renderer]:
    """A renderer of this size, announced, and the line as it sees it."""
    renderer = Renderer(Renderers(pool), size, 1)
    line = Line(pool, "paintings", lambda: renderer.size)
    await renderer.announce()
    await line.connect()
    return line, renderer


async def take(line: Line) -> str | None:
    """What this machine is given now; None when nothing in line is for it."""
    job = await line.dequeue(timeout=0.3, poll_interval=0.1)
    return job.key if job else None


async def test_a_poster_is_left_to_the_machine_that_can_paint_it(
    queue: PaintingQueue, pool: Pool
) -> None:
    poster, small = await promise(queue, 1, POSTER), await promise(queue, 2, SMALL)
    (little, _), (large, _) = await machine(pool, 1024), await machine(pool, POSTER)
    assert await take(little) == small.id  # though the poster came first
    assert await take(little) is None
    assert await take(large) == poster.id


async def test_a_large_machine_keeps_to_the_order(queue: PaintingQueue, pool: Pool) -> None:
    first = await promise(queue, 1, SMALL)
    poster = await promise(queue, 2, POSTER)
    await machine(pool, 1024)
    large, _ = await machine(pool, POSTER)
    assert [await take(large), await take(large)] == [first.id, poster.id]


async def test_what_nobody_can_paint_goes_to_the_largest(queue: PaintingQueue, pool: Pool) -> None:
    poster = await promise(queue, 1, POSTER)
    (little, _), (larger, _) = await machine(pool, 768), await machine(pool, 1024)
    assert await take(little) is None
    assert await take(larger) == poster.id


async def test_a_poster_that_death_made_smaller_fits_a_small_machine(
    queue: PaintingQueue, pool: Pool
) -> None:
    poster = await promise(queue, 1, POSTER)
    little, _ = await machine(pool, 1024)
    await machine(pool, POSTER)
    await queue.paintings.set_size_limit(poster.id, 900)
    assert await take(little) == poster.id


async def test_a_size_that_another_version_wrote_does_not_stop_the_line(
    queue: PaintingQueue, pool: Pool
) -> None:
    odd, behind = await promise(queue, 1, SMALL), await promise(queue, 2, SMALL)
    async with pool.connection() as connection:
        await connection.execute(
            """UPDATE paintings SET request = request || '{"size": "large"}' WHERE id = %s""",
            (odd.id,),
        )
    little, _ = await machine(pool, SMALL)
    await machine(pool, POSTER)
    assert [await take(little), await take(little)] == [odd.id, behind.id]


async def test_when_the_large_machine_is_gone_the_small_one_takes_all(
    queue: PaintingQueue, pool: Pool
) -> None:
    poster = await promise(queue, 1, POSTER)
    (little, _), (_, large) = await machine(pool, 1024), await machine(pool, POSTER)
    async with pool.connection() as connection:  # as if it had been silent for a minute
        await connection.execute(
            "UPDATE renderers SET seen_at = now() - interval '1 minute' WHERE id = %s", (large.id,)
        )
    assert await take(little) == poster.id


async def test_a_machine_that_leaves_is_not_waited_for(queue: PaintingQueue, pool: Pool) -> None:
    poster = await promise(queue, 1, POSTER)
    (little, _), (_, large) = await machine(pool, 1024), await machine(pool, POSTER)
    await large.leave()
    assert await take(little) == poster.id


async def test_a_machine_learns_what_it_can_not_and_whether_others_may(pool: Pool) -> None:
    _, first = await machine(pool, POSTER)
    assert await first.learn(900) is False and first.size == 900
    _, second = await machine(pool, POSTER)
    assert await first.learn(1200) is True and first.size == 900
    assert await second.learn(900) is False  # equals don't pass it back and forth


async def test_one_person_is_painted_for_once_at_a_time_here_too(
    queue: PaintingQueue, pool: Pool
) -> None:
    made = await promise(queue, 1, SMALL)
    await queue.promise(1, 1, 99, made.request)
    line, _ = await machine(pool, POSTER)
    assert await take(line) == made.id and await take(line) is None


async def test_a_worker_that_was_given_up_writes_nothing_when_it_comes_back(
    queue: PaintingQueue, pool: Pool
) -> None:
    record = await promise(queue, 1, SMALL)
    line, _ = await machine(pool, POSTER)
    assert await take(line) == record.id
    lost = await started(queue, record, "cut off", attempt=1)
    assert not await line.taken_over(lost)
    ours = await started(queue, record, "its successor", attempt=2)
    assert await line.taken_over(lost) and not await line.taken_over(ours)
    lost.queue = line
    await line.finish(lost, Status.COMPLETE)
    await lost.update()
    job = await queue.line.job(record.id)
    assert job and (job.status, job.worker_id) == (Status.ACTIVE, "its successor")
    await line.finish(ours, Status.COMPLETE)
    job = await queue.line.job(record.id)
    assert job and job.status is Status.COMPLETE


async def abandon(pool: Pool, queue: PaintingQueue, record: PaintingRecord) -> None:
    """The job as a worker leaves it that has been silent for longer than its heartbeat."""
    job = await queue.line.job(record.id)
    assert job
    job.touched -= 20_000
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE saq_jobs SET job = %s WHERE key = %s", (queue.line.serialize(job), record.id)
        )


async def test_whoever_looked_first_does_not_keep_the_others_from_looking(
    queue: PaintingQueue, pool: Pool, database_url: str
) -> None:
    """A process that is stopped but not dead keeps its connections, and whatever they hold."""
    hanging = await connect(database_url)
    line, _ = await machine(hanging, SMALL)
    assert await line.sweep() == []
    record = await promise(queue, 1, SMALL)
    assert await take(line) == record.id
    await started(queue, record, "hangs", attempt=1)
    other, _ = await machine(pool, SMALL)
    assert await other.sweep() == []  # it is silent, but not for long enough
    await abandon(pool, queue, record)
    assert await other.sweep() == [record.id]
    assert await other.sweep() == [] and await take(other) == record.id
    await hanging.close()


async def test_one_process_at_a_time_looks_and_none_waits_for_another(
    queue: PaintingQueue, pool: Pool
) -> None:
    record = await promise(queue, 1, SMALL)
    assert await take(queue.line) == record.id
    await started(queue, record, "gone", attempt=1)
    await abandon(pool, queue, record)
    lines = [(await machine(pool, SMALL))[0] for _ in range(4)]
    swept = await asyncio.gather(*(line.sweep() for line in lines))
    assert sorted(swept) == [[], [], [], [record.id]]


async def test_the_server_ends_a_transaction_that_nobody_goes_on_with(pool: Pool) -> None:
    """Else a process that is stopped in the middle of one holds its locks for ever."""
    async with pool.connection() as connection, connection.transaction(force_rollback=True):
        row = await (
            await connection.execute("SHOW idle_in_transaction_session_timeout")
        ).fetchone()
        assert row == ("15s",)
        await connection.execute("SET idle_in_transaction_session_timeout = '100ms'")
        await asyncio.sleep(1)
        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            await connection.execute("SELECT 1")


async def started(queue: PaintingQueue, record: PaintingRecord, worker: str, attempt: int) -> Job:
    """The job as SAQ's worker notes it when it begins."""
    job = await queue.line.job(record.id)
    assert job
    job.worker_id, job.attempts = worker, attempt
    await queue.line.update(job, status=Status.ACTIVE)
    return dataclasses.replace(job)


async def test_the_server_notices_soon_that_a_machine_has_vanished(pool: Pool) -> None:
    """On a unix socket the settings read as zero; they must be asked for over TCP."""
    url = pool.conninfo
    async with pool.connection() as connection:
        cursor = await connection.execute("SHOW unix_socket_directories")
        row = await cursor.fetchone()
    assert row and row[0]
    assert "keepalives_idle" in str(pool.kwargs)
    other = await connect(url)  # on any kind of socket they are accepted
    await other.close()


async def test_two_takers_at_the_same_moment_never_get_the_same(
    queue: PaintingQueue, pool: Pool
) -> None:
    for user in range(1, 9):
        await promise(queue, user, SMALL)
    lines = [(await machine(pool, POSTER))[0] for _ in range(4)]
    taken = await asyncio.gather(*(take(line) for line in lines for _ in range(2)))
    keys = [key for key in taken if key]
    assert len(keys) == len(set(keys)) == 8


def test_the_driver_knows_the_keepalives() -> None:
    options = psycopg.conninfo.conninfo_to_dict("keepalives_idle=6 tcp_user_timeout=15000")
    assert options["tcp_user_timeout"] == "15000"
