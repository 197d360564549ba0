"""Nobody gets a broadcast twice: not when answers get lost, not from two processes."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from aiogram import Bot

import loader
from data.config import Secret, Settings
from database.broadcasts import EVERYBODY, Broadcast, BroadcastTable
from database.people import People
from database.server.pool import Pool, connect
from jobs.chat import broadcasts as module
from jobs.chat.broadcasts import Broadcasts
from local_chat.api.faults import Fault
from local_chat.people.person import Person
from local_chat.server import LocalChat

ADMIN = 9


class Told:
    """What the admin was told last, and whether it is over."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self.over = asyncio.Event()

    async def __call__(self, _: Broadcast, numbers: dict[str, int], over: bool) -> None:
        self.numbers = numbers
        if over:
            self.over.set()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_AFTER_TROUBLE", 0.1)
    monkeypatch.setattr(module, "_LOOK_EVERY", 0.05)


@pytest.fixture
async def bot(chat: LocalChat) -> AsyncIterator[Bot]:
    async with AsyncExitStack() as closing:
        settings = Settings(bot_token=Secret("42:TEST"), bot_api_base=chat.url)
        yield await loader.build_bot(settings, closing)


@pytest.fixture
async def people(chat: LocalChat, pool: Pool) -> list[Person]:
    people = [Person(chat, 1000 + i, f"P{i}", "en", known=True) for i in range(5)]
    async with pool.connection() as connection:
        for person in people:
            await connection.execute(
                "INSERT INTO people (user_id, first_seen) VALUES (%s, now())", (person.id,)
            )
    return people


def sender(bot: Bot, pool: Pool, report: Told) -> Broadcasts:
    """What sends broadcasts in one process."""
    return Broadcasts(bot, BroadcastTable(pool), People(pool), report)


@contextlib.asynccontextmanager
async def at_work(*several: Broadcasts) -> AsyncIterator[None]:
    """Carry out what there is meanwhile."""
    tasks = [asyncio.create_task(broadcasts.run()) for broadcasts in several]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def prepared(chat: LocalChat, bot: Bot, broadcasts: Broadcasts) -> int:
    """One that waits for the admin's word; its number."""
    Person(chat, ADMIN, "Admin", known=True)
    words = await bot.send_message(ADMIN, "Once")
    return await broadcasts.prepare(ADMIN, words.message_id, "en")


async def test_whose_answer_is_lost_gets_it_once_and_counts_as_unknown(
    chat: LocalChat, bot: Bot, pool: Pool, people: list[Person]
) -> None:
    told = Told()
    broadcasts = sender(bot, pool, told)
    number = await prepared(chat, bot, broadcasts)
    chat.faults += [
        Fault.cut_after("copyMessage"),
        Fault.half("copyMessage"),
        Fault.retry_after("copyMessage", 1),
    ]
    for one, fault in zip(people, chat.faults, strict=False):
        fault.matches = lambda params, one=one: int(params["chat_id"]) == one.id
    async with at_work(broadcasts), asyncio.timeout(60):
        assert await broadcasts.start(number, 1, EVERYBODY)
        await told.over.wait()
    assert [[m.text for m in person.messages] for person in people] == [["Once"]] * len(people)
    assert told.numbers == {"unknown": 2, "sent": 3}


@pytest.fixture
async def others_pool(database_url: str) -> AsyncIterator[Pool]:
    """Its locks are those of another process."""
    pool = await connect(database_url)
    yield pool
    await pool.close()


async def test_what_was_started_by_a_process_that_died_is_sent_by_one_that_was_idle(
    chat: LocalChat, bot: Bot, pool: Pool, others_pool: Pool, people: list[Person]
) -> None:
    died, idle = sender(bot, pool, Told()), sender(bot, others_pool, told := Told())
    async with at_work(idle), asyncio.timeout(60):
        number = await prepared(chat, bot, died)
        assert await died.start(number, 1, EVERYBODY)
        await told.over.wait()
    assert [[m.text for m in person.messages] for person in people] == [["Once"]] * len(people)


async def test_one_process_at_a_time_sends(
    chat: LocalChat, bot: Bot, pool: Pool, others_pool: Pool, people: list[Person]
) -> None:
    several = [sender(bot, one, Told()) for one in (pool, others_pool)]
    number = await prepared(chat, bot, several[0])
    chat.faults.append(Fault.slow("copyMessage", 0.3))
    assert await several[0].start(number, 1, EVERYBODY)
    async with asyncio.timeout(60), at_work(*several):
        while not all(person.messages for person in people):
            await asyncio.sleep(0.05)
    calls = sorted(
        (call for call in chat.calls if call.method == "copyMessage"), key=lambda c: c.at
    )
    assert len(calls) == len(people)
    assert all(a.at + a.seconds <= b.at for a, b in itertools.pairwise(calls))
