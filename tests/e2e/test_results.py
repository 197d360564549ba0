"""What can be done with a finished painting: each button, and the request that it makes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops, ImageStat

from database.server.pool import Pool
from local_chat.people.person import ChatMessage, Person
from local_chat.server import LocalChat
from tests.e2e.bot import running
from tests.e2e.inside import inside
from tests.e2e.steps import PAINTED, PHOTO, STYLE, is_result, offers, order

WITHIN = 60.0


async def requests(pool: Pool) -> list[dict[str, Any]]:
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT request FROM paintings ORDER BY created_at")
        return [row[0] for row in await cursor.fetchall()]


async def tap(person: Person, result: ChatMessage, button: str) -> None:
    """A tap under the result, then a stop of what it began."""
    await person.press(result, button)
    status = await person.wait_for(offers("stop"), WITHIN, after=result.id)
    await person.press(status, "stop")
    await person.wait_for(lambda m: m.id == status.id and "Stopped" in m.text, WITHIN)


async def test_before_and_after_another_one_and_the_same_painting_continued_at_a_larger_size(
    chat: LocalChat, pool: Pool, database_url: str, tmp_path: Path, alice: Person
) -> None:
    async with running(chat, database_url, tmp_path):
        await order(alice)
        result = await alice.wait_for(is_result, PAINTED)
        assert "64 × 48 · strength 3 of 5 · painted in" in result.text
        await alice.press(result, "compare")
        compared = await alice.wait_for("Before and after", WITHIN, after=result.id)
        picture = await alice.download(compared)
        assert Image.open(io.BytesIO(picture)).size == (64, 48 * 2 + 12)
        await alice.press(result, "again")
        again = await alice.wait_for(is_result, PAINTED, after=compared.id)
        assert again.reply_to == result.reply_to

    async with running(chat, database_url, tmp_path, MAX_SIZE="96"):  # the owner allows more
        await alice.press(result, "more")
        await alice.wait_for(lambda m: m.id == result.id and offers("vary")(m), WITHIN)
        await alice.press(result, f"vary:{painting_of(result)}:larger")
        larger = await alice.wait_for(is_result, PAINTED, after=again.id)
        assert "96 × 72" in larger.text and larger.reply_to == result.reply_to
        continued = Image.open(io.BytesIO(await alice.download(larger)))
    assert continued.size == (96, 72)
    first, _, second = await requests(pool)
    assert second["start"] and second["start_size"] == 64 and second["seed"] == first["seed"]
    # It is that very painting, only finer: another one would share no strokes with it.
    before = Image.open(io.BytesIO(await alice.download(result)))
    small = continued.resize(before.size, Image.Resampling.BOX)
    moved = ImageStat.Stat(ImageChops.difference(before, small)).mean
    assert max(moved) < 30, moved


def painting_of(result: ChatMessage) -> str:
    """The id of the painting that a result's buttons are about."""
    return next(data for _, data in result.buttons if data.startswith("again:")).split(":")[1]


async def finished(pool: Pool, file_id: str) -> str:
    """Note the only painting as done, as a worker would have; its id."""
    async with pool.connection() as connection:
        await connection.execute("DELETE FROM saq_jobs")
        cursor = await connection.execute(
            "UPDATE paintings SET state = 'done', width = 128, height = 96, seconds = 3, "
            "file_id = %s, request = request || '{\"size\": 128}' RETURNING id",
            (file_id,),
        )
        row = await cursor.fetchone()
    assert row
    return str(row[0])


async def test_every_button_under_a_result_asks_for_what_it_says(
    chat: LocalChat, pool: Pool, alice: Person
) -> None:
    # Nobody paints here: this is about the requests. The status message stands for the result.
    async with inside(chat, pool):
        sent, result = await order(alice)
        await alice.wait_for(lambda m: m.id == result.id and offers("stop")(m), WITHIN)
        painting = await finished(pool, sent["photo"][-1]["file_id"])
        await alice.press_data(result, f"more:{painting}:0")
        await alice.wait_for(lambda m: m.id == result.id and offers("reuse")(m), WITHIN)
        await alice.press(result, "more")
        unfolded = await alice.wait_for(lambda m: m.id == result.id and offers("vary")(m), WITHIN)
        assert any("larger: 512 px" in text for text, _ in unfolded.buttons)
        for kind in ("strength", "size", "larger"):
            data = [data for _, data in unfolded.buttons if f":{kind}:" in data][-1]
            await tap(alice, result, data)
            await alice.wait_for(lambda m: m.id == result.id and offers("more")(m))
            await alice.press(result, "more")
            await alice.wait_for(lambda m: m.id == result.id and offers("vary")(m))
        await alice.press(result, "more")  # fold away
        await alice.wait_for(lambda m: m.id == result.id and offers("reuse")(m))
        first, stronger, resized, larger = await requests(pool)
        assert stronger == {**first, "strength": 0.7}
        assert resized == {**first, "size": 512}
        assert larger["size"] == 512 and larger["start_size"] == 128 and larger["start"]

        await alice.press(result, "reuse")  # a new style for the same photo
        asked = await alice.wait_for("Same photo", WITHIN, after=result.id)
        style = await alice.send_photo(STYLE)
        status = await alice.wait_for(offers("paint"), WITHIN, after=asked.id)
        await alice.press(status, "paint")
        await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m), WITHIN)
        made = (await requests(pool))[-1]
        assert made["content"] == first["content"] and made["reply_to"] == sent.id
        assert made["styles"] == [style["photo"][-1]["file_id"]]

        await alice.press_data(result, f"reuse:{painting}:styles")  # a new photo for the same style
        asked = await alice.wait_for("Same style", WITHIN, after=status.id)
        await alice.send_text("and now?")
        await alice.wait_for("The painting is here")
        photo = await alice.send_photo(PHOTO)
        status = await alice.wait_for(offers("paint"), WITHIN, after=asked.id)
        await alice.press(status, "paint")
        await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m), WITHIN)
        made = (await requests(pool))[-1]
        assert made["styles"] == first["styles"]
        assert made["content"] == photo["photo"][-1]["file_id"]
