"""Photos in their sizes, files with their bytes, ids that last."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge
from aiogram.types import BufferedInputFile, Message
from PIL import Image

from local_chat.api.photo_sizes import make_sizes
from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.local_chat.conftest import TOKEN, Raw, picture


def upload(data: bytes, name: str = "p.jpg") -> BufferedInputFile:
    return BufferedInputFile(data, name)


def sizes(message: Message) -> list[tuple[int, int]]:
    return [(size.width, size.height) for size in message.photo or []]


@pytest.mark.parametrize(
    ("size", "made"),
    [
        ((3000, 1500), [(90, 45), (320, 160), (800, 400), (1280, 640)]),
        ((600, 800), [(68, 90), (240, 320), (600, 800)]),
        ((320, 320), [(90, 90), (320, 320)]),
        ((50, 40), [(50, 40)]),
    ],
)
async def test_the_sizes_of_a_photo(
    bot: Bot, alice: Person, size: tuple[int, int], made: list[tuple[int, int]]
) -> None:
    message = await bot.send_photo(1, upload(picture(size)))
    assert sizes(message) == made
    assert message.photo is not None
    data = await bot.download(message.photo[-1])
    assert data is not None
    with Image.open(data) as shown:
        assert (shown.format, shown.size) == ("JPEG", made[-1])


async def test_a_photo_is_turned_upright_and_loses_what_it_says_about_itself(
    bot: Bot, alice: Person
) -> None:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "secret place"
    Image.new("RGB", (400, 200), "red").save(out, "JPEG", exif=exif)
    message = await bot.send_photo(1, upload(out.getvalue()))
    assert sizes(message)[-1] == (200, 400)
    data = await bot.download(message.photo[-1])  # type: ignore[index]
    assert data is not None and b"secret" not in data.read()


@pytest.mark.parametrize("mode", ["RGBA", "P", "CMYK", "L", "I;16"])
async def test_pictures_of_other_kinds_become_photos(bot: Bot, alice: Person, mode: str) -> None:
    out = BytesIO()
    Image.new(mode, (200, 100)).save(out, "TIFF" if mode == "CMYK" else "PNG")
    message = await bot.send_photo(1, upload(out.getvalue(), "p.png"))
    assert sizes(message)[-1] == (200, 100)
    if mode == "RGBA":
        data = await bot.download(message.photo[-1])  # type: ignore[index]
        with Image.open(data) as shown:  # type: ignore[arg-type]
            assert shown.getpixel((100, 50)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"not a picture", "IMAGE_PROCESS_FAILED"),
        (picture((300, 300))[:2000], "IMAGE_PROCESS_FAILED"),
        (picture((5001, 5000), kind="PNG"), "PHOTO_INVALID_DIMENSIONS"),
        (picture((2100, 100)), "PHOTO_INVALID_DIMENSIONS"),
        (b"", "file must be non-empty"),
        (b"x" * 10_000_001, "too big to be sent as a photo"),
    ],
)
async def test_what_is_no_photo(bot: Bot, alice: Person, data: bytes, words: str) -> None:
    with pytest.raises(TelegramBadRequest, match=words):
        await bot.send_photo(1, upload(data))
    assert alice.messages == []


async def test_a_process_of_sizes_that_dies_is_no_disaster(
    bot: Bot, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_chat.api.files.sys.executable", "/bin/false")
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(1, upload(picture()))
    monkeypatch.undo()
    assert await bot.send_photo(1, upload(picture()))


async def test_a_process_of_sizes_has_a_deadline(
    bot: Bot, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_chat.api.files._SIZES_WITHIN", 0.01)
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(1, upload(picture()))


def test_the_sizes_by_themselves(tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(picture((1000, 10_000)))
    assert make_sizes(tmp_path / "p", tmp_path) == {"error": "PHOTO_INVALID_DIMENSIONS"}


async def test_documents_keep_their_bytes(bot: Bot, alice: Person) -> None:
    data = picture((2000, 1000), kind="PNG")
    message = await bot.send_document(1, upload(data, "full.png"), caption="c")
    document = message.document
    assert document is not None
    assert (document.file_name, document.mime_type, document.file_size) == (
        "full.png", "image/png", len(data),
    )  # fmt: skip
    kept = await bot.download(document)
    assert kept is not None and kept.read() == data
    assert (await alice.download(alice.messages[-1])) == data


async def test_a_persons_file_reaches_the_bot_whole(bot: Bot, alice: Person) -> None:
    await alice.send_document(b"heic bytes", "IMG_1.HEIC", "image/heic")
    (update,) = await bot.get_updates()
    assert update.message is not None and update.message.document is not None
    assert update.message.document.mime_type == "image/heic"
    data = await bot.download(update.message.document)
    assert data is not None and data.read() == b"heic bytes"


async def test_ids_are_opaque_stable_and_reusable(bot: Bot, alice: Person) -> None:
    first = await bot.send_photo(1, upload(picture()))
    second = await bot.send_photo(1, upload(picture(), "another_name.jpg"))
    other = await bot.send_photo(1, upload(picture(color="red")))
    assert first.photo and second.photo and other.photo
    assert first.photo[-1].file_unique_id == second.photo[-1].file_unique_id
    assert first.photo[-1].file_unique_id != other.photo[-1].file_unique_id
    for size in first.photo:  # any size stands for the whole photo
        again = await bot.send_photo(1, size.file_id)
        assert again.photo == first.photo
    sent = await bot.send_document(1, upload(b"bytes", "a.bin"))
    assert sent.document
    assert (await bot.send_document(1, sent.document.file_id)).document == sent.document


async def test_ids_that_mean_nothing_here(bot: Bot, alice: Person) -> None:
    with pytest.raises(TelegramBadRequest, match="wrong file identifier/HTTP URL specified"):
        await bot.send_photo(1, "AgACAgIAAxkBAAI")
    with pytest.raises(TelegramBadRequest, match="failed to get HTTP URL content"):
        await bot.send_photo(1, "https://example.org/p.jpg")
    sent = await bot.send_document(1, upload(picture(), "p.jpg"))
    assert sent.document
    with pytest.raises(TelegramBadRequest, match="can't use file of type Document as Photo"):
        await bot.send_photo(1, sent.document.file_id)
    with pytest.raises(TelegramBadRequest, match="wrong file_id"):
        await bot.get_file("nothing")


async def test_get_file_stops_at_20_mb(bot: Bot, alice: Person) -> None:
    sent = await alice.send_document(b"\0" * 20_000_001, "big.bin")
    with pytest.raises(TelegramBadRequest, match="file is too big"):
        await bot.get_file(sent["document"]["file_id"])


async def test_an_upload_stops_at_50_mb(bot: Bot, alice: Person, raw: Raw) -> None:
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_document(1, upload(b"\0" * 50_000_001, "huge.bin"))
    assert alice.messages == []


async def test_downloads_need_a_token_and_a_known_path(raw: Raw) -> None:
    assert (await raw.get("/file/botnonsense/photos/x.jpg"))[0] == 401
    assert (await raw.get(f"/file/bot{TOKEN}/photos/x.jpg"))[0] == 404
    for path in ("..%2f..%2fchat.sqlite3", "../chat.sqlite3", "%2e%2e/chat.sqlite3"):
        assert (await raw.get(f"/file/bot{TOKEN}/{path}"))[0] == 404


async def test_nothing_is_left_of_what_arrived(
    bot: Bot, alice: Person, chat: LocalChat, tmp_path: Path
) -> None:
    await bot.send_photo(1, upload(picture()))
    await bot.send_document(1, upload(b"kept", "a.bin"))
    await alice.send_photo(picture())
    await alice.send_documents([(b"kept", "b.bin", None), (b"also", "c.bin", None)])
    await alice.send_voice()
    with pytest.raises(TelegramBadRequest):
        await bot.send_photo(1, upload(b"no picture"))
    folder = tmp_path / "chat"
    assert list((folder / "arriving").iterdir()) == []
    names = {path.name for path in (folder / "files").iterdir()}
    used = {row[0] for row in chat.core.store._db.execute("SELECT digest FROM files")}
    assert names == used


async def test_other_kinds(bot: Bot, alice: Person) -> None:
    await alice.send_sticker()
    await alice.send_voice()
    await alice.send_video()
    await alice.send_animation()
    updates = await bot.get_updates()
    kinds = [u.message.content_type for u in updates if u.message]
    assert kinds == ["sticker", "voice", "video", "animation"]


async def test_multipart_names_with_quotes_and_unicode(raw: Raw, alice: Person) -> None:
    form = aiohttp.FormData({"chat_id": "1"}, quote_fields=False)
    form.add_field("document", b"x", filename="Ночь «звёзд» %22I%22.bin")
    async with raw.session.post(f"{raw.url}/bot{TOKEN}/sendDocument", data=form) as response:
        answer = await response.json()
    assert answer["result"]["document"]["file_name"] == 'Ночь «звёзд» "I".bin'
