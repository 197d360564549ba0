"""The controls under the pair, and what reaches the request of each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from database.server.pool import Pool
from loader import Parts
from local_chat.api.faults import Fault
from local_chat.people.person import ChatMessage, Person
from local_chat.server import LocalChat
from tests.e2e.inside import inside
from tests.e2e.steps import PHOTO, STYLE, offers, send_pair


@pytest.fixture(autouse=True)
async def parts(chat: LocalChat, pool: Pool) -> AsyncIterator[Parts]:
    """A bot that paints nothing: this is about what it would paint."""
    async with inside(chat, pool, max_size=1024) as parts:
        yield parts


async def press(person: Person, status: ChatMessage, button: str, then: str) -> ChatMessage:
    """A tap on the status message, and the message once it has a button with that text."""
    await person.press(status, button)
    return await person.wait_for(
        lambda m: m.id == status.id and any(then in text for text, _ in m.buttons)
    )


async def requests(pool: Pool) -> list[dict[str, Any]]:
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT request FROM paintings ORDER BY created_at")
        return [row[0] for row in await cursor.fetchall()]


async def test_everything_chosen_is_in_the_request_and_remembered(
    pool: Pool, alice: Person
) -> None:
    _, status = await send_pair(alice)
    assert any("about" in text for text, _ in status.buttons)  # the honest time on the button
    now = await press(alice, status, "panel:size", "1024 px")
    assert [text for text, _ in now.buttons if "✓" in text and "512 px" in text]
    await press(alice, status, "set:size:fine", "Size: fine")
    await press(alice, status, "panel:strength", "4 · strong")
    await press(alice, status, "set:strength:4", "Strength: 4 of 5")
    await press(alice, status, "set:colors:keep", "my photo's")
    await press(alice, status, "panel:brush", "broad")
    await press(alice, status, "set:brush:broad", "Brush: broad")
    await alice.press(status, "paint")
    await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    [made] = await requests(pool)
    assert (made["size"], made["strength"], made["brush"]) == (1024, 0.7, 1.6)
    assert made["keep_colors"] and made["shape"] == [160, 120] and len(made["styles"]) == 1

    _, other = await send_pair(alice)  # the next pair begins with the same choices
    texts = [text for text, _ in other.buttons]
    assert "Size: fine" in texts and "Strength: 4 of 5" in texts and "Brush: broad" in texts


async def test_a_newcomer_needs_two_photos_and_one_tap(pool: Pool, alice: Person) -> None:
    _, status = await send_pair(alice)
    assert len(status["reply_markup"]["inline_keyboard"]) <= 5
    first = status["reply_markup"]["inline_keyboard"][0]
    assert len(first) == 1 and first[0]["callback_data"] == "paint"
    assert first[0]["style"] == "success"
    await alice.press(status, "paint")
    await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    [made] = await requests(pool)
    assert (made["size"], made["strength"], made["keep_colors"]) == (512, 0.5, False)


@pytest.mark.parametrize("tapped", [0, 1])
async def test_a_message_that_came_twice_is_good_whichever_is_tapped(
    pool: Pool, chat: LocalChat, alice: Person, tapped: int
) -> None:
    sent = await alice.send_photo(PHOTO)
    await alice.wait_for(lambda m: m.from_bot and m.reply_to == sent.id)
    chat.faults.append(Fault.cut_after("sendMessage", times=1))  # done, but the bot can't know
    second = await alice.send_photo(STYLE)
    await alice.wait_for(lambda _: len(showing(alice, second)) == 2)
    both = showing(alice, second)
    await press(alice, both[tapped], "panel:size", "1024 px")
    await press(alice, both[tapped], "set:size:fine", "Size: fine")
    await alice.press(both[tapped], "paint")
    await alice.wait_for(lambda m: m.id == both[tapped].id and offers("stop")(m))
    assert len(await requests(pool)) == 1
    if tapped == 0:  # the other one is the one that the bot knew
        await alice.wait_gone(both[1])


def showing(person: Person, after: ChatMessage) -> list[ChatMessage]:
    return [m for m in person.messages if m.id > after.id and offers("paint")(m)]


async def test_styles_are_mixed_on_top_weighed_and_taken_out(pool: Pool, alice: Person) -> None:
    _, status = await send_pair(alice)
    await press(alice, status, "panel:styles", "Mix in one more")
    await alice.press(status, "mix")
    asked = await alice.wait_for("Send me one more painting")
    third = await alice.send_photo(STYLE)
    status = await alice.wait_for(offers("paint"), after=asked.id)
    assert "2 paintings at once" in status.text
    question = await alice.wait_for(offers("use:mix"), after=(await alice.send_photo(PHOTO)).id)
    await alice.press(question, "use:mix")
    status = await alice.wait_for(offers("paint"), after=question.id)
    assert "3 paintings at once" in status.text
    await press(alice, status, "panel:styles", "Take out style 3 (33 %)")
    await press(alice, status, "weigh:0:more", "Take out style 1 (43 %)")
    await press(alice, status, "weigh:2:out", "Take out style 1 (60 %)")
    await press(alice, status, "panel:main", "2 styles")
    await alice.press(status, "paint")
    await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    [made] = await requests(pool)
    assert made["styles"][1] == third["photo"][-1]["file_id"]
    assert made["style_weights"] == [3.0, 2.0]


async def test_an_album_is_a_photo_and_its_styles(pool: Pool, alice: Person) -> None:
    parts = await alice.send_album([PHOTO, STYLE, STYLE])
    status = await alice.wait_for(lambda m: "2 paintings at once" in m.text)
    await alice.press(status, "paint")
    await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    [made] = await requests(pool)
    ids = [part["photo"][-1]["file_id"] for part in parts]
    assert [made["content"], *made["styles"]] == ids


async def test_an_album_sent_as_one_more_style_is_mixed_in(pool: Pool, alice: Person) -> None:
    _, status = await send_pair(alice)
    await press(alice, status, "panel:styles", "Mix in one more")
    await alice.press(status, "mix")
    await alice.wait_for("Send me one more painting")
    await alice.send_album([STYLE, STYLE])
    status = await alice.wait_for(lambda m: "3 paintings at once" in m.text)
    more = await alice.send_album([PHOTO, STYLE])  # nobody asked for these: a new pair
    other = await alice.wait_for(offers("paint"), after=more[1].id)
    assert other.id != status.id
    await alice.press(other, "paint")
    await alice.wait_for(lambda m: m.id == other.id and offers("stop")(m))

    photo, status = await send_pair(alice)
    await press(alice, status, "panel:styles", "Mix in one more")
    await alice.press(status, "mix")
    asked = await alice.wait_for("Send me one more painting", after=status.id)
    album = await alice.send_album([STYLE] * 5)
    status = await alice.wait_for(lambda m: "4 paintings at once" in m.text, after=asked.id)
    await alice.wait_for("no more than 4 styles", after=asked.id)
    await alice.press(status, "paint")
    await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    _, made = await requests(pool)
    assert made["content"] == photo["photo"][-1]["file_id"]
    assert made["styles"][1:] == [part["photo"][-1]["file_id"] for part in album[:3]]


async def test_forged_choices_change_nothing(pool: Pool, alice: Person) -> None:
    _, status = await send_pair(alice)
    for forged in ("set:size:huge", "set:strength:99", "weigh:7:out", "weigh:-1:out", "panel:x"):
        await alice.answer_to(await alice.press_data(status, forged))
    now = next(m for m in alice.messages if m.id == status.id)
    assert "Size: standard" in [text for text, _ in now.buttons] or offers("mix")(now)


async def test_a_pair_that_was_on_the_table_before_an_update_is_still_there(
    pool: Pool, alice: Person
) -> None:
    _, status = await send_pair(alice)
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE dialogue SET data = (data - 'styles' - 'version' - 'adding') || "
            "jsonb_build_object('style', data->'styles'->0)"
        )
    await alice.press(status, "paint")
    await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    assert len((await requests(pool))[0]["styles"]) == 1
