"""The worker and the loops beside it, with records that another version wrote."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

import app
import loader
from data.config import Secret, Settings
from data.life import State
from database.inbox import Inbox
from database.paintings import KEEP_DAYS
from database.records import PaintingRecord, Request
from database.server.pool import Pool
from jobs.line import places
from loader import Parts
from local_chat.people.person import Person
from local_chat.server import LocalChat
from nst.messages import Finished, Order
from tests.pictures import encoded, photo

ADMIN = 99


@pytest.fixture
async def parts(chat: LocalChat, pool: Pool, tmp_path: Path) -> AsyncIterator[Parts]:
    """All parts of a bot; nothing runs."""
    settings = Settings(
        var=tmp_path,
        bot_token=Secret("42:TEST"),
        bot_api_base=chat.url,
        database_url=Secret("postgresql://the.tests/own"),
        admins=(ADMIN,),
        render_slots=1,
        try_out=False,
    )
    async with AsyncExitStack() as closing:
        bot = await loader.build_bot(settings, closing)
        parts = loader.build_parts(settings, bot, pool)
        await parts.queue.connect()
        yield parts


@pytest.fixture
def admin(chat: LocalChat) -> Person:
    return Person(chat, ADMIN, "Admin", "en", known=True)


async def promise(parts: Parts, person: Person) -> PaintingRecord:
    sent = await person.send_photo(encoded(photo()))
    picture = sent["photo"][-1]["file_id"]
    status = await parts.bot.send_message(person.id, "in line")
    request = Request(content=picture, styles=(picture,), locale="en", reply_to=sent.id)
    made = await parts.queue.promise(person.id, person.id, status.message_id, request)
    assert isinstance(made, PaintingRecord)
    return made


async def spoil(pool: Pool, record: PaintingRecord) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE paintings SET request = request - 'content' WHERE id = %s", (record.id,)
        )


@contextlib.asynccontextmanager
async def working(parts: Parts) -> AsyncIterator[None]:
    assert parts.worker
    task = asyncio.create_task(parts.worker.run())
    try:
        yield
    finally:
        await parts.worker.stop()
        await task


async def paints_at_once(order: Order) -> AsyncIterator[Finished]:
    """What `jobs.worker.child.paint` says at the end."""
    folder = Path(order.out_dir)
    shown, picture, losses = folder / "r.jpg", folder / "r.png", folder / "losses.csv"
    for file in (shown, picture, losses):
        file.write_bytes(encoded(photo()))
    report = {"dtype": "float32"}
    yield Finished(str(shown), str(picture), str(losses), 128, 96, 1.0, 100.0, report)


async def test_a_painting_that_can_not_be_read_is_told_and_not_tried_again(
    parts: Parts,
    pool: Pool,
    chat: LocalChat,
    admin: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jobs.worker.attempts.paint", paints_at_once)
    bad = await promise(parts, Person(chat, 1, "Alice", "en", known=True))
    behind = await promise(parts, Person(chat, 2, "Bob", "en", known=True))
    await spoil(pool, bad)
    async with working(parts), asyncio.timeout(60):
        while (record := await parts.queue.paintings.get(behind.id)) and record.is_open:
            await asyncio.sleep(0.1)
    assert record and record.state is State.DONE
    job = await parts.queue.line.job(bad.id)
    assert job and (job.status, job.attempts) == ("complete", 1)
    assert await parts.queue.recover() == 0  # nor is it put in line again
    assert [bad.id in message.text for message in admin.messages] == [True]


async def test_places_are_told_to_those_behind_one_that_can_not_be_read(
    parts: Parts, pool: Pool, chat: LocalChat, admin: Person
) -> None:
    bad = await promise(parts, Person(chat, 1, "Alice", "en", known=True))
    bob = Person(chat, 2, "Bob", "en", known=True)
    behind = await promise(parts, bob)
    await spoil(pool, bad)
    told = await places._announce(parts.bot, parts.queue, parts.estimates, {})
    assert list(told) == [behind.id]
    assert any("2" in message.text for message in bob.messages if message.from_bot)
    assert [bad.id in message.text for message in admin.messages] == [True]


async def test_maintenance_that_fails_at_one_thing_goes_on_with_the_next(
    parts: Parts, pool: Pool, chat: LocalChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await promise(parts, Person(chat, 1, "Alice", "en", known=True))
    await parts.queue.stop(old)
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE paintings SET created_at = now() - make_interval(days => %s)", (KEEP_DAYS + 1,)
        )

    async def stumbles(untouched: float) -> int:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(parts.queue, "recover", stumbles)
    maintaining = asyncio.create_task(app._maintain(parts, Inbox(pool)))
    try:
        async with asyncio.timeout(60):
            while await parts.queue.paintings.get(old.id):
                await asyncio.sleep(0.1)
    finally:
        maintaining.cancel()
