"""The gallery: leafing, taking, recent styles, in both languages, through the real bot."""

from __future__ import annotations

import pytest

from data.gallery import SHEET, STYLES
from database.server.pool import Pool
from local_chat.api.faults import Fault
from local_chat.people.person import ChatMessage, Person
from local_chat.server import LocalChat
from tests.e2e.steps import PHOTO, STYLE, offers, order, send_pair

FIRST = STYLES[0].name
LONG = 60.0  # seconds; pictures are scaled in a process of their own


pytestmark = pytest.mark.usefixtures("parts")  # it paints nothing: this is about choosing


def uploads(chat: LocalChat) -> int:
    """How many pictures the bot has uploaded, of those it has shown."""
    shown = [call for call in chat.calls if call.method in ("sendPhoto", "editMessageMedia")]
    return sum("AgAC" not in str(call.params) for call in shown)


async def turned(person: Person, page: ChatMessage, words: str) -> ChatMessage:
    """The page once it says this, in the same message."""
    return await person.wait_for(lambda m: m.id == page.id and words in m.text, LONG)


async def test_a_newcomer_without_a_painting_chooses_one(pool: Pool, alice: Person) -> None:
    photo = await alice.send_photo(PHOTO)
    asked = await alice.wait_for("Now send me a painting", LONG)
    await alice.press(asked, "Choose from my gallery")
    page = await alice.wait_for("Paintings of my own", LONG, after=photo.id)
    assert page.kind == "photo"
    assert [text for text, _ in page.buttons][: len(STYLES)] == [
        str(i + 1) for i in range(len(STYLES))
    ]
    await alice.press(page, "1")
    page = await turned(alice, page, "photo. 1 of")
    await alice.press(page, "Next ›")
    page = await turned(alice, page, f"2 of {len(STYLES)}")
    await alice.press(page, "‹ Previous")
    page = await turned(alice, page, f"photo. 1 of {len(STYLES)}")
    await alice.press(page, "‹ Previous")
    page = await turned(alice, page, f"{len(STYLES)} of {len(STYLES)}")  # it is a ring
    await alice.press(page, "All paintings")
    page = await turned(alice, page, "Paintings of my own")
    await alice.press(page, "1")
    page = await turned(alice, page, "photo. 1 of")
    await alice.press(page, "✓ Take this one")
    taken = await turned(alice, page, "your painting")
    assert not taken.buttons and taken.kind == "photo"
    status = await alice.wait_for(offers("paint"), LONG, after=taken.id)
    await alice.press(status, "paint")
    await alice.wait_for("You're next", LONG)
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT request::text FROM paintings")
        row = await cursor.fetchone()
    assert row and taken["photo"][-1]["file_id"] in row[0]


async def test_a_style_may_be_chosen_before_the_photo(boris: Person) -> None:
    await boris.send_text("/styles")
    page = await boris.wait_for("Мои собственные картины", LONG)
    await boris.press(page, "2")
    page = await turned(boris, page, "фотографии. 2 из")
    await boris.press(page, "✓ Взять эту")
    await boris.wait_for("Теперь пришлите фотографию", LONG)
    await boris.send_photo(PHOTO)
    await boris.wait_for(offers("paint"), LONG)


async def test_an_album_after_a_chosen_style_is_the_photo_and_one_more_style(
    pool: Pool, alice: Person
) -> None:
    await alice.send_text("/styles")
    page = await alice.wait_for("Paintings of my own", LONG)
    await alice.press(page, "1")
    page = await turned(alice, page, "photo. 1 of")
    await alice.press(page, "✓ Take this one")
    await alice.wait_for("Now send me the photo", LONG)
    album = await alice.send_album([PHOTO, STYLE])
    status = await alice.wait_for(lambda m: "2 paintings at once" in m.text, LONG)
    await alice.press(status, "paint")
    await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m), LONG)
    taken = next(m for m in alice.messages if m.id == page.id)
    async with pool.connection() as connection:
        row = await (await connection.execute("SELECT request FROM paintings")).fetchone()
    assert row
    pictures = (album[0], taken, album[1])
    assert [row[0]["content"], *row[0]["styles"]] == [p["photo"][-1]["file_id"] for p in pictures]


async def test_a_style_from_the_gallery_replaces_that_of_a_pair(alice: Person) -> None:
    await send_pair(alice)
    await alice.send_text("/styles")
    page = await alice.wait_for("Paintings of my own", LONG)
    await alice.press(page, "3")
    page = await turned(alice, page, f"3 of {len(STYLES)}")
    await alice.press(page, "✓ Take this one")
    await alice.wait_for(offers("paint"), LONG, after=page.id)


async def test_each_picture_is_uploaded_once_and_again_when_its_id_is_lost(
    chat: LocalChat, pool: Pool, alice: Person, boris: Person
) -> None:
    await alice.send_text("/styles")
    page = await alice.wait_for("Paintings of my own", LONG)
    await alice.press(page, "1")
    await turned(alice, page, "photo. 1 of")
    assert uploads(chat) == 2
    await boris.send_text("/styles")
    page = await boris.wait_for("Мои собственные картины", LONG)
    await boris.press(page, "1")
    page = await turned(boris, page, "фотографии. 1 из")
    assert uploads(chat) == 2

    async with pool.connection() as connection:
        await connection.execute("UPDATE gallery_files SET file_id = 'AgACnobodyknowsthis'")
    await boris.press(page, "Дальше ›")
    page = await turned(boris, page, "фотографии. 2 из")
    await boris.press(page, "Все картины")
    await turned(boris, page, "Мои собственные картины")
    newer = await alice.send_text("/styles")
    await alice.wait_for("Paintings of my own", LONG, after=newer.id)
    async with pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT count(*) FROM gallery_files WHERE file_id LIKE '%nobody%'"
        )
        row = await cursor.fetchone()
    assert row == (1,)  # the card that nobody has looked at since


async def test_the_last_styles_are_ones_own_newest_first(alice: Person) -> None:
    await alice.send_text("/styles")
    page = await alice.wait_for("Paintings of my own", LONG)
    assert not offers("recent")(page)
    _, first = await order(alice)
    await alice.wait_for(lambda m: m.id == first.id and "next" in m.text, LONG)
    again = await alice.send_text("/styles")
    page = await alice.wait_for("Paintings of my own", LONG, after=again.id)
    await alice.press(page, "Your last styles")
    page = await turned(alice, page, "1 of 1")
    assert await alice.download(page) == await alice.download(alice.messages[-1])
    assert not offers("page:all")(page) or len(page.buttons) == 2  # nothing to leaf through

    await alice.send_photo(PHOTO)
    await alice.wait_for("Now send me a painting", LONG, after=page.id)
    await alice.press(page, "✓ Take this one")
    await turned(alice, page, "once more")
    await alice.wait_for(offers("paint"), LONG, after=page.id)


async def test_a_style_that_was_sent_as_a_file_is_shown_as_one(alice: Person) -> None:
    await alice.send_photo(PHOTO)
    await alice.wait_for("Now send me a painting", LONG)
    await alice.send_document(STYLE, "strokes.jpg", "image/jpeg")
    status = await alice.wait_for(offers("paint"), LONG)
    await alice.press(status, "paint")
    await alice.wait_for("You're next", LONG)
    await alice.send_text("/styles")
    page = await alice.wait_for("Paintings of my own", LONG)
    await alice.press(page, "Your last styles")
    page = await turned(alice, page, "1 of 1")
    assert page.kind == "document"
    await alice.press(page, "All paintings")
    page = await turned(alice, page, "Paintings of my own")
    assert page.kind == "photo"


async def test_a_second_tap_and_an_old_button_do_no_harm(alice: Person) -> None:
    await alice.send_photo(PHOTO)
    await alice.wait_for("Now send me a painting", LONG)
    await alice.send_text("/styles")
    page = await alice.wait_for("Paintings of my own", LONG)
    await alice.press(page, "1")
    page = await turned(alice, page, "photo. 1 of")
    await alice.press(page, "✓ Take this one")
    await alice.press_data(page, f"take:{FIRST}")
    status = await alice.wait_for(offers("paint"), LONG)
    await alice.press_data(page, "retake:0123")
    await alice.wait_for("no longer to be had", LONG)
    assert [m.id for m in alice.messages if offers("paint")(m)] == [status.id]
    await alice.press_data(page, "page:a-style-of-yesterday")
    page = await turned(alice, page, "Paintings of my own")
    await alice.press(page, "Close")
    await alice.wait_gone(page, LONG)


async def test_a_failed_upload_is_apologised_for(chat: LocalChat, alice: Person) -> None:
    chat.faults.append(Fault.refuse("sendPhoto", 400, "Bad Request: IMAGE_PROCESS_FAILED"))
    await alice.send_text("/styles")
    await alice.wait_for("went wrong on my side", LONG)
    await alice.send_text("/styles")
    await alice.wait_for("Paintings of my own", LONG)
    assert SHEET.is_file()
