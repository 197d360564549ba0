"""The methods of the Bot API that this server has, by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from local_chat.api.core import BotCall, Core
from local_chat.api.methods import editing, other, profile, sending

Method = Callable[[Core, BotCall], Awaitable[Any]]

# getUpdates is not here: it alone needs the connection (see botapi.py).
METHODS: dict[str, Method] = {
    "answerCallbackQuery": other.answer_callback_query,
    "close": other.done,
    "copyMessage": sending.copy_message,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "deleteMyCommands": profile.delete_my_commands,
    "deleteWebhook": other.delete_webhook,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageMedia": editing.edit_message_media,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "editMessageText": editing.edit_message_text,
    "forwardMessage": sending.forward_message,
    "getChat": other.get_chat,
    "getFile": other.get_file,
    "getMe": profile.get_me,
    "getMyCommands": profile.get_my_commands,
    "getMyDescription": profile.getter("description"),
    "getMyName": profile.getter("name"),
    "getMyShortDescription": profile.getter("short_description"),
    "getWebhookInfo": other.get_webhook_info,
    "logOut": other.done,
    "pinChatMessage": editing.pin_chat_message,
    "sendAnimation": sending.send_animation,
    "sendChatAction": other.send_chat_action,
    "sendDocument": sending.send_document,
    "sendMediaGroup": sending.send_media_group,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendSticker": sending.send_sticker,
    "sendVideo": sending.send_video,
    "sendVoice": sending.send_voice,
    "setMessageReaction": editing.set_message_reaction,
    "setMyCommands": profile.set_my_commands,
    "setMyDescription": profile.setter("description"),
    "setMyName": profile.setter("name"),
    "setMyShortDescription": profile.setter("short_description"),
    "setWebhook": other.set_webhook,
    "unpinChatMessage": editing.unpin_chat_message,
}
