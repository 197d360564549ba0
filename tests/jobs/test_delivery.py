"""Of two machines that have the same painting only the one that began last delivers it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from data.life import TakenOver
from database.paintings import Paintings
from database.people import People
from database.records import PaintingRecord, Request
from database.server.pool import Pool
from jobs.chat.delivery import Delivery, Result
from jobs.chat.figures import Developers
from jobs.chat.status import StatusMessage
from jobs.line.queue import PaintingQueue
from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.pictures import encoded, photo


@pytest.fixture
async def bot(chat: LocalChat) -> AsyncIterator[Bot]:
    bot = Bot("42:TEST", session=AiohttpSession(api=TelegramAPIServer.from_base(chat.url)))
    yield bot
    await bot.session.close()


class World:
    """A person who waits for one painting, and a delivery."""

    def __init__(self, bot: Bot, pool: Pool, person: Person, folder: Path) -> None:
        self.bot, self.person = bot, person
        self.paintings = Paintings(pool)
        self.delivery = Delivery(bot, self.paintings, Developers(People(pool), ()))
        picture = folder / "painting.jpg"
        picture.write_bytes(encoded(photo()))
        self.result = Result(picture, picture, 160, 120, 1.0, 1.0)

    async def promise(self) -> str:
        await self.person.send_text("/start")
        status = await self.bot.send_message(self.person.id, "waiting")
        request = Request(content="a", styles=("b",), locale="en", reply_to=1)
        ids = (self.person.id, self.person.id, status.message_id)
        made = await self.paintings.create(*ids, request, limit=1)
        assert made
        return made.id

    async def deliver(self, record: PaintingRecord) -> bool:
        status = StatusMessage(self.bot, self.paintings, record)
        return await self.delivery.deliver(record, self.result, status)

    def photos(self) -> int:
        return sum(m.kind == "photo" and m.from_bot for m in self.person.messages)


@pytest.fixture
async def world(bot: Bot, pool: Pool, chat: LocalChat, tmp_path: Path) -> World:
    queue = PaintingQueue(pool, Paintings(pool))
    await queue.connect()
    return World(bot, pool, Person(chat, 1, "Alice", "en"), tmp_path)


async def test_a_machine_that_was_cut_off_delivers_nothing_when_it_comes_back(world: World) -> None:
    painting = await world.promise()
    lost, successor = [await world.paintings.hold(painting) for _ in range(2)]
    assert lost and successor
    assert not await world.paintings.begin(lost) and await world.paintings.begin(successor)
    with pytest.raises(TakenOver):
        await world.deliver(lost)
    current = await world.paintings.get(painting)
    assert current and current.state == "painting" and world.photos() == 0
    assert await world.deliver(successor) and world.photos() == 1
    current = await world.paintings.get(painting)
    assert current and current.state == "done"


async def test_one_that_is_overtaken_while_it_announces_takes_the_announcement_back(
    world: World,
) -> None:
    painting = await world.promise()
    lost = await world.paintings.hold(painting)
    assert lost and await world.paintings.begin(lost)

    async def announce(*details: object) -> int:
        await world.paintings.hold(painting)  # between the note "sending" and the announcement
        return await original(*details)  # type: ignore[arg-type]

    original, world.delivery._announce = world.delivery._announce, announce  # type: ignore[method-assign,assignment]
    with pytest.raises(TakenOver):
        await world.deliver(lost)
    assert world.photos() == 0
    current = await world.paintings.get(painting)
    assert current and (current.state, current.result_message_id) == ("sending", None)
    assert not any("ready" in m.text.lower() for m in world.person.messages)


async def test_who_stops_it_at_the_last_moment_is_told_so_whoever_holds_it(world: World) -> None:
    painting = await world.promise()
    held = await world.paintings.hold(painting)
    assert held and await world.paintings.stop(painting)
    assert await world.deliver(held) is False and world.photos() == 0
