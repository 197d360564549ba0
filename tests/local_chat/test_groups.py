"""Groups of the local chat: what a bot in privacy mode hears, where it may write."""

from __future__ import annotations

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat

from local_chat.people.person import Member, Person
from local_chat.server import LocalChat


async def test_in_privacy_mode_a_bot_hears_commands_and_replies_alone(
    chat: LocalChat, bot: Bot, alice: Person
) -> None:
    group = chat.visitors.groups.create("Group", supergroup=False)
    anna = Member(alice, group["id"])
    await anna.send_text("hello")
    await anna.send_text("/style@another_bot")
    await anna.send_text("/style")
    await anna.send_text("/style@local_chat_bot now")
    said = await bot.send_message(group["id"], "yes?")
    await anna.send_text("no", reply_to=said.message_id)
    heard = [update.message for update in await bot.get_updates()]
    assert [m.text for m in heard if m] == ["/style", "/style@local_chat_bot now", "no"]
    assert heard[-1] and heard[-1].chat.type == "group" and heard[-1].from_user
    assert heard[-1].from_user.id == alice.id and heard[-1].reply_to_message
    assert [str(m) for m in alice.messages] == []


async def test_topics_exist_in_forums_alone(chat: LocalChat, bot: Bot, alice: Person) -> None:
    forum = chat.visitors.groups.create("Forum", topics=[5])
    said = await bot.send_message(forum["id"], "here", message_thread_id=5)
    assert said.message_thread_id == 5 and said.is_topic_message and said.chat.is_forum
    with pytest.raises(TelegramBadRequest, match="thread not found"):
        await bot.send_message(forum["id"], "there", message_thread_id=6)
    plain = chat.visitors.groups.create("Plain")
    with pytest.raises(TelegramBadRequest, match="thread not found"):
        await bot.send_message(plain["id"], "there", message_thread_id=5)


async def test_where_a_bot_may_not_write_it_is_told_why(chat: LocalChat, bot: Bot) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(-5, "anybody?")
    group = chat.visitors.groups.create("Strict")
    assert (await bot.send_message(group["id"], "hello")).chat.title == "Strict"
    chat.visitors.groups.expel(group["id"])
    with pytest.raises(TelegramForbiddenError, match="kicked from the supergroup"):
        await bot.send_message(group["id"], "sorry")


async def test_a_group_that_moved_tells_its_new_number(chat: LocalChat, bot: Bot) -> None:
    group = chat.visitors.groups.create("Small", supergroup=False)
    new = chat.visitors.groups.migrate(group["id"])
    with pytest.raises(TelegramMigrateToChat) as refused:
        await bot.send_message(group["id"], "there?")
    assert refused.value.migrate_to_chat_id == new
    await bot.send_message(new, "there")
    news = [update.message for update in await bot.get_updates()]
    assert [m.migrate_to_chat_id or m.migrate_from_chat_id for m in news if m] == [new, group["id"]]
