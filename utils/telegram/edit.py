"""Edits what a message says, be it a text or the caption of a picture."""

from __future__ import annotations

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardMarkup, Message

_OF_THE_OTHER_KIND = ("no text in the message", "no caption in the message")


async def edit_words(
    bot: Bot,
    chat_id: int,
    message_id: int,
    text: str,
    keyboard: InlineKeyboardMarkup | None = None,
    *,
    pictured: bool = False,
) -> bool:
    """Edit the text or, for a `pictured` message, the caption; returns which it was.

    What is known of the message may be out of date: where Telegram says that it is of the other
    kind, it is edited as that.
    """
    for as_caption in (pictured, not pictured):
        try:
            if as_caption:
                await bot.edit_message_caption(
                    chat_id=chat_id, message_id=message_id, caption=text, reply_markup=keyboard
                )
            else:
                await bot.edit_message_text(
                    text=text, chat_id=chat_id, message_id=message_id, reply_markup=keyboard
                )
            break
        except TelegramBadRequest as error:
            of_other_kind = any(words in error.message for words in _OF_THE_OTHER_KIND)
            if as_caption is not pictured or not of_other_kind:
                raise
    return as_caption


async def reword(message: Message, text: str, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """Edit the message of the bot's that a callback query came with."""
    assert message.bot
    pictured = message.text is None
    await edit_words(
        message.bot, message.chat.id, message.message_id, text, keyboard, pictured=pictured
    )
