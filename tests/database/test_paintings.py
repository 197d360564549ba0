"""Records of paintings: one per promise, limits that hold under haste, nothing kept too long."""

from __future__ import annotations

import asyncio

from database.paintings import KEEP_DAYS, Paintings
from database.records import Request
from database.server.pool import Pool, connect
from nst.choices import Recipe
from tests.paintings import painted

REQUEST = Request(
    content="photo", styles=("art", "more art"), locale="ru", reply_to=7,
    shape=(640, 480),
    recipe=Recipe(style_weights=(2.0, 1.0), keep_colors=True, strength=0.7),
)  # fmt: skip


async def test_a_record_comes_back_as_it_went_in(pool: Pool) -> None:
    paintings = Paintings(pool)
    made = await paintings.create(1, 2, 3, REQUEST, limit=3)
    assert made is not None and made.is_open
    again = await paintings.get(made.id)
    assert again == made and again.request == REQUEST
    assert await paintings.by_status_message(2, 3) == made
    assert await paintings.get("nothing") is None


async def test_one_message_starts_one_painting_however_often_it_is_tapped(pool: Pool) -> None:
    paintings = Paintings(pool)
    taps = await asyncio.gather(*(paintings.create(1, 2, 3, REQUEST, limit=3) for _ in range(5)))
    assert sum(tap is not None for tap in taps) == 1


async def test_the_limit_per_person_holds_when_taps_come_at_once(pool: Pool) -> None:
    paintings = Paintings(pool)
    taps = await asyncio.gather(*(paintings.create(1, 2, n, REQUEST, limit=3) for n in range(8)))
    assert sum(tap is not None for tap in taps) == 3
    assert await paintings.create(9, 2, 99, REQUEST, limit=3)  # another person's promise
    first = (await paintings.open_of(1))[0]
    await paintings.done(first.id)
    assert await paintings.create(1, 2, 100, REQUEST, limit=3)


async def test_an_update_leaves_forbidden_states_alone(pool: Pool) -> None:
    paintings = Paintings(pool)
    made = await paintings.create(1, 2, 3, REQUEST, limit=3)
    assert made
    assert await paintings.stop(made.id)
    assert not await paintings.wait_again(made.id, held_by=None)
    stopped = await paintings.get(made.id)
    assert stopped and stopped.state == "stopped" and not stopped.is_open


async def test_old_records_go_and_open_ones_stay(pool: Pool) -> None:
    paintings = Paintings(pool)
    old, open_one, new = [await paintings.create(1, 2, n, REQUEST, limit=9) for n in range(3)]
    assert old and open_one and new
    await paintings.done(old.id)
    await paintings.done(new.id)
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE paintings SET created_at = now() - make_interval(days => %s) WHERE id <> %s",
            (KEEP_DAYS + 1, new.id),
        )
    assert await paintings.forget_old() == 1
    assert await paintings.get(old.id) is None
    assert await paintings.get(open_one.id) and await paintings.get(new.id)


async def test_migrations_run_once_even_when_two_processes_start(database_url: str) -> None:
    pools = await asyncio.gather(*(connect(database_url) for _ in range(3)))
    async with pools[0].connection() as connection:
        cursor = await connection.execute(
            "SELECT count(*), count(DISTINCT version) FROM schema_version"
        )
        row = await cursor.fetchone()
    assert row and row[0] == row[1] > 0
    for pool in pools:
        await pool.close()


def test_a_request_of_the_first_version_still_loads() -> None:
    old = {"content": "p", "style": "a", "locale": "en", "reply_to": 1, "size": 512, "seed": 3}
    assert Request.read(old) == Request("p", ("a",), "en", 1, Recipe(size=512, seed=3))
    assert Request.read({**old, "of_a_later_version": 1}).styles == ("a",)


def test_another_go_is_another_seed_and_begins_anew() -> None:
    first = Request("p", ("a",), "en", 1, start="file", start_size=512)
    again = first.again("ru")
    assert (
        again.recipe.seed and again.start is None and again.start_size == 0 and again.locale == "ru"
    )
    recipe = Recipe(size=1024)
    assert first.again("ru", recipe).recipe == recipe


async def test_the_pace_is_learned_from_what_was_painted(pool: Pool) -> None:
    paintings = Paintings(pool)
    assert await paintings.paces(5) == []
    for number, seconds in enumerate((10.0, 20.0, 60.0)):
        made = await paintings.create(number, 2, number, REQUEST, limit=3)
        assert made
        await painted(paintings, made.id, work=10.0, seconds=seconds)
    assert sorted(await paintings.paces(5)) == [(10.0, 10.0), (10.0, 20.0), (10.0, 60.0)]
