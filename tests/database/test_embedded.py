"""The PostgreSQL of the bot's own: starts, is found again, stops, opens nobody's home."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest

from data.config import Settings
from database.server import embedded
from database.server.opening import open_database

pytestmark = pytest.mark.slow

AS_NOBODY = """
import os, psycopg, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
psycopg.connect(sys.argv[1])
"""


async def test_data_survive_a_stop_and_a_start(open_folder: Path) -> None:
    folder = open_folder / "deep" / "postgres"
    url = await embedded.start(folder)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept (x integer)")
    assert await embedded.start(folder) == url  # found running, not started twice
    await embedded.stop(folder)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    with psycopg.connect(await embedded.start(folder)) as connection:
        connection.execute("SELECT x FROM kept")
    await embedded.stop(folder)


async def test_two_first_starts_at_once_find_one_server(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    first, second = await asyncio.gather(embedded.start(folder), embedded.start(folder))
    assert first == second
    await embedded.stop(folder)


async def test_stopping_what_does_not_run_is_no_error(open_folder: Path) -> None:
    await embedded.stop(open_folder / "postgres")


async def test_a_start_that_fails_says_so_in_one_line(open_folder: Path) -> None:
    blocked = open_folder / "file"
    blocked.write_text("in the way")
    blocked.chmod(0o755)
    with pytest.raises(embedded.DatabaseStartError) as caught:
        await embedded.start(blocked / "postgres")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root would open a home")
def test_root_moves_the_data_rather_than_opening_somebodys_home(open_folder: Path) -> None:
    home = open_folder / "home"
    home.mkdir(mode=0o700)
    place = embedded._place(home / "bot" / "var" / "postgres")
    assert home not in place.parents and place.name == "postgres"


async def test_a_server_killed_while_the_bot_starts_is_started_again(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, killed = embedded.start, []

    async def start_and_lose(folder: Path) -> str:
        url = await start(folder)
        if not killed:
            killed.append(int((folder / "postmaster.pid").read_text().split()[0]))
            os.kill(killed[0], signal.SIGKILL)
        return url

    monkeypatch.setattr(embedded, "start", start_and_lose)
    async with AsyncExitStack() as closing:
        pool = await open_database(Settings(var=open_folder), closing)
        async with pool.connection() as connection:
            row = await (await connection.execute("SELECT 1")).fetchone()
        assert row == (1,) and killed
    assert not await embedded.is_running(open_folder / "postgres")


@pytest.mark.parametrize("depth", [1, 12], ids=["short", "too long for a socket"])
async def test_only_its_owner_may_connect(open_folder: Path, depth: int) -> None:
    folder = open_folder
    for _ in range(depth):
        folder /= "a-folder"
        folder.mkdir(mode=0o755)
    folder /= "postgres"
    url = await embedded.start(folder)
    try:
        sockets = Path(psycopg.conninfo.conninfo_to_dict(url)["host"])  # type: ignore[arg-type]
        assert (sockets == folder) is (depth == 1)
        (socket,) = (one for one in sockets.glob(".s.PGSQL.*") if not one.name.endswith(".lock"))
        owner = folder.stat().st_uid
        for path in (sockets, socket):
            assert path.stat().st_uid == owner and path.stat().st_mode & 0o077 == 0
        if os.geteuid() == 0:
            asked = await asyncio.create_subprocess_exec(
                sys.executable, "-c", AS_NOBODY, url, stderr=asyncio.subprocess.PIPE
            )
            _, said = await asked.communicate()
            assert asked.returncode != 0 and b"Permission denied" in said
        with psycopg.connect(url) as connection:
            connection.execute("SELECT 1")
    finally:
        await embedded.stop(folder)


async def test_nothing_is_written_through_a_link(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    await embedded.start(folder)
    await embedded.stop(folder)
    victim = open_folder / "victim"
    victim.write_text("mine")
    settings = folder / "style-transfer-bot.conf"
    settings.unlink()
    settings.symlink_to(victim)
    await embedded.start(folder)
    await embedded.stop(folder)
    assert victim.read_text() == "mine" and not settings.is_symlink()
