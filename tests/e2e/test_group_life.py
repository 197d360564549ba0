"""Groups as they are: admins that hide, channels, albums, deleted commands, mutes, farewells."""

from __future__ import annotations

import asyncio

from data.life import Failure, State
from database.server.pool import Pool
from loader import Parts
from local_chat.api.core import group_chat
from local_chat.api.errors import ApiError
from local_chat.api.faults import Fault
from local_chat.people.person import Member, Person
from local_chat.server import LocalChat
from tests.e2e.steps import PHOTO, STYLE, offers
from tests.e2e.test_groups import group_of, requests
from tests.pictures import encoded, painting
from utils.texts import texts


async def open_paintings(parts: Parts, chat_id: int, count: int) -> None:
    """Wait until so many paintings are open in this chat."""
    async with asyncio.timeout(60):
        while len(await parts.queue.paintings.open_in(chat_id)) != count:
            await asyncio.sleep(0.05)


async def test_admins_that_hide_and_channels_ask_for_themselves(
    parts: Parts, pool: Pool, chat: LocalChat, alice: Person, boris: Person
) -> None:
    askers = []
    for title in ("Painters", "Printers"):
        group = chat.visitors.groups.create(title)
        askers.append(Member(alice, group["id"], as_chat=group_chat(group)))
    channel = {"id": -(10**12) - 77, "type": "channel", "title": "Pictures"}
    askers.append(Member(boris, askers[0].chat_id, as_chat=channel))
    for asker in askers:
        photo = await asker.send_photo(PHOTO)
        style = await asker.send_photo(STYLE, caption="/style", reply_to=photo.id)
        await asker.wait_for(lambda m, to=style.id: m.reply_to == to and offers("stop")(m))  # type: ignore[misc]
    people = [user for user, _ in await requests(pool)]
    assert people == [askers[0].chat_id, askers[1].chat_id, channel["id"]]


async def test_admins_may_stop_any_painting_of_their_group_and_others_may_not(
    parts: Parts, chat: LocalChat, alice: Person, boris: Person
) -> None:
    group = chat.visitors.groups.create("Painters")
    hidden = Member(alice, group["id"], as_chat=group_chat(group))
    admin, other = Member(alice, group["id"]), Member(boris, group["id"])
    chat.visitors.groups.promote(group["id"], alice.id)
    photo = await hidden.send_photo(PHOTO)
    style = await hidden.send_photo(STYLE, caption="/style", reply_to=photo.id)
    status = await admin.wait_for(lambda m: m.reply_to == style.id and offers("stop")(m))
    query = await other.press(status, "stop")
    assert (await other.answer_to(query))["text"] == texts("ru")("not-yours")
    await admin.press(status, "stop")
    await admin.wait_for(lambda m: m.id == status.id and "Stopped" in m.text)
    asked = [call for call in chat.calls if call.method == "getChatAdministrators"]
    assert len(asked) == 1  # the second tap was decided from memory


async def test_an_album_in_reply_is_one_painting_with_all_of_it_as_styles(
    parts: Parts, pool: Pool, chat: LocalChat, alice: Person
) -> None:
    (anna,) = group_of(chat, alice)
    photo = await anna.send_photo(PHOTO)
    await anna.send_text("/style", reply_to=photo.id)
    question = await anna.wait_for("And in which manner?")
    styles = [encoded(painting().rotate(angle)) for angle in range(5)]
    album = await anna.send_album(styles, reply_to=question.id)
    await anna.wait_for(lambda m: m.reply_to == album[0].id and offers("stop")(m))
    async with asyncio.timeout(60):
        while len((await requests(pool))[0][1]["styles"]) < 4:  # type: ignore[arg-type]
            await asyncio.sleep(0.05)
    last = await anna.send_text("/help")  # of the same person: handled after the album
    await anna.wait_for(lambda m: m.reply_to == last.id)
    ((_, request),) = await requests(pool)
    assert request["styles"] == [part["photo"][-1]["file_id"] for part in album[:4]]


async def test_a_command_that_is_deleted_meanwhile_pages_nobody(
    parts: Parts, chat: LocalChat, alice: Person, admin: Person
) -> None:
    (anna,) = group_of(chat, alice)
    photo = await anna.send_photo(PHOTO)
    command = await anna.send_text("/style", reply_to=photo.id)
    assert chat.core.remove(anna.chat_id, command.id)
    question = await anna.wait_for("And in which manner?")
    assert question.reply_to is None
    assert not any("⚠️" in m.text for m in admin.messages)


async def test_where_it_may_not_write_it_is_quiet_and_pages_nobody(
    parts: Parts, chat: LocalChat, alice: Person, admin: Person
) -> None:
    (anna,) = group_of(chat, alice)
    for words in (
        "not enough rights to send text messages to the chat",
        "TOPIC_CLOSED",
        "CHAT_WRITE_FORBIDDEN",
    ):
        refusal = Fault("sendMessage", "error", -1, ApiError(400, f"Bad Request: {words}"))
        chat.faults.append(refusal)
        asked = len([call for call in chat.calls if call.method == "sendMessage"])
        await anna.send_text("/help")
        async with asyncio.timeout(60):
            while len([call for call in chat.calls if call.method == "sendMessage"]) == asked:
                await asyncio.sleep(0.05)
        chat.faults.remove(refusal)
    last = await anna.send_text("/help")
    await anna.wait_for(lambda m: m.reply_to == last.id)
    assert not any("⚠️" in m.text for m in admin.messages)
    assert sum(m.from_bot for m in anna.messages) == 1  # and no apology


async def test_a_group_that_puts_the_bot_out_waits_for_nothing_any_more(
    parts: Parts, pool: Pool, chat: LocalChat, alice: Person
) -> None:
    (anna,) = group_of(chat, alice)
    photo = await anna.send_photo(PHOTO)
    style = await anna.send_photo(STYLE, caption="/style", reply_to=photo.id)
    await anna.wait_for(lambda m: m.reply_to == style.id and offers("stop")(m))
    (record,) = await parts.queue.paintings.open_in(anna.chat_id)
    chat.visitors.groups.expel(anna.chat_id)
    await open_paintings(parts, anna.chat_id, 0)
    ended = await parts.queue.paintings.get(record.id)
    assert ended and (ended.state, ended.failure) == (State.FAILED, Failure.CHAT_GONE)
    async with asyncio.timeout(60):
        while await parts.queue.places():
            await asyncio.sleep(0.05)


async def test_a_sticker_that_stands_still_is_a_picture(
    parts: Parts, chat: LocalChat, alice: Person
) -> None:
    await alice.send_photo(PHOTO)
    await alice.wait_for("Now send me a painting")
    await alice.send_sticker(STYLE)
    await alice.wait_for(offers("paint"))
