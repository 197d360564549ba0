"""The worker and the loops beside it, with records that another version wrote."""

from __future__ import annotations

import asyncio

import pytest

import app
from data.life import State
from database.inbox import Inbox
from database.paintings import KEEP_DAYS
from database.server.pool import Pool
from jobs.line import places
from loader import Parts
from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.jobs.working import paints_at_once, promise, spoil, working


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
    told = await places._announce(parts.bot, parts.queue, parts.estimates, {}, {})
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
