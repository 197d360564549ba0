"""Databases that refuse are told to the owner in a sentence that says what to do."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import AsyncExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from data.config import Secret, Settings
from database.server import embedded, schema
from database.server.errors import CannotOpen
from database.server.opening import BOT_CONNECTIONS, RENDERER_CONNECTIONS, open_database
from database.server.pool import Pool, connect

pytestmark = pytest.mark.slow


async def opened(url: str, **options: int) -> None:
    """Open the database as the bot does, and close it again."""
    async with AsyncExitStack() as closing:
        await open_database(Settings(database_url=Secret(url)), closing, **options)


async def test_a_role_that_may_not_make_tables_is_told_so(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute("REVOKE CREATE ON SCHEMA public FROM public")
        owner.execute("DROP ROLE IF EXISTS guest")
        owner.execute("CREATE ROLE guest LOGIN")
    url = make_conninfo(database_url, user="guest")
    with pytest.raises(CannotOpen) as caught:
        await opened(url)
    assert "permission denied for schema public" in str(caught.value)
    assert "GRANT CREATE ON SCHEMA public" in str(caught.value) and "\n" not in str(caught.value)


async def test_a_database_that_is_not_there_is_named(database_url: str) -> None:
    with pytest.raises(CannotOpen, match='database "nowhere" does not exist'):
        await connect_soon(make_conninfo(database_url, dbname="nowhere"))


async def connect_soon(url: str) -> None:
    """The same without waiting for a server that may be starting."""
    from database.server import opening

    await opening._connect(url, 1, wait_s=0.0)


async def test_a_later_version_s_schema_is_refused_unless_it_says_that_it_can_be_used(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    known = len(schema._MIGRATIONS)
    await opened(database_url)
    with psycopg.connect(database_url, autocommit=True) as later:
        add = "INSERT INTO schema_version (version, oldest) VALUES (%s, %s)"
        later.execute(add, (known + 1, known))
        with caplog.at_level(logging.WARNING):
            await opened(database_url)
        assert "which this one" in caplog.text
        later.execute(add, (known + 2, known + 1))
    with pytest.raises(CannotOpen, match=f"knows up to {known}: install the later version"):
        await opened(database_url)


async def test_no_process_takes_more_connections_than_its_share(database_url: str) -> None:
    assert 2 * (BOT_CONNECTIONS + 2 * RENDERER_CONNECTIONS) <= 20  # an old and a new version
    for most in (BOT_CONNECTIONS, RENDERER_CONNECTIONS):
        pool = await connect(database_url, connections=most)
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(20):
                    tasks.create_task(used(pool))
            assert pool.get_stats()["pool_size"] <= most
        finally:
            await pool.close()


async def used(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("SELECT pg_sleep(0.02)")


async def test_a_dead_server_that_nobody_reaped_is_started_again(open_folder: Path) -> None:
    folder = open_folder / "postgres"
    await embedded.start(folder)
    pid_file = folder / "postmaster.pid"
    kept = pid_file.read_text().splitlines()
    await embedded.stop(folder)
    child = os.fork()
    if child == 0:
        os._exit(0)
    try:
        while Path(f"/proc/{child}/stat").read_text().split()[2] != "Z":
            await asyncio.sleep(0.01)
        pid_file.write_text("\n".join([str(child), *kept[1:]]) + "\n")
        os.chown(pid_file, folder.stat().st_uid, folder.stat().st_gid)
        url = await embedded.start(folder)
        with psycopg.connect(url) as connection:
            connection.execute("SELECT 1")
        await embedded.stop(folder)
    finally:
        await asyncio.to_thread(os.waitpid, child, 0)


def test_what_initdb_said_is_what_the_owner_reads() -> None:
    error = RuntimeError("Command '['initdb', …]' returned non-zero exit status 1.")
    error.stderr = b"creating directory ... ok\ninitdb: error: no locale\n\n"  # type: ignore[attr-defined]
    assert embedded._last_words(error) == "initdb: error: no locale"
    assert embedded._last_words(RuntimeError("first\nlast")) == "last"
    assert embedded._last_words(RuntimeError()) == "RuntimeError"
