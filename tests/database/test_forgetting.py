"""/forget leaves nothing of a person in any table, and everything of everybody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiogram.fsm.storage.base import StorageKey

from database.choices import LastChoices
from database.dialogues import PostgresStorage
from database.inbox import Inbox
from database.notices import NoticeLedger
from database.paintings import Paintings
from database.people import People
from database.records import PaintingRecord, Request
from database.server.pool import Pool
from jobs.line.forgetting import stop_and_forget
from jobs.line.queue import PaintingQueue
from nst.choices import Choices
from tests.database.test_inbox import update

ANN, BEN = 770_077, 880_088
REQUEST = Request(content="photo", styles=("art",), locale="en", reply_to=1)


@pytest.fixture
async def queue(pool: Pool) -> AsyncIterator[PaintingQueue]:
    queue = PaintingQueue(pool, Paintings(pool))
    await queue.connect()
    yield queue
    await queue.line.disconnect()


async def live(pool: Pool, queue: PaintingQueue, person: int) -> None:
    """Leave traces of a person everywhere."""
    await People(pool).set_locale(person, "ru")
    await LastChoices(pool).keep(person, Choices(strength=1))
    key = StorageKey(bot_id=42, chat_id=person, user_id=person)
    await PostgresStorage(pool).set_data(key, {"content": {"file_id": f"of {person}"}})
    for message in (1, 2):
        request = replace(REQUEST, content=f"photo of {person}")
        made = await queue.promise(person, person, message, request)
        assert isinstance(made, PaintingRecord)
    raw = update(person).model_dump(mode="json", by_alias=True, exclude_none=True)
    raw["message"]["from"]["id"] = raw["message"]["chat"]["id"] = person
    notice = f"⚠️ painting 1a2b, chat {person}: killed"
    assert await NoticeLedger(pool).take(f"child died, test {person % 10}", notice) == 0
    await Inbox(pool).take([type(update(1)).model_validate(raw)])


async def traces(pool: Pool, person: int) -> list[str]:
    """Tables of the database in which a person's number can be found."""
    async with pool.connection() as connection:
        tables = await (
            await connection.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
            )
        ).fetchall()
        found = []
        for (table,) in sorted(tables):
            rows = await (await connection.execute(f'SELECT t::text FROM "{table}" t')).fetchall()  # type: ignore[call-overload]
            text = " ".join(str(row[0]) for row in rows)
            # SAQ keeps its jobs as bytes, which PostgreSQL shows in hexadecimal.
            if str(person) in text or str(person).encode().hex() in text:
                found.append(table)
    return found


async def test_nothing_of_a_person_is_left(pool: Pool, queue: PaintingQueue) -> None:
    for person in (ANN, BEN):
        await live(pool, queue, person)
    everywhere = await traces(pool, ANN)
    assert set(everywhere) >= {
        "choices",
        "dialogue",
        "inbox",
        "notices",
        "paintings",
        "people",
        "saq_jobs",
    }
    stopped = await stop_and_forget(queue, ANN, asking=0)
    assert len(stopped) == 2
    left = await traces(pool, ANN)
    assert left in ([], ["inbox"])  # an update's number is what this test made it
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT content FROM inbox WHERE update_id = %s", (ANN,))
        assert await rows.fetchall() == [(None,)]
    assert await traces(pool, BEN) == everywhere
    assert len(await queue.places()) == 2
