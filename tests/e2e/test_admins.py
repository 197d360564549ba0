"""What admins can do, and that nobody else learns of it."""

from __future__ import annotations

import asyncio
import io
import signal
from pathlib import Path

import psycopg
import pytest
from PIL import Image

from data.life import Failure
from database.records import Request
from database.server.pool import Pool
from loader import Parts
from local_chat.api.faults import Fault
from local_chat.people.person import LONG, Person
from local_chat.server import LocalChat
from tests.e2e.bot import ADMIN, BotProcess, running
from tests.e2e.inside import inside
from tests.e2e.steps import offers, send_pair
from tests.paintings import painted
from utils.telegram.commands import ADMINS

MANY = 60


def crowd(chat: LocalChat, count: int) -> list[Person]:
    return [Person(chat, 1000 + i, f"P{i}", "ru" if i % 3 == 0 else "en", known=True)
            for i in range(count)]  # fmt: skip


async def introduce(database_url: str, people: list[Person]) -> None:
    """As if each had written to the bot before."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        for person in people:
            await connection.execute(
                "INSERT INTO people (user_id, language, first_seen, last_seen) "
                "VALUES (%s, %s, now(), now())",
                (person.id, "ru" if (person.id - 1000) % 3 == 0 else "en"),
            )


async def test_nobody_else_learns_that_there_are_such_commands(
    parts: Parts, alice: Person, boris: Person
) -> None:
    await alice.send_text("/nonsense")
    unknown = (await alice.wait_for("don't know this command")).text
    for name in ADMINS:
        if name == "developer":
            continue
        sent = await alice.send_text(f"/{name} 5")
        answer = await alice.wait_for(lambda m: m.from_bot, after=sent.id)
        assert answer.text == unknown, name
    known = (await alice.wait_for(lambda m: m.from_bot)).id
    for data in ("broadcast:1:all", "nobroadcast:1"):
        query = await alice.press_data(alice.messages[known - 1], data)
        forged = await alice.press_data(alice.messages[known - 1], "nonsense:1")
        assert (await alice.answer_to(query))["text"] == (await alice.answer_to(forged))["text"]
    assert not await parts.queue.switches.paused()


async def test_menus_are_per_language_and_role(
    parts: Parts, chat: LocalChat, alice: Person, boris: Person
) -> None:
    await alice.send_text("/help")
    await alice.wait_for("How it works")

    async def menu(scope: str, language: str = "") -> list[str]:
        async with asyncio.timeout(LONG):
            while not (found := chat.core.store.setting(f"commands:{scope}:{language}")):
                await asyncio.sleep(0.05)
        return [f"{command['command']}: {command['description']}" for command in found]

    for scope in ("default", "all_private_chats"):
        assert (await menu(scope))[0] == "start: begin anew"
        assert (await menu(scope, "ru"))[0] == "start: начать сначала"
        assert not any("stats" in line or "status" in line for line in await menu(scope))
    assert await menu("all_group_chats") == [
        "style: paint the photo you reply to",
        "help: how it works",
    ]
    assert (await menu("all_group_chats", "ru"))[0].startswith("style: нарисовать")
    # An admin who had never written gets the menu when they do.
    assert chat.core.store.setting(f"commands:chat:{ADMIN}:") is None
    newcomer = Person(chat, ADMIN, "Admin", "ru")
    await newcomer.send_text("/start")
    names = [line.split(":")[0] for line in await menu(f"chat:{ADMIN}", "ru")]
    assert names[0] == "start" and set(ADMINS) < set(names)


async def test_stats_tell_people_outcomes_times_and_memory_with_a_chart(
    parts: Parts, pool: Pool, admin: Person, alice: Person, artifacts: Path
) -> None:
    request = Request(content="c", styles=("s",), locale="en", reply_to=1)
    for number, (state, seconds) in enumerate(
        [("done", 30), ("done", 40), ("done", 200), ("stopped", 0), ("failed", 0)]
    ):
        record = await parts.queue.paintings.create(1, 1, number, request, limit=9)
        assert record
        paintings = parts.queue.paintings
        if state == "done":
            await painted(paintings, record.id, seconds=seconds / 2, peak_mb=200 + seconds)
        elif state == "stopped":
            await paintings.stop(record.id)
        else:
            await paintings.fail(record.id, Failure.KILLED)
        await paintings.last_word_said(record.id)
        async with pool.connection() as connection:
            await connection.execute(
                "UPDATE paintings SET created_at = ended_at - make_interval(secs => %s), "
                "changed_at = now() WHERE id = %s",
                (seconds, record.id),
            )
    await alice.send_text("/help")
    await alice.wait_for("How it works")
    await admin.send_text("/stats")
    answer = await admin.wait_for("People: 2")
    for fact in (
        "2 of them new this week",
        "for 1 people",
        "Done 3, stopped 1, failed 1 (killed 1)",
        "median 40 s, p95 184 s",
        "median 20 s, p95 92 s",
        "waiting 0",
        "accepting paintings",
        "median 240 MB, highest 400 MB",
    ):
        assert fact in answer.text, answer.text
    assert "Bot – MB" not in answer.text
    picture = await admin.download(answer)
    assert Image.open(io.BytesIO(picture)).size == (960, 480)
    (artifacts / "stats.png").write_bytes(picture)


async def test_a_pause_is_polite_and_outlives_the_process(
    chat: LocalChat, pool: Pool, admin: Person, alice: Person, boris: Person
) -> None:
    async with inside(chat, pool):
        await admin.send_text("/pause")
        await admin.wait_for("Paused")
        await admin.send_text("/pause")
        await admin.wait_for("Paused already")
    async with inside(chat, pool):
        _, status = await send_pair(alice)
        query = await alice.press(status, "paint")
        told = await alice.answer_to(query)
        assert told["alert"] and "short rest" in told["text"] and len(told["text"]) <= 200
        _, theirs = await send_pair(boris)
        told = await boris.answer_to(await boris.press(theirs, "paint"))
        assert "отдыхаю" in told["text"] and len(told["text"]) <= 200
        await admin.send_text("/stats")
        await admin.wait_for("paused")
        await admin.send_text("/resume")
        await admin.wait_for("Accepting paintings again")
        await alice.press(status, "paint")  # the very same button
        await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))


async def test_who_is_blocked_is_turned_away_until_let_in_again(
    parts: Parts, admin: Person, alice: Person
) -> None:
    _, status = await send_pair(alice)
    await alice.press(status, "paint")
    await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    for words in ("", " x", f" {ADMIN}", " 1 2", " -5"):
        sent = await admin.send_text(f"/block{words}")
        await admin.wait_for("Telegram number", after=sent.id)
    await admin.send_text("/block 1")
    await admin.wait_for("1 is blocked")
    stopped = await alice.wait_for("Stopped")
    await alice.send_text("hello")
    query = await alice.press(stopped, "again")
    assert "not to work for you" in (await alice.answer_to(query))["text"]
    sent = await alice.send_text("/start")
    await alice.wait_for("not to work for you", after=sent.id)
    sent = await alice.send_text("/privacy")
    await alice.wait_for("What I keep", after=sent.id)
    assert not any("Send me the photo" in m.text for m in alice.messages)
    await admin.send_text("/unblock 1")
    await admin.wait_for("may come in again")
    sent = await alice.send_text("hello")
    await alice.wait_for("Send me the photo", after=sent.id)


async def test_a_broadcast_is_shown_first_and_reaches_everybody_once_not_too_fast(
    chat: LocalChat, pool: Pool, database_url: str, admin: Person
) -> None:
    people = crowd(chat, MANY)
    people[7].block()
    await introduce(database_url, people)
    async with inside(chat, pool):
        await admin.send_text("/broadcast")
        await admin.wait_for("Reply with /broadcast")
        await admin.send_text("/broadcast Good news, <friends>!")
        question = await admin.wait_for(offers("broadcast"))
        assert f"{MANY + 1} people" in question.text or f"{MANY} people" in question.text
        assert [m.text for m in admin.messages if m.id == question.id - 1] == [
            "Good news, <friends>!"
        ]
        assert not any(person.messages for person in people)  # nothing before the tap
        chat.faults.append(Fault.retry_after("copyMessage", 1))
        chat.calls.clear()
        await admin.press(question, "broadcast")
        over = await admin.wait_for("Sent to")
        assert "Failed: 0. Perhaps got it, not tried again: 0" in over.text
        reached = [person for person in people if person is not people[7]]
        assert all([m.text for m in person.messages] == ["Good news, <friends>!"]
                   for person in reached)  # fmt: skip
        times = [call.at for call in chat.calls if call.method == "copyMessage"]
        assert max(sum(t <= x < t + 1 for x in times) for t in times) <= 25
        query = await admin.press_data(over, question.buttons[0][1])
        told = await admin.answer_to(query)  # a second tap sends nothing
        assert told["text"] == "This was decided before."
        async with pool.connection() as connection:
            row = await (await connection.execute(
                "SELECT count(*), (SELECT count(*) FROM people WHERE left_at IS NOT NULL) "
                "FROM broadcast_people")).fetchone()  # fmt: skip
        assert row == (0, 1)
        assert all(len(person.messages) == 1 for person in reached)


async def test_a_broadcast_goes_to_one_language_or_to_nobody(
    chat: LocalChat, pool: Pool, database_url: str, admin: Person
) -> None:
    people = crowd(chat, 6)
    await introduce(database_url, people)
    async with inside(chat, pool):
        original = await admin.send_text("Новости")
        await admin.send_text("/broadcast", reply_to=original.id)
        question = await admin.wait_for(offers("broadcast"))
        await admin.press(question, "nobroadcast")
        await admin.wait_for("Nobody else gets it")
        sent = await admin.send_text("/broadcast", reply_to=original.id)
        question = await admin.wait_for(offers("broadcast"), after=sent.id)
        await admin.press(question, "Only Русский: 2")
        await admin.wait_for("Sent to 2 of 2")
    for i, person in enumerate(people):
        assert [m.text for m in person.messages] == (["Новости"] if i % 3 == 0 else [])


async def test_a_killed_process_sends_nothing_twice_and_its_successor_goes_on(
    chat: LocalChat, database_url: str, tmp_path: Path, admin: Person
) -> None:
    people = crowd(chat, MANY)
    bot = BotProcess(chat.url, database_url, tmp_path, RENDER_SLOTS="0")
    await bot.start()
    await admin.wait_for("Style-transfer bot")
    await introduce(database_url, people)
    await admin.send_text("/broadcast Once")
    question = await admin.wait_for(offers("broadcast"))
    await admin.press(question, "broadcast")
    async with asyncio.timeout(LONG):
        while sum(bool(person.messages) for person in people) < 10:
            await asyncio.sleep(0.02)
    await bot.stop(signal.SIGKILL)
    assert sum(bool(person.messages) for person in people) < MANY
    async with running(chat, database_url, tmp_path, RENDER_SLOTS="0"):
        await admin.wait_for("Sent to")
    counts = [len(person.messages) for person in people]
    assert (
        max(counts) == 1 and counts.count(0) <= 1
    )  # the one on its way may be lost, never doubled


async def test_who_stops_the_bot_is_noted(parts: Parts, pool: Pool, alice: Person) -> None:
    await alice.send_text("/help")
    await alice.wait_for("How it works")

    async def left() -> bool:
        async with pool.connection() as connection:
            row = await (await connection.execute(
                "SELECT left_at IS NOT NULL FROM people WHERE user_id = 1")).fetchone()  # fmt: skip
        assert row
        return bool(row[0])

    assert not await left()
    for act, expected in ((alice.block, True), (alice.unblock, False)):
        act()
        async with asyncio.timeout(LONG):
            while await left() is not expected:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("again", [1, 3])
async def test_a_crash_loop_is_told_once_a_minute_with_a_count(
    chat: LocalChat, pool: Pool, admin: Person, again: int
) -> None:
    from database.notices import NoticeLedger
    from utils.notify_admins import AdminNotices

    def fresh(parts_bot: object) -> AdminNotices:
        return AdminNotices(parts_bot, (ADMIN,), NoticeLedger(pool))  # type: ignore[arg-type]

    async with inside(chat, pool) as parts:
        await admin.wait_for("Style-transfer bot")
        before = len(admin.messages)
        for _ in range(again):  # each as a process of its own would
            await fresh(parts.bot).send("started", kind="start")
        await fresh(parts.bot).tell_held_back()
        assert len(admin.messages) == before
        async with pool.connection() as connection:
            await connection.execute("UPDATE notices SET sent_at = sent_at - interval '61 s'")
        await fresh(parts.bot).tell_held_back()
        await fresh(parts.bot).tell_held_back()
        told = [m.text for m in admin.messages[before:]]
        assert told == [f"{again} more of the same kind, the latest:\nstarted"]
