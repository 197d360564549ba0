"""From a command in a topic to the picture and its figures, with an engine that takes no time.

The worker, the queue, the delivery and the bot are the real ones; what the engine paints is proven
elsewhere, and how long it takes on a busy machine is not what this is about.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from database.server.pool import Pool
from local_chat.people.person import Member, Person
from local_chat.server import LocalChat
from nst.messages import Finished, Order
from tests.e2e.bot import ADMIN
from tests.e2e.inside import inside
from tests.e2e.steps import PHOTO, STYLE, is_result, offers

LOSSES = (
    "stage,size,evaluation,content,style,total,seconds\n1,128,1,5,6,11,0.1\n1,128,2,4,5,9,0.2\n"
)


async def paints_at_once(order: Order) -> AsyncIterator[Finished]:
    """What `jobs.worker.child.paint` says at the end."""
    folder = Path(order.out_dir)
    photo, picture, losses = folder / "r.jpg", folder / "r.png", folder / "losses.csv"
    photo.write_bytes(PHOTO)
    picture.write_bytes(PHOTO)
    losses.write_text(LOSSES)
    report = {"dtype": "float32", "width": 128, "height": 96}
    yield Finished(str(photo), str(picture), str(losses), 128, 96, 1.0, 100.0, report)


async def test_a_developers_painting_in_a_topic(
    chat: LocalChat, pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.worker.attempts.paint", paints_at_once)
    async with inside(chat, pool, folder=tmp_path, slots=1, max_size=128):
        await converse(chat)


async def converse(chat: LocalChat) -> None:
    admin = Person(chat, ADMIN, "Admin", "en", known=True)
    forum = chat.visitors.groups.create("Painters", topics=[9])
    member = Member(admin, forum["id"], thread=9)
    photo = await member.send_photo(PHOTO)
    asked = await member.send_photo(STYLE, caption="/style", reply_to=photo.id)
    result = await member.wait_for(is_result)
    assert result.reply_to == asked.id and result["message_thread_id"] == 9
    assert offers("figures")(result) and not offers("reuse")(result)

    await member.press(result, "figures")
    table = await member.wait_for(
        lambda m: m.kind == "document" and m["document"]["file_name"] == "losses.csv", 60
    )
    assert await member.download(table) == LOSSES.encode()
    assert table["message_thread_id"] == 9

    more = await member.send_photo(STYLE, reply_to=result.id)
    second = await member.wait_for(is_result, after=more.id)
    assert second.reply_to == more.id
    # Other settings unfolded and folded again: the developer's button is still there.
    await member.press(second, "more")
    await member.wait_for(lambda m: m.id == second.id and offers("vary")(m))
    await member.press(second, "more")
    await member.wait_for(lambda m: m.id == second.id and offers("figures")(m))
