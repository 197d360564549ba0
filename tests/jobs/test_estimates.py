"""Promised times: learned from this installation, with everything that is ahead."""

from __future__ import annotations

import pytest

from database.paintings import Paintings
from database.records import PaintingRecord, Request
from database.server.pool import Pool
from jobs.line.estimates import (
    OVERHEAD,
    TIME_LIMIT,
    USUAL_PACE,
    Estimates,
    alone,
    pace_of,
    work_of,
)
from jobs.line.queue import PaintingQueue, Refusal
from jobs.line.renderer import Renderer
from nst.choices import Recipe
from nst.schedule import work
from tests.paintings import painted

REQUEST = Request(content="photo", styles=("art",), locale="en", reply_to=7, shape=(1200, 800))


@pytest.fixture
async def queue(pool: Pool) -> PaintingQueue:
    """A queue that nobody works on."""
    queue = PaintingQueue(pool, Paintings(pool))
    await queue.connect()
    return queue


async def _promised(queue: PaintingQueue, person: int) -> PaintingRecord:
    record = await queue.promise(person, person, 1, REQUEST)
    assert not isinstance(record, Refusal)
    return record


async def _paint(
    queue: PaintingQueue, record: PaintingRecord, *, work: float, seconds: float
) -> None:
    """Have it painted in the records, and its job out of the line."""
    await painted(queue.paintings, record.id, work=work, seconds=seconds)
    async with queue.pool.connection() as connection:
        await connection.execute("DELETE FROM saq_jobs WHERE key = %s", (record.id,))


async def test_before_anything_was_painted_the_usual_pace_counts(queue: PaintingQueue) -> None:
    outlook = await Estimates(queue).outlook()
    assert outlook.pace == USUAL_PACE and outlook.ahead == 0
    assert outlook.seconds(REQUEST) == OVERHEAD + USUAL_PACE * work_of(REQUEST)


async def test_until_something_was_painted_a_trial_tells_the_pace(queue: PaintingQueue) -> None:
    assert await queue.renderers.pace() is None
    for pace in (None, 8e-6, 9e-6, 20e-6):
        renderer = Renderer(queue.renderers, 512, 1)
        await renderer.announce()
        if pace:
            await renderer.tell_pace(pace)
    assert (await Estimates(queue).outlook()).pace == pytest.approx(9e-6)
    await _paint(queue, await _promised(queue, 1), work=1e6, seconds=33.0)
    assert (await Estimates(queue).outlook()).pace == pytest.approx(30e-6)


async def test_the_median_of_what_was_painted_here_is_the_pace(queue: PaintingQueue) -> None:
    for person, seconds in ((1, 13.0), (2, 23.0), (3, 900.0)):
        await _paint(queue, await _promised(queue, person), work=1e6, seconds=seconds)
    assert (await Estimates(queue).outlook()).pace == pytest.approx(20e-6)


def test_a_tiny_painting_says_little_of_a_large_one() -> None:
    large, tiny = (1e7, 33.0), (1e5, 9.0)
    assert pace_of([tiny, large, tiny]) == pytest.approx(3e-6)
    assert pace_of([tiny]) > 3e-6  # and where there is nothing else, it is what is known


async def test_who_waits_and_who_is_painted_are_ahead(queue: PaintingQueue) -> None:
    first, second = await _promised(queue, 1), await _promised(queue, 2)
    estimates = Estimates(queue)
    each = alone(REQUEST, USUAL_PACE)
    assert (await estimates.outlook()).ahead == pytest.approx(2 * each)
    begins = await estimates.until(await queue.places())
    assert begins[first.id] == 0 and begins[second.id] == pytest.approx(each)
    async with queue.pool.connection() as connection:
        await connection.execute(
            "UPDATE paintings SET state = 'painting', began_at = now() - interval '5 seconds' "
            "WHERE id = %s",
            (first.id,),
        )
        await connection.execute("DELETE FROM saq_jobs WHERE key = %s", (first.id,))
    begins = await estimates.until(await queue.places())
    assert begins[second.id] == pytest.approx(max(2.0, each - 5), abs=1)


def test_larger_takes_longer_and_going_on_takes_less_than_beginning_anew() -> None:
    at = [
        work_of(Request("p", ("a",), "en", 1, recipe=Recipe(size=s)))
        for s in (384, 512, 1024, 2048)
    ]
    assert at == sorted(at) and at[3] > 10 * at[1]
    goes_on = Request("p", ("a",), "en", 1, recipe=Recipe(size=1024), start="file", start_size=512)
    assert work_of(goes_on) < at[2]


def test_a_small_photo_is_not_enlarged_beyond_measure_and_so_takes_less() -> None:
    small = Request("p", ("a",), "en", 1, recipe=Recipe(size=2048), shape=(300, 200))
    assert work_of(small) == work_of(
        Request("p", ("a",), "en", 1, recipe=Recipe(size=600), shape=(300, 200))
    )


def test_a_photo_without_extent_stops_no_estimate() -> None:
    assert work_of(Request("p", ("a",), "en", 1, shape=(0, 0))) == work_of(
        Request("p", ("a",), "en", 1)
    )


async def test_a_long_line_is_asked_about_once(
    queue: PaintingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for person in range(1, 13):
        await _promised(queue, person)
    asked, running = [], queue.paintings.running
    monkeypatch.setattr(queue.paintings, "running", lambda: asked.append(1) or running())
    places = await queue.places()
    begins = await Estimates(queue).until(places)
    each = alone(REQUEST, USUAL_PACE)
    assert list(begins.values()) == pytest.approx([each * number for number in range(12)])
    assert len(asked) == 1


async def test_a_size_that_takes_too_long_here_is_not_offered(queue: PaintingQueue) -> None:
    estimates = Estimates(queue)
    assert estimates.longest_side == 2048
    record = await _promised(queue, 1)
    too_slow = TIME_LIMIT / work(2048, 1536) * 1.1
    await _paint(queue, record, work=1e9, seconds=1e9 * too_slow)
    await estimates.pace()
    assert estimates.longest_side == 1024
    much_too_slow = await _promised(queue, 2)
    await _paint(queue, much_too_slow, work=1e12, seconds=1e15)
    assert await Estimates(queue).pace() > 1
    slowest = Estimates(queue)
    await slowest.pace()
    assert slowest.longest_side == 384
