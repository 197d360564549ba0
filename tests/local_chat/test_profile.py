"""The bot's commands and texts, by scope and language."""

from __future__ import annotations

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)

from local_chat.people.person import Person
from local_chat.server import LocalChat


def names(chat: LocalChat, person_id: int) -> list[str]:
    person = chat.visitors.person(person_id)
    return [command["command"] for command in chat.core.commands(person)]


async def test_the_narrowest_scope_and_the_own_language_win(bot: Bot, chat: LocalChat) -> None:
    Person(chat, 1, "Alice", "en", known=True)
    Person(chat, 2, "Борис", "ru-RU", known=True)
    await bot.set_my_commands([BotCommand(command="help", description="Help")])
    assert names(chat, 1) == names(chat, 2) == ["help"]
    russian = [BotCommand(command="pomosch", description="Помощь")]
    await bot.set_my_commands(russian, scope=BotCommandScopeAllPrivateChats(), language_code="ru")
    assert (names(chat, 1), names(chat, 2)) == (["help"], ["pomosch"])
    scope = BotCommandScopeChat(chat_id=1)
    await bot.set_my_commands([BotCommand(command="stats", description="Figures")], scope=scope)
    assert names(chat, 1) == ["stats"]
    await bot.set_my_commands([], scope=scope)
    assert names(chat, 1) == ["help"]


async def test_commands_that_telegram_refuses(bot: Bot, chat: LocalChat) -> None:
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="Help me", description="x")])
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.set_my_commands(
            [BotCommand(command="a", description="x")], scope=BotCommandScopeChat(chat_id=404)
        )


async def test_descriptions(bot: Bot, chat: LocalChat) -> None:
    await bot.set_my_description("I paint.")
    await bot.set_my_short_description("Paints")
    await bot.set_my_short_description("Рисует", language_code="ru")
    assert chat.core.localized("description", "ru") == "I paint."
    assert chat.core.localized("short_description", "ru") == "Рисует"
    assert (await bot.get_me()).first_name == "Style Transfer"
    with pytest.raises(TelegramBadRequest, match="SHORT_DESCRIPTION_TOO_LONG"):
        await bot.set_my_short_description("x" * 121)
