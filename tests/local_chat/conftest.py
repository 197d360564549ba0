"""A fresh local chat, the unmodified client of aiogram, and plain HTTP for what it can't say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from PIL import Image

from local_chat.people.person import Person
from local_chat.server import LocalChat

TOKEN = "42:TEST-token_1"


@pytest.fixture
async def bot(chat: LocalChat) -> AsyncIterator[Bot]:
    bot = make_bot(chat.url)
    yield bot
    await hang_up(bot)


@pytest.fixture
def alice(chat: LocalChat) -> Person:
    """Somebody who has written before."""
    return Person(chat, 1, known=True)


class Raw:
    """The Bot API without a client library."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def call(self, method: str, token: str = TOKEN, **body: Any) -> dict[str, Any]:
        """POST JSON; the whole answer, with the HTTP status as ``status``."""
        address = f"{self.url}/bot{token}/{method}"
        async with self.session.post(address, json=body) as response:
            return await response.json() | {"status": response.status}

    async def get(self, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
        async with self.session.get(self.url + path, headers=headers) as response:
            return response.status, await response.text(), dict(response.headers)

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, str]:
        async with self.session.post(self.url + path, json=body, headers=headers) as response:
            return response.status, await response.text()


@pytest.fixture
async def raw(chat: LocalChat) -> AsyncIterator[Raw]:
    async with aiohttp.ClientSession() as session:
        yield Raw(session, chat.url)


def make_bot(url: str) -> Bot:
    return Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))


async def hang_up(bot: Bot) -> None:
    """Close the bot's session without the quarter of a second that aiogram gives to TLS."""
    assert isinstance(bot.session, AiohttpSession)
    if bot.session._session is not None:
        await bot.session._session.close()


def picture(size: tuple[int, int] = (640, 480), color: str = "navy", kind: str = "JPEG") -> bytes:
    out = BytesIO()
    Image.new("RGB", size, color).save(out, kind)
    return out.getvalue()
