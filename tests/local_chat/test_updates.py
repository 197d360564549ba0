"""Long polling: order, redelivery, confirmation, conflict."""

from __future__ import annotations

import asyncio
import time

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramConflictError

from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.local_chat.conftest import Raw, hang_up


async def test_updates_come_again_until_confirmed(bot: Bot, alice: Person) -> None:
    for text in ("one", "two", "three"):
        await alice.send_text(text)
    first = await bot.get_updates()
    assert [u.message.text for u in first if u.message] == ["one", "two", "three"]
    ids = [u.update_id for u in first]
    assert ids == list(range(ids[0], ids[0] + 3))
    assert [u.update_id for u in await bot.get_updates()] == ids
    assert [u.update_id for u in await bot.get_updates(offset=ids[1])] == ids[1:]
    assert [u.update_id for u in await bot.get_updates(offset=ids[0])] == ids[1:]
    assert await bot.get_updates(offset=ids[2] + 1) == []


async def test_limit_and_negative_offset(bot: Bot, alice: Person) -> None:
    for number in range(5):
        await alice.send_text(str(number))
    assert len(await bot.get_updates(limit=2)) == 2
    last = await bot.get_updates(offset=-1)
    assert [u.message.text for u in last if u.message] == ["4"]
    assert len(await bot.get_updates()) == 1


async def test_a_long_poll_answers_as_soon_as_something_comes(bot: Bot, alice: Person) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    await alice.send_text("now")
    assert len(await poll) == 1
    assert time.monotonic() - began < 0.5


async def test_an_empty_long_poll_lasts_its_time(bot: Bot) -> None:
    began = time.monotonic()
    assert await bot.get_updates(timeout=1) == []
    assert 0.9 < time.monotonic() - began < 2.5


async def test_a_second_poller_ends_the_first(bot: Bot, alice: Person) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(bot.get_updates(timeout=20))
    with pytest.raises(TelegramConflictError) as caught:
        await first
    assert caught.value.message == (
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running"
    )
    await alice.send_text("for the second")
    assert len(await second) == 1


async def test_allowed_updates_are_remembered(bot: Bot, alice: Person, raw: Raw) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    await alice.send_text("unwanted")
    assert await bot.get_updates() == []
    await raw.call("getUpdates", allowed_updates=[])
    await alice.send_text("wanted")
    assert len(await bot.get_updates()) == 1


async def test_dropping_what_waits(bot: Bot, alice: Person) -> None:
    await alice.send_text("old")
    assert await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == []


async def test_stopping_lets_the_poller_go(chat: LocalChat, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    await chat.stop()
    assert time.monotonic() - began < 2
    assert await poll == []
    await hang_up(bot)


async def test_what_an_update_looks_like(bot: Bot, alice: Person) -> None:
    before = int(time.time())
    await alice.send_text("привет 🎨 /help@local_chat_bot https://example.org/x.")
    (update,) = await bot.get_updates()
    message = update.message
    assert message is not None and message.from_user is not None
    assert message.entities is not None and message.text is not None
    assert (message.chat.type, message.chat.id) == ("private", 1)
    assert (message.from_user.first_name, message.from_user.language_code) == ("Alice", "en")
    assert before <= int(message.date.timestamp()) <= time.time()
    found = [(e.type, e.offset, e.length, e.extract_from(message.text)) for e in message.entities]
    assert found == [
        ("bot_command", 10, 20, "/help@local_chat_bot"),
        ("url", 31, 21, "https://example.org/x"),
    ]
