"""Presses and their answers."""

from __future__ import annotations

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message

from local_chat.people.person import ChatMessage, Person
from local_chat.server import LocalChat

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


async def offer(bot: Bot, alice: Person) -> ChatMessage:
    button = InlineKeyboardButton(text="🎨 Paint", callback_data="paint:7")
    markup = InlineKeyboardMarkup(inline_keyboard=[[button]])
    sent = await bot.send_message(1, "Ready?", reply_markup=markup)
    return await alice.wait_for(lambda message: message.id == sent.message_id)


@pytest.mark.parametrize("button", ["🎨 Paint", "paint"])
async def test_a_press_reaches_the_bot_and_its_answer_the_person(
    bot: Bot, alice: Person, button: str
) -> None:
    message = await offer(bot, alice)
    query_id = await alice.press(message, button)
    (update,) = await bot.get_updates()
    query = update.callback_query
    assert query is not None and isinstance(query.message, Message)
    assert (query.id, query.data, query.from_user.id) == (query_id, "paint:7", 1)
    assert (query.message.message_id, query.message.text) == (message.id, "Ready?")
    assert await bot.answer_callback_query(query.id, text="Yes", show_alert=True)
    answer = await alice.answer_to(query_id)
    assert (answer["text"], answer["alert"]) == ("Yes", True)


async def test_a_query_is_answered_once(bot: Bot, alice: Person) -> None:
    query_id = await alice.press(await offer(bot, alice), "paint")
    assert await bot.answer_callback_query(query_id)
    for unknown in (query_id, "123"):
        with pytest.raises(TelegramBadRequest, match=TOO_OLD):
            await bot.answer_callback_query(unknown)


async def test_a_query_grows_old(bot: Bot, alice: Person, chat: LocalChat) -> None:
    chat.core.query_lifetime = 0.0
    query_id = await alice.press(await offer(bot, alice), "paint")
    with pytest.raises(TelegramBadRequest, match=TOO_OLD):
        await bot.answer_callback_query(query_id)


async def test_a_button_that_is_gone(bot: Bot, alice: Person) -> None:
    message = await offer(bot, alice)
    await bot.edit_message_text("No longer", chat_id=1, message_id=message.id)
    with pytest.raises(LookupError, match="no button 'paint'"):
        await alice.press(message, "paint")
    # A messenger that hasn't heard of the edit may still send it.
    query_id = await alice.press_data(message, "paint:7")
    assert await bot.answer_callback_query(query_id)


async def test_waiting_tells_what_was_there_instead(alice: Person) -> None:
    await alice.send_text("hello?")
    with pytest.raises(TimeoutError, match=r"1 person text: 'hello\?'"):
        await alice.wait_for("anybody", timeout=0.05)
