"""Groups: a photo, a painting in reply, the picture in the thread; quiet otherwise."""

from __future__ import annotations

from aiogram import Bot
from aiogram.exceptions import TelegramMigrateToChat

from database.server.pool import Pool
from jobs.chat.status import StatusMessage
from loader import Parts
from local_chat.api.core import public
from local_chat.people.person import Member, Person
from local_chat.server import LocalChat
from tests.e2e.bot import BotProcess
from tests.e2e.steps import PAINTED, PHOTO, STYLE, is_result, offers


def group_of(chat: LocalChat, *people: Person, **options: object) -> list[Member]:
    group = chat.visitors.groups.create("Painters", **options)  # type: ignore[arg-type]
    return [Member(person, group["id"]) for person in people]


async def requests(pool: Pool) -> list[tuple[int, dict[str, object]]]:
    async with pool.connection() as connection:
        rows = await connection.execute(
            "SELECT user_id, request FROM paintings ORDER BY created_at"
        )
        return [(user, request) for user, request in await rows.fetchall()]


def names(request: dict[str, object], file_id: str) -> bool:
    return file_id in str(request)


async def test_a_photo_answered_with_a_painting_becomes_one_in_the_thread(
    copying_bot: BotProcess, chat: LocalChat, alice: Person, boris: Person
) -> None:
    anna, bob = group_of(chat, alice, boris)
    photo = await anna.send_photo(PHOTO)
    asked = await bob.send_photo(STYLE, caption="/style@local_chat_bot", reply_to=photo.id)
    status = await bob.wait_for(lambda m: m.from_bot and m.reply_to == asked.id)
    result = await anna.wait_for(is_result, PAINTED)
    assert result.reply_to == asked.id and "×" in result.text and "за" in result.text
    await bob.wait_gone(status)
    assert not any(m.from_bot for m in alice.messages + boris.messages)  # nothing in private
    query = await anna.press(result, "again")
    assert "another person" in (await anna.answer_to(query))["text"]
    await bob.press(result, "file")
    await bob.wait_for(lambda m: m.from_bot and m.kind == "document", after=result.id)

    # Another painting in reply to the result: the same photo in that manner.
    more = await anna.send_photo(STYLE, reply_to=result.id)
    await anna.wait_for(lambda m: m.from_bot and m.reply_to == more.id)
    second = await anna.wait_for(is_result, PAINTED, after=more.id)
    assert second.reply_to == more.id  # who asked is told


async def test_a_bare_command_asks_and_the_answer_brings_the_painting(
    parts: Parts, pool: Pool, chat: LocalChat, alice: Person, boris: Person
) -> None:
    anna, bob = group_of(chat, alice, boris)
    photo = await bob.send_photo(PHOTO)
    command = await anna.send_text("/style", reply_to=photo.id)
    question = await anna.wait_for("And in which manner?")
    assert question.reply_to == command.id
    words = await anna.send_text("hm", reply_to=question.id)
    await anna.wait_for(lambda m: m.reply_to == words.id and "Reply to a photo" in m.text)
    style = await anna.send_photo(STYLE, reply_to=question.id)
    status = await anna.wait_for(lambda m: m.reply_to == style.id and offers("stop")(m))
    ((user, request),) = await requests(pool)
    assert user == alice.id and request["reply_to"] == style.id and request["thread"] is None
    assert names(request, photo["photo"][-1]["file_id"])
    assert names(request, style["photo"][-1]["file_id"])
    query = await bob.press(status, "stop")
    assert "друг" in (await bob.answer_to(query))["text"]
    await anna.press(status, "stop")
    await anna.wait_for(lambda m: m.id == status.id and "Stopped" in m.text)


async def test_a_command_that_comes_again_is_painted_once(
    parts: Parts, pool: Pool, chat: LocalChat, alice: Person
) -> None:
    """As it does after the process that had recorded the painting was killed."""
    (anna,) = group_of(chat, alice)
    photo = await anna.send_photo(PHOTO)
    command = await anna.send_photo(STYLE, caption="/style", reply_to=photo.id)
    await anna.wait_for(lambda m: m.reply_to == command.id and offers("stop")(m))
    chat.core.updates.add("message", public(command))
    last = await anna.send_text("/help")  # of the same person: handled after it
    await anna.wait_for(lambda m: m.reply_to == last.id)
    assert sum(m.reply_to == command.id for m in anna.messages) == 1
    assert len(await requests(pool)) == 1


async def test_a_name_of_the_gallery_is_a_painting_too(
    parts: Parts, pool: Pool, chat: LocalChat, alice: Person, boris: Person
) -> None:
    anna, bob = group_of(chat, alice, boris)
    photo = await anna.send_photo(PHOTO)
    for member, name in ((anna, "glass"), (bob, "Витраж")):
        asked = await member.send_text(f"/style {name}", reply_to=photo.id)
        await member.wait_for(lambda m, to=asked.id: m.reply_to == to and offers("stop")(m))  # type: ignore[misc]
    (_, first), (_, second) = await requests(pool)
    assert first["styles"] == second["styles"] and first["content"] == second["content"]
    assert [m.kind for m in anna.messages if m.from_bot] == ["text", "text"]  # no picture is left
    unknown = await anna.send_text("/style van Gogh", reply_to=photo.id)
    await anna.wait_for(lambda m: m.reply_to == unknown.id and "And in which manner?" in m.text)


async def test_a_topic_keeps_what_belongs_to_it(
    parts: Parts, pool: Pool, chat: LocalChat, alice: Person
) -> None:
    forum = chat.visitors.groups.create("Forum", topics=[7, 9])
    anna = Member(alice, forum["id"], thread=9)
    photo = await anna.send_photo(PHOTO)
    style = await anna.send_photo(STYLE, caption="/style", reply_to=photo.id)
    status = await anna.wait_for(lambda m: m.reply_to == style.id and offers("stop")(m))
    assert status["message_thread_id"] == 9 and status["is_topic_message"]
    ((_, request),) = await requests(pool)
    assert request["thread"] == 9
    chat.core.remove(forum["id"], status.id)
    (record,) = await parts.queue.paintings.open_of(alice.id)
    await StatusMessage(parts.bot, parts.queue.paintings, record).say("still here")
    moved = await anna.wait_for("still here")
    assert moved["message_thread_id"] == 9


async def test_it_is_quiet_but_for_commands_and_replies(
    parts: Parts, chat: LocalChat, alice: Person, boris: Person, admin: Person
) -> None:
    anna, bob, chief = group_of(chat, alice, boris, admin)
    await anna.send_text("hello everybody")
    photo = await anna.send_photo(PHOTO)
    await bob.send_text("nice!", reply_to=photo.id)
    await bob.send_photo(STYLE, reply_to=photo.id)
    await bob.send_text("/nonsense")
    await bob.send_text("/style@another_bot", reply_to=photo.id)
    await chief.send_text("/stats")
    await chief.send_text("/pause")
    last = await anna.send_text("/help")
    hint = await anna.wait_for("Reply to a photo with /style")
    assert hint.reply_to == last.id
    lonely = await bob.send_text("/style")
    hint_ru = await bob.wait_for("Ответьте на фото")
    assert hint_ru.reply_to == lonely.id
    assert [m.id for m in anna.messages if m.from_bot] == [hint.id, hint_ru.id]
    assert not await parts.queue.switches.paused()


async def test_a_pause_and_a_full_line_are_told_in_the_thread(
    parts: Parts, chat: LocalChat, alice: Person
) -> None:
    (anna,) = group_of(chat, alice, supergroup=False)
    photo = await anna.send_photo(PHOTO)
    for number in range(4):
        style = await anna.send_photo(STYLE, caption="/style", reply_to=photo.id)
        await anna.wait_for(lambda m, to=style.id: m.reply_to == to and (  # type: ignore[misc]
            offers("stop")(m) if number < 3 else "already have" in m.text))  # noqa: B023 # fmt: skip
    await parts.queue.switches.pause()
    style = await anna.send_photo(STYLE, caption="/style", reply_to=photo.id)
    await anna.wait_for(lambda m: m.reply_to == style.id and "short rest" in m.text)


async def test_a_group_that_becomes_a_supergroup_says_where_it_went(
    parts: Parts, chat: LocalChat, alice: Person
) -> None:
    group = chat.visitors.groups.create("Small", supergroup=False)
    bot: Bot = parts.bot
    await bot.send_message(group["id"], "here")
    new = chat.visitors.groups.migrate(group["id"])
    try:
        await bot.send_message(group["id"], "there?")
        raise AssertionError("the old number still takes messages")
    except TelegramMigrateToChat as error:
        assert error.migrate_to_chat_id == new
    await bot.send_message(new, "there")
    member = Member(alice, new)
    await member.send_text("/help")
    await member.wait_for("Reply to a photo with /style")
