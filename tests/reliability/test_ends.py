"""Chats that end, groups that move, restarts in bad weather, secrets that stay."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from local_chat.api.errors import ApiError
from local_chat.api.faults import Fault
from tests.trials import tree
from tests.trials.orders import Order, is_result
from tests.trials.setup import QUICK, TOKEN, Deployment, Layout, deployment

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Deployment]:
    """One bot for many tests, each of which has people of its own."""
    async with deployment(Layout(), settings={**QUICK, "QUICK_SECONDS": "1"}) as place:
        yield place


@pytest_asyncio.fixture(loop_scope="module")
async def place(shared: Deployment) -> AsyncIterator[Deployment]:
    """The same, in fair weather again after each test."""
    yield shared
    shared.chat.faults.clear()
    shared.painters.release()


async def ended(place: Deployment, columns: str, state: str, chat: int) -> tuple[object, ...]:
    """These columns of the only painting in this chat, once it is in this state."""
    query = f"SELECT {columns} FROM paintings WHERE state = '{state}' AND chat_id = {chat}"
    async with asyncio.timeout(120):
        while not (rows := await place.rows(query)):
            await asyncio.sleep(0.2)
    (row,) = rows
    return row


async def test_a_painting_is_announced_and_the_announcement_becomes_it(place: Deployment) -> None:
    """Answers lost at every step of the delivery, and still one painting and nothing else."""
    for method in ("editMessageMedia", "sendMessage", "editMessageMedia", "deleteMessage"):
        place.chat.faults.append(Fault.cut_after(method, times=1))
    order = await Order.prepare(place.chat)
    place.chat.faults += [Fault.cut_after("editMessageMedia", times=2), Fault.half("deleteMessage")]
    await order.tap()
    await order.end()
    assert len(order.results) == 1 and order.explanations == [] and order.frozen == []
    assert order.results[0].reply_to == order.photo.id


async def test_a_person_who_blocks_the_bot_is_left_in_peace_and_counted(place: Deployment) -> None:
    order, other = await Order.prepare(place.chat), await Order.prepare(place.chat)
    place.painters.hold()
    await order.tap()
    order.person.block()
    place.painters.release()
    await other.tap()
    await other.end()
    assert len(other.results) == 1
    row = await ended(place, "failure, last_word", "failed", order.person.id)
    assert row == ("blocked", None)


async def test_a_deleted_chat_ends_quietly_and_is_counted(place: Deployment) -> None:
    order = await Order.prepare(place.chat)
    gone = ApiError(400, "Bad Request: chat not found")
    for method in ("editMessageText", "editMessageMedia", "editMessageCaption", "sendMessage"):
        place.chat.faults.append(Fault(method, "error", -1, gone))
    await order.person.press(order.status, "paint")
    row = await ended(place, "failure, last_word", "failed", order.person.id)
    assert row == ("chat_gone", None)


async def test_a_group_that_became_a_supergroup_gets_its_painting_there(place: Deployment) -> None:
    order, group = await Order.prepare(place.chat), await Order.prepare(place.chat)
    place.painters.hold()
    await order.tap()
    moved = ApiError(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": group.person.id},
    )

    def to_the_old(params: dict[str, object]) -> bool:
        return str(params.get("chat_id")) == str(order.person.id)

    for method in ("editMessageText", "editMessageMedia", "editMessageCaption", "sendMessage"):
        place.chat.faults.append(Fault(method, "error", -1, moved, matches=to_the_old))
    place.painters.release()
    await group.person.wait_for(is_result)
    assert order.results == []
    assert await ended(place, "failure", "done", group.person.id) == (None,)


async def test_a_stop_in_bad_weather_is_over_before_a_platform_kills() -> None:
    """Without Telegram and without the database, at the same time since both mostly wait."""
    async with asyncio.TaskGroup() as both:
        both.create_task(stop_without("Telegram"))
        both.create_task(stop_without("the database"))


async def stop_without(away: str) -> None:
    async with deployment(Layout(server=True), settings=QUICK) as place:
        place.painters.hold()
        order = await Order.prepare(place.chat)
        await order.tap()
        await place.until(place.child)
        postmaster = place.postmaster()
        assert postmaster
        frozen = tree.below(postmaster) if away == "the database" else []
        if away == "Telegram":
            place.chat.faults.append(Fault.slow("*", 30))
        for pid in frozen:
            os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        try:
            os.kill(place.bot, signal.SIGTERM)
            while tree.command(place.bot):
                assert time.monotonic() - began < 30, (away, place.log[-3000:])
                await asyncio.sleep(0.1)
        finally:
            for pid in frozen:
                os.kill(pid, signal.SIGCONT)
            place.chat.faults.clear()


async def test_two_bots_for_some_seconds_answer_once(place: Deployment) -> None:
    other = Deployment(place.chat, place.folder, place.layout, QUICK)
    await other.start()
    try:
        order = await Order.prepare(place.chat)
        await order.tap()
        await order.end()
        words = [m.text for m in order.person.messages if m.from_bot]
        assert len([w for w in words if "Now send me a painting" in w]) == 1
        assert len(order.results) == 1
    finally:
        codes = await other.stop()
    assert codes == [0]


async def test_the_token_is_in_no_log_no_command_line_and_no_child() -> None:
    async with deployment(Layout(), settings=QUICK) as place:
        place.painters.hold()  # a child that stays to be looked at
        order = await Order.prepare(place.chat)
        place.chat.faults.append(Fault.cut("editMessageText", times=6))
        await order.tap()
        child = await place.until(place.child)
        secret = TOKEN.encode()
        for pid in tree.below(*place.roots):
            assert secret not in tree.command(pid).encode()
        assert secret not in Path(f"/proc/{child}/environ").read_bytes()
        postmaster = place.postmaster()
        assert postmaster and secret not in Path(f"/proc/{postmaster}/environ").read_bytes()
        assert TOKEN not in place.log and TOKEN.split(":")[1] not in place.log
        assert not any(TOKEN in str(m) for m in order.person.messages)


async def test_forget_me_stops_what_runs_and_leaves_nothing() -> None:
    async with deployment(Layout(), settings=QUICK) as place:
        place.painters.hold()
        order = await Order.prepare(place.chat)
        await order.tap()
        await place.until(place.child)
        await order.person.send_text("/forget")
        asked = await order.person.wait_for("can't be undone")
        await order.person.press(asked, "forget")
        await order.person.wait_for("no longer know anything")
        await order.person.wait_for("Stopped and forgotten")
        assert place.child() is None and order.frozen == []
        for table in ("paintings", "saq_jobs", "dialogue", "choices"):
            assert await place.rows(f"SELECT 1 FROM {table}") == []
