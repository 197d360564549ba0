"""The inbox: each update is handled once, whichever process dies and however often it comes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiogram.types import Update

from database.inbox import Inbox
from database.server.pool import Pool
from utils.updates import dispatch


def update(number: int, text: str = "hello") -> Update:
    person = {"id": 7, "is_bot": False, "first_name": "Ann", "language_code": "en"}
    message: dict[str, Any] = {
        "message_id": number,
        "date": 1_700_000_000,
        "chat": {"id": 7, "type": "private", "first_name": "Ann"},
        "from": person,
        "text": text,
    }
    return Update.model_validate({"update_id": number, "message": message})


async def age(pool: Pool, seconds: int) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE inbox SET taken_at = taken_at - make_interval(secs => %(by)s), "
            "created_at = created_at - make_interval(secs => %(by)s)",
            {"by": seconds},
        )


async def test_an_update_that_comes_twice_is_taken_once(pool: Pool) -> None:
    inbox = Inbox(pool)
    assert [u.update_id for u in await inbox.take([update(1), update(2)])] == [1, 2]
    assert [u.update_id for u in await inbox.take([update(2), update(3)])] == [3]
    await inbox.strike(update(2))
    assert await inbox.take([update(2)]) == []


async def test_two_processes_take_an_update_once_between_them(pool: Pool) -> None:
    taken = await asyncio.gather(*(Inbox(pool).take([update(n) for n in range(20)]) for _ in "ab"))
    assert sorted(u.update_id for one in taken for u in one) == list(range(20))


async def test_a_server_that_counts_anew_is_heard(pool: Pool) -> None:
    inbox = Inbox(pool)
    await inbox.take([update(1, "of the old server")])
    assert len(await inbox.take([update(1, "of the new one")])) == 1


async def test_what_a_dead_process_left_is_handed_out_in_order_and_as_it_was(pool: Pool) -> None:
    inbox = Inbox(pool)
    sent = [update(n, f"text {n} \x00 \ud83c é") for n in (3, 1, 2)]
    await inbox.take(sent)
    await inbox.strike(update(2))
    assert await inbox.left(None, set()) == []  # type: ignore[arg-type]  # not abandoned yet
    await age(pool, 11)
    assert await inbox.left(None, {1, 3}) == []  # type: ignore[arg-type]
    left = await inbox.left(None, set())  # type: ignore[arg-type]
    assert left == [sent[1], sent[0]]
    assert await inbox.left(None, set()) == []  # type: ignore[arg-type]  # taken over


async def test_what_takes_long_is_not_taken_over_by_another_process(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, free = asyncio.Event(), asyncio.Event()
    looks: asyncio.Queue[None] = asyncio.Queue()

    class Slow:
        async def feed_update(self, *_: object) -> None:
            await age(pool, 11)
            old.set()
            await free.wait()

    class Watched(Inbox):
        async def left(self, bot: Any, at_work: set[int]) -> list[Update]:
            left = await super().left(bot, at_work)
            looks.put_nowait(None)
            return left

    monkeypatch.setattr(dispatch, "_LOOK_FOR_LEFT", 0.05)
    one = dispatch.Handling(None, Slow(), Watched(pool))  # type: ignore[arg-type]
    async with asyncio.timeout(60), one.going_on():
        await one.take([update(1)])
        await old.wait()
        for _ in range(looks.qsize() + 2):  # of which the last began when the update was old
            await looks.get()
        assert await Inbox(pool).left(None, set()) == []  # type: ignore[arg-type]
        free.set()


async def test_what_cannot_be_read_is_struck_out_and_holds_up_nothing(
    pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox(pool)
    await inbox.take([update(1), update(2, "secret"), update(3)])
    async with pool.connection() as connection:
        await connection.execute(
            """UPDATE inbox SET content = '{"update_id": 2, "message": {"text": "secret"}}' """
            "WHERE update_id = 2"
        )
    await age(pool, 11)
    left = await inbox.left(None, set())  # type: ignore[arg-type]
    assert [u.update_id for u in left] == [1, 3]
    assert "update 2" in caplog.text and "secret" not in caplog.text
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT update_id FROM inbox WHERE content IS NULL")
        assert await rows.fetchall() == [(2,)]


async def test_what_is_taken_over_again_and_again_is_forgotten_after_a_day(pool: Pool) -> None:
    inbox = Inbox(pool)
    await inbox.take([update(1)])
    await age(pool, 86_500)
    assert len(await inbox.left(None, set())) == 1  # type: ignore[arg-type]
    await inbox.forget_old()
    async with pool.connection() as connection:
        assert await (await connection.execute("SELECT 1 FROM inbox")).fetchall() == []


async def test_a_handled_update_leaves_its_number_alone_and_that_for_a_day(pool: Pool) -> None:
    inbox = Inbox(pool)
    await inbox.take([update(1)])
    await inbox.strike(update(1))
    async with pool.connection() as connection:
        rows = await (await connection.execute("SELECT user_id, content FROM inbox")).fetchall()
        assert rows == [(None, None)]
        await inbox.forget_old()
        assert len(await (await connection.execute("SELECT 1 FROM inbox")).fetchall()) == 1
        await age(pool, 86_500)
        await inbox.forget_old()
        assert await (await connection.execute("SELECT 1 FROM inbox")).fetchall() == []
