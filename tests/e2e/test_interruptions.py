"""Stops, deaths and trouble between the tap and the picture, with a painter that only copies.

The painter waits where a test has to find it at work. What the engine itself makes of the pictures
is seen in test_painting.py, and a real child is killed in tests/jobs/test_child.py.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local_chat.api.faults import Fault
from local_chat.people.person import LONG, ChatMessage, Person
from local_chat.server import LocalChat
from tests.e2e.bot import COPIES, BotProcess, running
from tests.e2e.steps import PHOTO, STYLE, is_result, offers, order, stop


def is_of_result(params: dict[str, Any]) -> bool:
    """Whether a call brings the finished painting with its buttons."""
    return "again:" in str(params.get("reply_markup")) and "media" in params


async def until(true: Callable[[], bool]) -> None:
    """Until it is so."""
    async with asyncio.timeout(LONG):
        while not true():
            await asyncio.sleep(0.05)


def gone(pid: int) -> bool:
    """Whether a process has ended, be it that nobody has asked for its exit code yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return True
    return state == "Z"


def told_progress(status: ChatMessage) -> Callable[[ChatMessage], bool]:
    """Whether the status message says how far the painting is."""
    return lambda m: m.id == status.id and "%" in m.text


async def test_a_stop_while_painting_stops_it_and_the_next_one_is_unharmed(
    copying_bot: BotProcess, alice: Person, boris: Person
) -> None:
    copying_bot.painters.hold()
    _, first = await order(alice)
    child = await copying_bot.wait_for_child()
    _, second = await order(boris)
    await boris.wait_for("Ваша очередь следующая")
    await stop(alice, first)
    await alice.wait_for("Stopped")  # `python -m bench bot` measures the two seconds
    await until(lambda: gone(child))
    copying_bot.painters.release()
    await boris.wait_for(is_result)
    assert not any(is_result(m) for m in alice.messages)
    await boris.wait_gone(second)


async def test_a_killed_child_is_explained_and_the_painting_still_arrives(
    copying_bot: BotProcess, alice: Person, admin: Person
) -> None:
    copying_bot.painters.hold()
    _, status = await order(alice)
    child = await copying_bot.wait_for_child()
    await alice.wait_for(told_progress(status))  # so its plan is known, too
    os.kill(child, signal.SIGKILL)
    await alice.wait_for(lambda m: m.id == status.id and "interrupted" in m.text)
    notice = await admin.wait_for("SIGKILL")
    assert "64×48" in notice.text and "MB predicted" in notice.text
    assert "held" in notice.text and "held 0 MB" not in notice.text
    copying_bot.painters.release()
    await alice.wait_for(is_result)


async def test_three_deaths_of_one_painting_end_it_and_nobody_else_is_harmed(
    copying_bot: BotProcess, alice: Person, boris: Person
) -> None:
    copying_bot.painters.hold()
    _, status = await order(alice)
    child = None
    for _ in range(3):
        child = await copying_bot.wait_for_child(other_than=child)
        os.kill(child, signal.SIGKILL)
    ended = await alice.wait_for("interrupted several times")
    assert ended.id == status.id and offers("again")(ended)
    copying_bot.painters.release()
    await order(boris)
    await boris.wait_for(is_result)


async def test_another_photo_takes_the_place_of_a_broken_one(
    copying_bot: BotProcess, alice: Person
) -> None:
    await alice.send_document(PHOTO[: len(PHOTO) // 3], "broken.jpg", "image/jpeg")
    await alice.wait_for("Now send me a painting")
    await alice.send_photo(STYLE)
    status = await alice.wait_for(offers("paint"))
    await alice.press(status, "paint")
    answer = await alice.wait_for("can't open your photo")
    await alice.send_photo(PHOTO)
    status = await alice.wait_for(offers("paint"), after=answer.id)
    await alice.press(status, "paint")
    answer = await alice.wait_for(is_result)

    # Once /cancel was said, nothing is remembered of it: a photo begins a pair.
    await alice.send_document(PHOTO[: len(PHOTO) // 3], "broken.jpg", "image/jpeg")
    await alice.wait_for("Now send me a painting", after=answer.id)
    await alice.send_photo(STYLE)
    await alice.press(await alice.wait_for(offers("paint"), after=answer.id), "paint")
    answer = await alice.wait_for("can't open your photo", after=answer.id)
    await alice.send_text("/cancel")
    await alice.wait_for("Forgotten. Send me a photo", after=answer.id)
    await alice.send_photo(PHOTO)
    await alice.wait_for("Now send me a painting", after=answer.id)


async def test_a_restart_hands_the_painting_back_and_the_next_process_finishes_it(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person
) -> None:
    async with running(chat, database_url, tmp_path, **COPIES) as bot:
        bot.painters.hold()
        _, status = await order(alice)
        child = await bot.wait_for_child()
        assert await bot.stop(signal.SIGTERM) == 0
        assert "restarting" in (await alice.wait_for(lambda m: m.id == status.id)).text
        assert gone(child)
        bot.painters.release()
    async with running(chat, database_url, tmp_path, **COPIES):
        await alice.wait_for(is_result)
        await alice.wait_gone(status)


async def test_a_killed_bot_takes_its_child_along_and_loses_no_painting(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person, boris: Person
) -> None:
    async with running(chat, database_url, tmp_path, **COPIES) as bot:
        bot.painters.hold()
        await order(alice)
        child = await bot.wait_for_child()
        await boris.send_photo(PHOTO)
        await boris.wait_for(lambda m: m.from_bot)
        await bot.stop(signal.SIGKILL)
        await until(lambda: gone(child))
        bot.painters.release()
    left = [room for room in (tmp_path / "painting").iterdir() if any(room.iterdir())]
    assert left  # what a kill leaves behind …
    async with running(chat, database_url, tmp_path, **COPIES) as bot:
        await boris.send_photo(STYLE)  # the dialogue is where it was
        await boris.wait_for(offers("paint"))
        await until(lambda: not any(room.exists() for room in left))  # … the next start clears away
        await alice.wait_for(is_result)
        assert await bot.stop() == 0
    assert list((tmp_path / "painting").iterdir()) == []


async def test_trouble_while_sending_costs_no_second_painting(
    copying_bot: BotProcess, chat: LocalChat, alice: Person
) -> None:
    chat.faults += [
        Fault("editMessageMedia", "cut_after", 2, matches=is_of_result),
        Fault("editMessageMedia", "half", 1, matches=is_of_result),
        Fault.page("editMessageMedia"),
    ]
    _, status = await order(alice)
    result = await alice.wait_for(is_result)
    await alice.wait_gone(status)
    assert len([m for m in alice.messages if is_result(m)]) == 1
    assert copying_bot.painters.began == 1
    await alice.press(result, "file")
    await alice.wait_for(lambda m: m.from_bot and m.kind == "document", after=result.id)


async def test_a_stop_while_sending_is_a_stop(
    copying_bot: BotProcess, chat: LocalChat, alice: Person
) -> None:
    chat.faults.append(Fault.slow("editMessageMedia", 3, times=1))
    copying_bot.painters.hold()
    _, status = await order(alice)
    await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    copying_bot.painters.release()
    await until(lambda: any(call.method == "editMessageMedia" for call in chat.calls))
    await alice.press(status, "stop")
    stopped = await alice.wait_for("Stopped")
    assert offers("again")(stopped)
    assert await copying_bot.stop() == 0  # nothing is on its way any more
    assert not any(is_result(m) for m in alice.messages)
    assert [m.text for m in alice.messages if m.from_bot][-1] == stopped.text


async def test_a_sender_that_dies_is_succeeded_without_painting_again(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person
) -> None:
    chat.faults.append(Fault("editMessageMedia", "cut", -1, matches=is_of_result))
    async with running(chat, database_url, tmp_path, **COPIES) as bot:
        sent, status = await order(alice)
        await until(lambda: any(is_of_result(call.params) for call in chat.calls))
        await bot.stop(signal.SIGKILL)
    chat.faults.clear()
    async with running(chat, database_url, tmp_path, **COPIES) as bot:
        result = await alice.wait_for(is_result)
        assert result.reply_to == sent.id
        await alice.wait_gone(status)
    assert bot.painters.began == 1


async def test_a_renderer_apart_paints_for_a_bot_without_slots(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person
) -> None:
    (tmp_path / "renderer").mkdir()
    renderer = BotProcess(chat.url, database_url, tmp_path / "renderer", **COPIES)
    async with running(chat, database_url, tmp_path, RENDER_SLOTS="0", **COPIES):
        await order(alice)
        await alice.wait_for("You're next")
        await renderer.start("-m", "jobs")
        try:
            await alice.wait_for(is_result)
        finally:
            assert await renderer.stop() == 0
        assert renderer.painters.began == 1
