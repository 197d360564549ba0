"""Nobody can occupy the line: every painting ends after so many tries, and others come between."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiogram import Bot

from data.life import Failure, State
from database.records import Request
from jobs.chat import delivery
from jobs.worker import attempts, worker
from jobs.worker.fetch import Pictures
from jobs.worker.worker import MOST_TRIES
from loader import Parts
from local_chat.api.errors import ApiError
from local_chat.api.faults import Fault
from local_chat.api.store import Json
from local_chat.people.person import Person
from local_chat.server import LocalChat
from nst.messages import Evaluated, Message, Order
from nst.progress import Losses, Progress
from tests.jobs.working import ended, paints_at_once, promise, working


@pytest.fixture
def alice(chat: LocalChat) -> Person:
    return Person(chat, 1, "Alice", "en", known=True)


@pytest.fixture
def bob(chat: LocalChat) -> Person:
    return Person(chat, 2, "Bob", "en", known=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paint at once, and wait a moment where minutes are waited."""
    monkeypatch.setattr("jobs.worker.attempts.paint", paints_at_once)
    monkeypatch.setattr(worker, "RETRY_AFTER", (2, 1))
    monkeypatch.setattr("utils.telegram.download._WAITS", ())
    monkeypatch.setattr(delivery, "_WAITS", (0,))
    monkeypatch.setattr("utils.telegram.rate_limit.EDIT_EVERY", 0.0)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The photos that were fetched to be painted, in order, by their file ids."""
    photos: list[str] = []
    fetch = worker.fetch

    async def note(bot: Bot, request: Request, folder: Path) -> Pictures:
        photos.append(request.content)
        return await fetch(bot, request, folder)

    monkeypatch.setattr(worker, "fetch", note)
    return photos


def dead_file(path: str) -> Fault:
    """Telegram has no file at this path any more."""
    gone = ApiError(404, "Not Found")
    return Fault("download", "error", -1, gone, matches=lambda call: call["path"] == path)


def media_of(call: Json) -> str:
    """The type of media in a raw call of editMessageMedia."""
    return str(json.loads(call["media"])["type"])


async def test_a_dead_download_is_given_up_and_others_are_painted_meanwhile(  # noqa: PLR0917
    parts: Parts, chat: LocalChat, admin: Person, alice: Person, bob: Person, fetched: list[str]
) -> None:
    dead, other = await promise(parts, alice), await promise(parts, bob)
    file = await parts.bot.get_file(dead.request.content)
    assert file.file_path
    chat.faults.append(dead_file(file.file_path))
    async with working(parts):
        assert (await ended(parts, other.id)).state is State.DONE
        record = await ended(parts, dead.id)
        await admin.wait_for("given up")
    first, second, *later = fetched
    assert (first, second) == (dead.request.content, other.request.content)
    assert later == [dead.request.content] * (MOST_TRIES - 1)
    assert (record.state, record.failure, record.tries) == (
        State.FAILED,
        Failure.GIVEN_UP,
        MOST_TRIES,
    )
    word = await alice.wait_for("couldn't finish this painting")
    assert [data for _, data in word.buttons if data.startswith("again")]
    assert await parts.queue.recover() == 0


async def test_deaths_of_all_processes_count_and_the_next_try_is_the_last_word(
    parts: Parts, admin: Person, alice: Person, fetched: list[str]
) -> None:
    painting = await promise(parts, alice)
    for _ in range(MOST_TRIES):  # each began, and died with everything around it
        assert await parts.queue.paintings.hold(painting.id)
    async with working(parts):
        record = await ended(parts, painting.id)
        await alice.wait_for("couldn't finish this painting")
        await admin.wait_for("given up")
    assert record.failure is Failure.GIVEN_UP and fetched == []


async def test_a_try_that_ends_with_an_orderly_stop_does_not_count(
    parts: Parts, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = asyncio.Event()

    async def paints_for_long(order: Order) -> AsyncIterator[Message]:
        began.set()
        await asyncio.Event().wait()
        yield Message

    monkeypatch.setattr("jobs.worker.attempts.paint", paints_for_long)
    painting = await promise(parts, alice)
    async with working(parts):
        await began.wait()
        current = await parts.queue.paintings.get(painting.id)
        assert current and current.tries == 1
    current = await parts.queue.paintings.get(painting.id)
    assert current and (current.tries, current.state) == (0, State.WAITING)


async def test_what_takes_too_long_is_painted_smaller_and_never_anew_at_its_size(
    parts: Parts, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    async def paints_slowly(order: Order) -> AsyncIterator[Message]:
        sizes.append(order.settings.size)
        if len(sizes) == 1:  # it sees early on that it would take four times as long as it may
            left = 4 * attempts.TIME_LIMIT
            losses = Losses(content=1.0, style=1.0)
            yield Evaluated(Progress(1, 1, 512, 2, 9, 0.2, 1.0, left, losses))
        if len(sizes) <= 2:
            await asyncio.Event().wait()
        async for message in paints_at_once(order):
            yield message

    monkeypatch.setattr("jobs.worker.attempts.paint", paints_slowly)
    monkeypatch.setattr(attempts, "TIME_LIMIT", 1.0)
    painting = await promise(parts, alice)
    async with working(parts):
        record = await ended(parts, painting.id)
    assert record.state is State.DONE and record.tries == 1
    assert len(sizes) == 3 and sizes == sorted(set(sizes), reverse=True)
    assert sizes[1] < 0.5 * sizes[0]  # a quarter of the time, a quarter of the pixels


async def test_not_even_the_smallest_in_time_is_a_clear_end(
    parts: Parts, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never_ends(order: Order) -> AsyncIterator[Message]:
        await asyncio.Event().wait()
        yield Message

    monkeypatch.setattr("jobs.worker.attempts.paint", never_ends)
    monkeypatch.setattr(attempts, "TIME_LIMIT", 0.1)
    painting = await promise(parts, alice)
    async with working(parts):
        record = await ended(parts, painting.id)
        await alice.wait_for("takes longer than I may paint")
    assert record.failure is Failure.TOO_SLOW


async def test_a_picture_arrives_whose_file_can_not_be_uploaded(
    parts: Parts, chat: LocalChat, alice: Person
) -> None:
    def of_a_file(call: Json) -> bool:
        return media_of(call) == "document"

    fault = Fault("editMessageMedia", "cut", -1, matches=of_a_file)
    chat.faults.append(fault)
    painting = await promise(parts, alice)
    async with working(parts):
        record = await ended(parts, painting.id)
    assert (record.state, record.file_id, record.tries) == (State.DONE, None, 1)
    assert [m.kind for m in alice.messages if m.from_bot][-1] == "photo"


async def test_an_upload_that_fails_holds_nobody_up_and_nothing_is_painted_twice(
    parts: Parts, chat: LocalChat, alice: Person, bob: Person, fetched: list[str]
) -> None:
    late, other = await promise(parts, alice), await promise(parts, bob)

    def to_alice(call: Json) -> bool:
        return media_of(call) == "photo" and int(call["chat_id"]) == alice.id

    fault = Fault("editMessageMedia", "cut", 4, matches=to_alice)
    chat.faults.append(fault)
    async with working(parts):
        assert (await ended(parts, other.id)).state is State.DONE
        waiting = await parts.queue.paintings.get(late.id)
        assert waiting and waiting.is_open
        record = await ended(parts, late.id)
    assert record.state is State.DONE and record.tries > 1
    assert fetched == [late.request.content, other.request.content]
    assert sum(m.kind == "photo" and m.from_bot for m in alice.messages) == 1


async def test_an_upload_that_never_succeeds_ends(
    parts: Parts, chat: LocalChat, admin: Person, alice: Person, fetched: list[str]
) -> None:
    chat.faults.append(Fault("editMessageMedia", "cut", -1))
    painting = await promise(parts, alice)
    async with working(parts):
        record = await ended(parts, painting.id)
        await alice.wait_for("couldn't finish this painting")
        await admin.wait_for("given up")
    assert (record.failure, record.tries) == (Failure.GIVEN_UP, MOST_TRIES)
    assert fetched == [painting.request.content]


async def test_a_progress_edit_that_has_to_wait_does_not_hold_up_the_picture(
    parts: Parts, chat: LocalChat, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = asyncio.Event()
    wait = Fault.retry_after("editMessageText", 3600, -1)

    async def paints_after_an_edit(order: Order) -> AsyncIterator[Message]:
        losses = Losses(content=1.0, style=1.0)
        yield Evaluated(Progress(1, 1, 512, 2, 9, 0.5, 1.0, 1.0, losses))
        async with asyncio.timeout(60):
            while not any(call.status == 429 for call in chat.calls):
                await asyncio.sleep(0.05)
        shown.set()
        async for message in paints_at_once(order):
            yield message

    monkeypatch.setattr("jobs.worker.attempts.paint", paints_after_an_edit)
    monkeypatch.setattr("jobs.chat.status._SOON", 0.0)
    painting = await promise(parts, alice)
    chat.faults.append(wait)
    async with working(parts), asyncio.timeout(60):
        record = await ended(parts, painting.id)
    assert shown.is_set() and record.state is State.DONE
    with contextlib.suppress(ValueError):
        chat.faults.remove(wait)
