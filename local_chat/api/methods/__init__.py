"""The methods of the Bot API that this server has, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from local_chat.api.core import BotCall, Core
from local_chat.api.methods import editing, other, profile, sending

Method = Callable[[Core, BotCall], Awaitable[Any]]

# getUpdates is not here: it alone needs the connection (see bot_api.py).
METHODS: dict[str, Method] = {
    "answerCallbackQuery": other.answer_callback_query,
    "copyMessage": sending.copy_message,
    "deleteMessage": editing.delete_message,
    "deleteWebhook": other.delete_webhook,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageMedia": editing.edit_message_media,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "editMessageText": editing.edit_message_text,
    "getChatAdministrators": profile.get_chat_administrators,
    "getFile": other.get_file,
    "getMe": profile.get_me,
    "sendDocument": sending.send_document,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "setMyCommands": profile.set_my_commands,
    "setMyDescription": profile.setter("description"),
    "setMyShortDescription": profile.setter("short_description"),
    "setWebhook": other.set_webhook,
}
