"""The quick sketch under a pair: there when it can be, never of an earlier state, never missed."""

from __future__ import annotations

import asyncio
import io
import itertools
from pathlib import Path

from PIL import Image

from local_chat.api.faults import Fault
from local_chat.people.person import ChatMessage, Person
from local_chat.server import LocalChat
from tests.e2e.bot import BotProcess, running
from tests.e2e.steps import PAINTED, PHOTO, STYLE, is_result, offers, order, send_pair

WITHIN = 120.0  # seconds on a busy machine; `python -m bench chat` measures the three


def sketched(status: ChatMessage):  # type: ignore[no-untyped-def]
    """Whether the status message shows a sketch, and says that it is one."""
    return lambda m: m.id == status.id and m.kind == "photo" and "quick sketch" in m.text


def file_of(message: ChatMessage) -> str:
    return str(message["photo"][-1]["file_unique_id"])


async def test_a_sketch_appears_and_follows_the_controls(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person, artifacts: Path
) -> None:
    async with running(chat, database_url, tmp_path, MAX_SIZE="512", RENDER_SLOTS="0"):
        await _the_sketch_follows(alice, artifacts)


async def _the_sketch_follows(alice: Person, artifacts: Path) -> None:
    _, status = await send_pair(alice)
    first = await alice.wait_for(sketched(status), WITHIN)
    assert offers("paint")(first)
    picture = await alice.download(first)
    (artifacts / "sketch.jpg").write_bytes(picture)
    assert Image.open(io.BytesIO(picture)).size == (512, 384)
    seen = {file_of(first)}
    for button in ("set:colors:keep", "swap"):
        await alice.press(status, button)
        now = await alice.wait_for(lambda m: sketched(status)(m) and file_of(m) not in seen, WITHIN)
        seen.add(file_of(now))
    assert "Swapped" in now.text
    # Neither a page turned nor another size is a change to it: the sketch stays.
    alice.edits.clear()
    await alice.press(status, "panel:size")
    await alice.wait_for(lambda m: m.id == status.id and offers("set:size")(m))
    await alice.press(status, "set:size:fast")
    await alice.wait_for(
        lambda m: m.id == status.id and "Size: fast" in [text for text, _ in m.buttons]
    )
    await alice.press(status, "set:colors:change")
    await alice.wait_for(lambda m: sketched(status)(m) and file_of(m) not in seen, WITHIN)
    edits = [edit for edit in alice.edits if edit.id == status.id]
    before = list(itertools.takewhile(lambda edit: not offers("set:colors:keep")(edit), edits))
    assert len(before) == 2 and {file_of(edit) for edit in before} == {file_of(now)}
    assert all("quick sketch" in edit.text for edit in before)


async def test_from_sketch_to_painting_in_one_message(
    copying_bot: BotProcess, alice: Person
) -> None:
    sent, status = await send_pair(alice)
    await alice.wait_for(sketched(status), WITHIN)
    await alice.press(status, "paint")
    await alice.wait_for(
        lambda m: m.id == status.id and m.kind == "photo" and offers("stop")(m), WITHIN
    )
    result = await alice.wait_for(is_result, PAINTED)
    assert result.reply_to == sent.id
    await alice.wait_gone(status, PAINTED)


async def test_a_sketch_of_an_earlier_state_is_not_shown(
    copying_bot: BotProcess, chat: LocalChat, alice: Person
) -> None:
    copying_bot.painters.hold()
    chat.faults.append(Fault.slow("getFile", 3, times=4))
    _, status = await send_pair(alice)
    await alice.press(status, "paint")  # before its sketch could come
    await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    await alice.wait_for(lambda m: m.id == status.id and "%" in m.text)
    copying_bot.painters.release()
    await alice.wait_for(is_result)
    captions = [edit.text for edit in alice.edits if edit.id == status.id]
    assert not any("quick sketch" in caption for caption in captions)


async def test_without_the_package_everything_else_works(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person
) -> None:
    stub = tmp_path / "stub" / "onnxruntime"
    stub.mkdir(parents=True)
    (stub / "__init__.py").write_text("raise ImportError('not for this machine')")
    async with running(chat, database_url, tmp_path, PYTHONPATH=str(stub.parent)):
        await order(alice)
        await alice.wait_for(is_result, PAINTED)
    assert not any("sketch" in edit.text for edit in alice.edits)


async def test_pictures_fetched_for_a_sketch_are_gone_with_the_process(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person
) -> None:
    async with running(chat, database_url, tmp_path):
        _, status = await send_pair(alice, PHOTO, STYLE)
        await alice.wait_for(sketched(status), WITHIN)
        (kept,) = (tmp_path / "sketching").iterdir()
        async with asyncio.timeout(WITHIN):  # the sketch itself has been sent by now
            while list(kept.glob("sketch-*")):
                await asyncio.sleep(0.05)
        assert len(list(kept.iterdir())) == 2
    async with asyncio.timeout(WITHIN):
        while list((tmp_path / "sketching").iterdir()):
            await asyncio.sleep(0.05)
