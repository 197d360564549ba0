"""A Bot API server, a bot process, people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from database.server.pool import Pool
from loader import Parts
from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.e2e.bot import ADMIN, COPIES, BotProcess, running
from tests.e2e.inside import inside


@pytest.fixture
async def bot(chat: LocalChat, database_url: str, tmp_path: Path) -> AsyncIterator[BotProcess]:
    """The bot, polling that server."""
    async with running(chat, database_url, tmp_path) as bot:
        yield bot


@pytest.fixture
async def copying_bot(
    chat: LocalChat, database_url: str, tmp_path: Path
) -> AsyncIterator[BotProcess]:
    """The same with a painter that only copies, at once unless it is held."""
    async with running(chat, database_url, tmp_path, **COPIES) as bot:
        yield bot


@pytest.fixture
def alice(chat: LocalChat) -> Person:
    """Somebody with an English Telegram."""
    return Person(chat, 1, "Alice", "en")


@pytest.fixture
def boris(chat: LocalChat) -> Person:
    """Somebody with a Russian one."""
    return Person(chat, 2, "Борис", "ru")


@pytest.fixture
def admin(chat: LocalChat) -> Person:
    """An admin who has written to the bot before."""
    return Person(chat, ADMIN, "Admin", "en", known=True)


@pytest.fixture
async def parts(chat: LocalChat, pool: Pool) -> AsyncIterator[Parts]:
    """The bot inside this process; it paints nothing."""
    async with inside(chat, pool) as parts:
        yield parts
