"""Rows that another version wrote: told to admins once, skipped, and all others are served."""

from __future__ import annotations

import pytest

from data.life import Failure, LastWord
from database.paintings import Paintings
from database.records import PaintingRecord, Request
from database.server.pool import Pool
from jobs.line.estimates import Estimates
from jobs.line.queue import PaintingQueue

REQUEST = Request(content="photo", styles=("art",), locale="en", reply_to=7)
UNREADABLE = {
    "a key that is required is missing": "request = request - 'content'",
    "a value is of another type": """request = request || '{"size": "large"}'""",
    "a style is no file id": """request = request || '{"styles": [{"id": "art"}]}'""",
    "a required value is null": """request = request || '{"locale": null}'""",
    "a shape has three sides": """request = request || '{"shape": [1, 2, 3]}'""",
    "a list is a number": """request = request || '{"styles": 5}'""",
    "the request is a list": "request = '[]'",
    "the request is a string": """request = '"photo"'""",
    "the request is null": "request = 'null'",
}


class Notices:
    """What the admins are told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    async def send(self, text: str, kind: str) -> None:
        self.told.append((kind, text))


@pytest.fixture
def notices() -> Notices:
    return Notices()


@pytest.fixture
async def queue(pool: Pool, notices: Notices) -> PaintingQueue:
    queue = PaintingQueue(pool, Paintings(pool, notices.send))
    await queue.connect()
    return queue


async def promise(queue: PaintingQueue, message: int) -> PaintingRecord:
    made = await queue.promise(1, 1, message, REQUEST)
    assert isinstance(made, PaintingRecord)
    return made


async def change(pool: Pool, record: PaintingRecord, assignments: str) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            f"UPDATE paintings SET {assignments} WHERE id = %s",  # type: ignore[arg-type]
            (record.id,),
        )


@pytest.mark.parametrize("assignments", UNREADABLE.values(), ids=UNREADABLE)
async def test_what_stands_behind_an_unreadable_row_is_served(
    queue: PaintingQueue, pool: Pool, notices: Notices, assignments: str
) -> None:
    bad, good = await promise(queue, 1), await promise(queue, 2)
    await change(pool, bad, assignments)
    paintings = queue.paintings
    assert await paintings.get(bad.id) is None
    assert await paintings.by_status_message(1, 1) is None
    assert [record.id for record in await paintings.open_of(1)] == [good.id]
    assert [record.id for record in await paintings.all_open()] == [good.id]
    assert [record.id for record in await paintings.several([bad.id, good.id])] == [good.id]
    begins = await Estimates(queue).until(await queue.places())
    assert begins == {good.id: 0.0}

    async with pool.connection() as connection:
        await connection.execute("DELETE FROM saq_jobs")
    assert await queue.recover() == 1
    assert await queue.places() == [good.id]

    for record in (bad, good):
        await change(pool, record, "state = 'painting', began_at = now()")
    assert [record.id for record, _ in await paintings.running()] == [good.id]

    for record in (bad, good):
        assert await paintings.stop(record.id)
    assert [record.id for record in await paintings.without_last_word(0.0)] == [good.id]
    latest = await paintings.latest_of(1, 1)
    assert latest and latest.id == good.id

    assert len(notices.told) == 1
    kind, text = notices.told[0]
    assert kind == "unreadable record" and bad.id in text


async def test_a_painting_in_an_unknown_state_is_skipped(
    queue: PaintingQueue, pool: Pool, notices: Notices
) -> None:
    bad, good = await promise(queue, 1), await promise(queue, 2)
    await change(pool, bad, "state = 'varnishing', last_word = 'stopped'")
    assert await queue.paintings.get(bad.id) is None
    assert await queue.paintings.hold(bad.id) is None
    assert [record.id for record in await queue.paintings.several([bad.id, good.id])] == [good.id]
    assert await queue.paintings.without_last_word(0.0) == []
    assert await queue.recover() == 0
    assert len(notices.told) == 1 and "varnishing" in notices.told[0][1]


async def test_an_unknown_failure_and_last_word_become_general_ones(
    queue: PaintingQueue, pool: Pool, notices: Notices
) -> None:
    record = await promise(queue, 1)
    await change(pool, record, "state = 'failed', failure = 'melted', last_word = 'failed-melted'")
    for _ in range(2):
        read = await queue.paintings.get(record.id)
        assert read and read.failure is Failure.ERROR and read.last_word is LastWord.UNKNOWN
    assert len(notices.told) == 1 and "melted" in notices.told[0][1]


async def test_an_unreadable_row_stays_for_the_version_that_can_read_it(
    queue: PaintingQueue, pool: Pool
) -> None:
    record = await promise(queue, 1)
    await change(pool, record, """request = request || '{"size": "large"}'""")
    assert await queue.paintings.hold(record.id) is None
    await change(pool, record, """request = request || '{"size": 512}'""")
    read = await queue.paintings.get(record.id)
    assert read and read.is_open and read.request == REQUEST
