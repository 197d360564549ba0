"""Progress is shown only by whoever knows that the painting is still theirs."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import loader
from data.config import Secret, Settings
from jobs.database import Pool
from jobs.paintings import Paintings
from jobs.records import Request
from jobs.status import StatusMessage
from local_chat.faults import Fault
from local_chat.person import Person
from local_chat.server import LocalChat


async def test_what_could_not_be_said_in_time_is_not_said_late(chat: LocalChat, pool: Pool) -> None:
    person = Person(chat, 1, "Alice", "en", known=True)
    async with AsyncExitStack() as closing:
        settings = Settings(bot_token=Secret("42:TEST"), bot_api_base=chat.url)
        bot = await loader.build_bot(settings, closing)
        sent = await bot.send_message(1, "in line")
        paintings = Paintings(pool)
        record = await paintings.create(
            1, 1, sent.message_id, Request("a", ("b",), "en", 1), limit=3
        )
        assert record
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
        assert time() - began < 2
        chat.faults.clear()
        status._next = 0.0
        assert not status.show("15 %", None)
        assert [m.text for m in person.messages] == ["5 %"]
        status.trust(time() + 60)
        assert status.show("20 %", None)
        await status.settle()
        assert [m.text for m in person.messages] == ["20 %"]
