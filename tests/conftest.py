"""Fixtures that more than one room's tests use: a real PostgreSQL, pictures."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from database.server import embedded
from database.server.pool import Pool, connect
from local_chat.server import LocalChat
from tests import browser

_numbers = itertools.count(1)

# Before a change lands the examples are always the same: it is judged by what it changed.
settings.register_profile("landing", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("landing")

# Whatever weights the owner has imported, tests paint with the packaged ones.
os.environ["WEIGHTS_DIR"] = str(Path(__file__).parent / "no-imported-weights")


@contextlib.contextmanager
def _open_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="style-transfer-bot-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that any user may enter, as PostgreSQL needs when root starts it."""
    with _open_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of the tests' own."""
    with _open_folder() as folder:
        yield from _served(folder / "postgres")


def _served(folder: Path) -> Iterator[str]:
    url = asyncio.run(embedded.start(folder))
    yield url
    asyncio.run(embedded.stop(folder))


@pytest.fixture
def database_url(postgres: str) -> str:
    """The URL of a database that nobody else has used."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    return postgres.replace("/postgres?", f"/{name}?")


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool on that database, its schema made."""
    pool = await connect(database_url)
    yield pool
    await pool.close()


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[LocalChat]:
    """A Bot API server on a free port of loopback."""
    chat = LocalChat(tmp_path / "chat", port=0)
    await chat.start()
    yield chat
    await chat.stop()


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where screenshots and pictures are kept for people to look at."""
    folder = Path(__file__).resolve().parent.parent / "var" / "artifacts"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def pytest_configure(config: pytest.Config) -> None:
    """Whatever GPU there is, tests paint on the processor, but for those that ask for it."""
    if config.option.markexpr != "gpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""


_WHOLE = {"e2e", "reliability"}  # folders whose tests start the whole bot
_LONGEST = ("reliability/test_hosts", "e2e/test_browser", "reliability", "e2e", "nst")
"""Beginnings of paths below tests/, in the order in which they begin: were one of the longest the
last, a worker would wait for the other."""


def _turn(item: pytest.Item) -> int:
    path = item.path.relative_to(Path(__file__).parent).as_posix()
    turns = (turn for turn, beginning in enumerate(_LONGEST) if path.startswith(beginning))
    return next(turns, len(_LONGEST))


# First, since pytest's own hook for `-m` looks at the marks.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest; mark what takes its time; leave the browser's out where there is none."""
    items.sort(key=_turn)
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "postgres" in fixtures or item.path.parent.name in _WHOLE:
            item.add_marker(pytest.mark.slow)
    if browser.find():
        return
    if os.environ.get("REQUIRE_BROWSER"):
        raise pytest.UsageError(f"REQUIRE_BROWSER is set and there is no Chromium: {browser.HOW}")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=f"no Chromium: {browser.HOW}"))
