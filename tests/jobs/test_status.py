"""Progress is shown only by whoever knows that the painting is still theirs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from aiogram import Bot

import loader
from data.config import Secret, Settings
from database.paintings import Paintings
from database.records import PaintingRecord, Request
from database.server.pool import Pool
from jobs.chat.status import StatusMessage
from local_chat.api.faults import Fault
from local_chat.people.person import Person
from local_chat.server import LocalChat
from utils.telegram.rate_limit import EDIT_EVERY


@pytest.fixture
async def bot(chat: LocalChat) -> AsyncIterator[Bot]:
    async with AsyncExitStack() as closing:
        settings = Settings(bot_token=Secret("42:TEST"), bot_api_base=chat.url)
        yield await loader.build_bot(settings, closing)


@pytest.fixture
def person(chat: LocalChat) -> Person:
    return Person(chat, 1, "Alice", "en", known=True)


async def in_line(bot: Bot, pool: Pool) -> tuple[Paintings, PaintingRecord]:
    """A painting that was promised, and its status message."""
    sent = await bot.send_message(1, "in line")
    paintings = Paintings(pool)
    record = await paintings.create(1, 1, sent.message_id, Request("a", ("b",), "en", 1), limit=3)
    assert record
    return paintings, record


async def test_what_could_not_be_said_in_time_is_not_said_late(
    chat: LocalChat, bot: Bot, pool: Pool, person: Person
) -> None:
    paintings, record = await in_line(bot, pool)
    status, time = StatusMessage(bot, paintings, record), asyncio.get_running_loop().time
    status.trust(time() + 60)
    assert status.show("5 %", None)
    await status.settle()
    chat.faults.append(Fault.cut("editMessageText", times=-1))
    status._next = 0.0
    assert status.show("10 %", None)
    await asyncio.sleep(0.2)
    status.trust(time() + 0.3)
    began = time()
    await status.settle()  # and not for as long as Telegram is away
    assert time() - began < 10
    chat.faults.clear()
    status._next = 0.0
    assert not status.show("15 %", None)
    assert [m.text for m in person.messages] == ["5 %"]
    status.trust(time() + 60)
    assert status.show("20 %", None)
    await status.settle()
    assert [m.text for m in person.messages] == ["20 %"]


async def test_who_hurries_does_not_wait_for_the_edit_before(
    bot: Bot, pool: Pool, person: Person
) -> None:
    paintings, record = await in_line(bot, pool)
    status, time = StatusMessage(bot, paintings, record), asyncio.get_running_loop().time
    assert await status.say("5 %")
    status.hurry()
    began = time()
    assert await status.say("Stopped")
    assert time() - began < EDIT_EVERY / 2
    assert [m.text for m in person.messages] == ["Stopped"]


async def test_a_painting_that_arrived_meanwhile_is_not_promised_again(
    bot: Bot, pool: Pool, person: Person
) -> None:
    paintings, record = await in_line(bot, pool)
    teller, other = (StatusMessage(bot, paintings, record) for _ in range(2))
    await other.remove()  # deleted by the person: a new message takes its place
    assert await teller.say("You're next")
    assert [m.text for m in person.messages] == ["You're next"]
    await paintings.done(record.id)  # and its message goes
    await teller.remove()
    assert await teller.say("You're next")
    assert person.messages == []
    assert await teller.say("It could not be painted", last=True)
    assert [m.text for m in person.messages] == ["It could not be painted"]
