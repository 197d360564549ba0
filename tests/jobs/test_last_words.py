"""Ended paintings are told of whatever another version left in the records."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from data.life import Failure
from database.paintings import Paintings
from database.records import Request
from database.server.pool import Pool
from jobs.chat.last_words import LastWords
from local_chat.people.person import Person
from local_chat.server import LocalChat
from utils.notify_admins import AdminNotices
from utils.texts import texts

ADMIN = 99
LONG_AGO = "changed_at = now() - interval '1 hour'"


@pytest.fixture
async def bot(chat: LocalChat) -> AsyncIterator[Bot]:
    bot = Bot("42:TEST", session=AiohttpSession(api=TelegramAPIServer.from_base(chat.url)))
    yield bot
    await bot.session.close()


class World:
    """A person, an admin, and paintings that ended long ago without a last word."""

    def __init__(self, bot: Bot, pool: Pool, chat: LocalChat) -> None:
        self.bot, self.pool = bot, pool
        self.person = Person(chat, 1, "Alice", "en", known=True)
        self.admin = Person(chat, ADMIN, "Admin", "en", known=True)
        self.notices = AdminNotices(bot, (ADMIN,))
        self.paintings = Paintings(pool, self.notices.send)
        self.last_words = LastWords(bot, self.paintings)

    async def ended(self, failure: Failure, changes: str = "") -> str:
        """A failed painting, with `changes` that another version made; returns its id."""
        status = await self.bot.send_message(self.person.id, "waiting")
        request = Request(content="a", styles=("b",), locale="en", reply_to=1)
        ids = (self.person.id, self.person.id, status.message_id)
        made = await self.paintings.create(*ids, request, limit=9)
        assert made and await self.paintings.fail(made.id, failure)
        assignments = f"{LONG_AGO}, {changes}" if changes else LONG_AGO
        async with self.pool.connection() as connection:
            await connection.execute(
                f"UPDATE paintings SET {assignments} WHERE id = %s",  # type: ignore[arg-type]
                (made.id,),
            )
        return made.id

    async def unsaid(self) -> list[str]:
        """Ids of the paintings with a last word, straight from the table."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT id FROM paintings WHERE last_word IS NOT NULL ORDER BY created_at"
            )
            return [row[0] for row in await cursor.fetchall()]

    def said(self) -> list[str]:
        return [message.text for message in self.person.messages]


@pytest.fixture
def world(bot: Bot, pool: Pool, chat: LocalChat) -> World:
    return World(bot, pool, chat)


async def test_what_stands_behind_an_unreadable_record_is_said(world: World) -> None:
    bad = await world.ended(Failure.KILLED, "request = request - 'content'")
    await world.ended(Failure.OUT_OF_MEMORY)
    for _ in range(2):
        await world.last_words.say_left(world.notices)
    assert world.said() == ["waiting", texts("en")("failed-memory")]
    assert await world.unsaid() == [bad]
    assert [bad in message.text for message in world.admin.messages] == [True]


async def test_for_a_text_that_there_is_no_more_the_general_one_is_said(world: World) -> None:
    odd = "failure = 'melted', last_word = 'failed-melted'"
    painting = await world.ended(Failure.KILLED, odd)
    assert await world.last_words.say_left(world.notices) == 1
    assert world.said() == [texts("en")("failed-unknown")] and await world.unsaid() == []
    assert [painting in message.text for message in world.admin.messages] == [True]
    assert await world.last_words.say_left(world.notices) == 0


async def test_a_delivered_painting_is_never_said_to_have_failed(world: World) -> None:
    odd = "state = 'done', failure = NULL, last_word = 'framed'"
    await world.ended(Failure.KILLED, odd)
    assert await world.last_words.say_left(world.notices) == 1
    assert world.said() == [] and await world.unsaid() == []


async def test_a_person_whose_language_is_gone_is_told_in_the_default_one(world: World) -> None:
    await world.ended(Failure.KILLED, """request = request || '{"locale": "tlh"}'""")
    assert await world.last_words.say_left(world.notices) == 1
    assert world.said() == [texts("en")("failed-killed")] and await world.unsaid() == []


async def test_one_that_fails_unexpectedly_is_told_crossed_out_and_passed_by(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = await world.ended(Failure.KILLED)
    await world.ended(Failure.OUT_OF_MEMORY)
    say = world.last_words.say

    async def stumbles(painting: str) -> None:
        if painting == odd:
            raise RuntimeError("nobody foresaw this")
        await say(painting)

    monkeypatch.setattr(world.last_words, "say", stumbles)
    assert await world.last_words.say_left(world.notices) == 2
    assert texts("en")("failed-memory") in world.said() and await world.unsaid() == []
    assert ["nobody foresaw this" in m.text for m in world.admin.messages] == [True]
