"""The webhook of the local chat: this machine only, in order, until it is taken."""

from __future__ import annotations

import asyncio

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError
from aiohttp import web

from local_chat.api.webhook import SECRET_HEADER
from local_chat.people.person import Person
from local_chat.server import LocalChat


class Taker:
    """A server that takes updates, once it has refused as many as it was told to."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.taken: asyncio.Queue[tuple[str | None, dict[str, object]]] = asyncio.Queue()
        self.url = ""

    async def __aenter__(self) -> Taker:
        app = web.Application()
        app.router.add_post("/secret", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/secret"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        if self.refusals:
            self.refusals -= 1
            return web.Response(status=502)
        self.taken.put_nowait((request.headers.get(SECRET_HEADER), await request.json()))
        return web.Response()

    async def next_text(self) -> str:
        _, update = await asyncio.wait_for(self.taken.get(), 10)
        return update["message"]["text"]  # type: ignore[index,return-value]


async def test_updates_come_in_order_with_the_secret_until_they_are_taken(
    bot: Bot, alice: Person, chat: LocalChat
) -> None:
    await alice.send_text("before")
    async with Taker(refusals=2) as taker:
        await bot.set_webhook(taker.url, secret_token="s-e_cret")
        await alice.send_text("after")
        secret, update = await asyncio.wait_for(taker.taken.get(), 10)
        assert secret == "s-e_cret"
        assert update["message"]["text"] == "before"  # type: ignore[index]
        assert await taker.next_text() == "after"
        assert chat.core.store.setting("webhook")["url"] == taker.url
        assert taker.taken.empty()


async def test_a_webhook_and_polling_exclude_each_other(bot: Bot, alice: Person) -> None:
    async with Taker() as taker:
        await bot.set_webhook(taker.url)
        with pytest.raises(TelegramConflictError, match="webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
        await alice.send_text("to be asked for")
        updates = await bot.get_updates(timeout=5)
        assert updates[0].message and updates[0].message.text == "to be asked for"
        assert taker.taken.empty()


async def test_nothing_is_brought_to_another_machine(bot: Bot, chat: LocalChat) -> None:
    for url in ("https://bot.example.org/x", "http://10.0.0.1/x", "http://127.0.0.1.example.org"):
        with pytest.raises(TelegramBadRequest, match="this machine only"):
            await bot.set_webhook(url)
    with pytest.raises(TelegramBadRequest, match="secret token"):
        await bot.set_webhook("http://127.0.0.1:1/x", secret_token="no spaces")
    assert chat.core.store.setting("webhook") is None
