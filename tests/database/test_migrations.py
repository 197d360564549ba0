"""A new version finds the jobs and dialogues of every version before it."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from aiogram.fsm.storage.base import StorageKey

from database.dialogues import PostgresStorage
from database.paintings import Paintings
from database.people import People
from database.records import Request
from database.server import schema
from database.server.pool import Pool, connect
from jobs.line.queue import PaintingQueue

REQUEST = '{"content": "photo", "style": "art", "locale": "ru", "reply_to": 7}'
PICTURE = '{"content": {"file_id": "photo", "message": 7, "album": null}}'


@pytest.mark.parametrize("version", range(1, len(schema._MIGRATIONS) + 1))
async def test_what_an_earlier_version_left_is_found(
    database_url: str, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    every = schema._MIGRATIONS
    monkeypatch.setattr(schema, "_MIGRATIONS", every[:version])
    await (await connect(database_url)).close()
    # Only columns that the first version had, as an old process writes while it is replaced.
    with psycopg.connect(database_url, autocommit=True) as old:
        old.execute("INSERT INTO people (user_id, locale) VALUES (5, 'ru')")
        old.execute(
            "INSERT INTO dialogue (key, state, data) "
            "VALUES ('fsm:42:5:5:default', 'Painting:style', %s)",
            (PICTURE,),
        )
        for number, state in enumerate(("waiting", "painting", "sending", "done", "stopped")):
            old.execute(
                "INSERT INTO paintings (id, user_id, chat_id, status_message_id, request, state) "
                "VALUES (%s, 5, 5, %s, %s, %s)",
                (state, number, REQUEST, state),
            )
    monkeypatch.setattr(schema, "_MIGRATIONS", every)
    pool = await connect(database_url)
    try:
        queue = PaintingQueue(pool, Paintings(pool))
        await queue.connect()
        assert await queue.recover() == 3
        assert sorted(await queue.places()) == ["painting", "sending", "waiting"]
        found = await queue.paintings.get("waiting")
        assert found and found.request == Request("photo", ("art",), "ru", 7)
        assert await People(pool).locale(5) == "ru"
        storage, key = PostgresStorage(pool), StorageKey(bot_id=42, chat_id=5, user_id=5)
        assert await storage.get_state(key) == "Painting:style"
        assert (await storage.get_data(key))["content"]["file_id"] == "photo"
    finally:
        await pool.close()


async def test_processes_that_start_together_make_the_tables_once(database_url: str) -> None:
    async def start() -> tuple[Pool, PaintingQueue]:
        pool = await connect(database_url)
        queue = PaintingQueue(pool, Paintings(pool))
        await queue.connect()
        await queue.recover()
        return pool, queue

    started = await asyncio.gather(*(start() for _ in range(3)))
    assert [await queue.waiting() for _, queue in started] == [0, 0, 0]
    for pool, _ in started:
        await pool.close()
