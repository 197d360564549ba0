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
    assert [c.command for c in await bot.get_my_commands(scope=scope)] == ["stats"]
    assert await bot.delete_my_commands(scope=scope)
    assert names(chat, 1) == ["help"]
    assert await bot.get_my_commands(scope=scope) == []


async def test_commands_that_telegram_refuses(bot: Bot, chat: LocalChat) -> None:
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="Help me", description="x")])
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.set_my_commands(
            [BotCommand(command="a", description="x")], scope=BotCommandScopeChat(chat_id=404)
        )


async def test_names_and_descriptions(bot: Bot) -> None:
    assert (await bot.get_my_name()).name == "Style Transfer"
    await bot.set_my_name("Painter")
    await bot.set_my_name("Художник", language_code="ru")
    await bot.set_my_description("I paint.")
    await bot.set_my_short_description("Paints")
    assert (await bot.get_me()).first_name == "Painter"
    assert (await bot.get_my_name(language_code="ru")).name == "Художник"
    assert (await bot.get_my_description()).description == "I paint."
    assert (await bot.get_my_short_description(language_code="ru")).short_description == "Paints"
    with pytest.raises(TelegramBadRequest, match="NAME_TOO_LONG"):
        await bot.set_my_name("x" * 65)
