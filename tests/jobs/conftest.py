"""A bot's parts with a chat and a database, and nothing that runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

import loader
from data.config import Secret, Settings
from database.server.pool import Pool
from loader import Parts
from local_chat.people.person import Person
from local_chat.server import LocalChat

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
