"""Sets the command menus, one per language and role."""

from __future__ import annotations

import logging

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    BotCommandScopeUnion,
)

from utils.texts import DEFAULT, locales, texts

log = logging.getLogger(__name__)

EVERYBODY = ("start", "styles", "help", "cancel", "language", "privacy", "forget")
GROUPS = ("style", "help")
ADMINS = ("stats", "status", "broadcast", "pause", "resume", "block", "unblock", "developer")


async def set_commands(bot: Bot, admins: tuple[int, ...]) -> None:
    """Set all menus; a failure is only logged, since the commands work without them."""
    for locale in locales():
        await _set(bot, EVERYBODY, locale, BotCommandScopeDefault())
        await _set(bot, EVERYBODY, locale, BotCommandScopeAllPrivateChats())
        await _set(bot, GROUPS, locale, BotCommandScopeAllGroupChats())
    for admin in admins:
        await set_admin_commands(bot, admin)


async def set_admin_commands(bot: Bot, admin: int) -> None:
    """Set the menu of one admin; Telegram refuses it until they have a chat with the bot."""
    for locale in locales():
        await _set(bot, (*EVERYBODY, *ADMINS), locale, BotCommandScopeChat(chat_id=admin))


async def _set(bot: Bot, names: tuple[str, ...], locale: str, scope: BotCommandScopeUnion) -> None:
    speak = texts(locale)
    commands = [BotCommand(command=name, description=speak(f"command-{name}")) for name in names]
    code = None if locale == DEFAULT else locale
    try:
        await bot.set_my_commands(commands, scope=scope, language_code=code)
    except TelegramAPIError as error:
        log.warning("command menu not set (%s): %s", type(scope).__name__, error)
