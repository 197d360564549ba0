"""Methods that change or remove a message that is already there."""

from __future__ import annotations

from local_chat.api.core import BotCall, Core, now, public, unavailable
from local_chat.api.errors import bad_request
from local_chat.api.keyboards import inline_keyboard
from local_chat.api.methods.sending import input_media
from local_chat.api.store import Json
from local_chat.text.entities import caption_text, message_text

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)
_TEXT = ("text", "entities", "link_preview_options")
_CAPTION = ("caption", "caption_entities")
_MEDIA = ("photo", "document", "animation", "video", "voice", "sticker",
          "has_media_spoiler", "show_caption_above_media")  # fmt: skip
_COMPARED = (*_TEXT, *_CAPTION, *_MEDIA, "reply_markup")


async def edit_message_text(core: Core, call: BotCall) -> Json:
    message = _editable(core, call)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    params = call.params
    content = message_text(params["text"], params.get("parse_mode"), params.get("entities"))
    if preview := params.get("link_preview_options"):
        content["link_preview_options"] = preview
    return _replace(core, call, message, _TEXT, content)


async def edit_message_caption(core: Core, call: BotCall) -> Json:
    message = _editable(core, call)
    if not any(name in message for name in _MEDIA):
        raise bad_request("there is no caption in the message to edit")
    return _replace(core, call, message, _CAPTION, caption_text(call.params))


async def edit_message_media(core: Core, call: BotCall) -> Json:
    _editable(core, call)
    content = await input_media(core, call, call.params["media"])
    # Read again: the message may have gone while the picture was looked at.
    return _replace(core, call, _editable(core, call), (*_TEXT, *_CAPTION, *_MEDIA), content)


async def edit_message_reply_markup(core: Core, call: BotCall) -> Json:
    return _replace(core, call, _editable(core, call), (), {})


def _editable(core: Core, call: BotCall) -> Json:
    if "inline_message_id" in call.params:
        raise unavailable(f"{call.method} with inline_message_id")
    if "message_id" not in call.params or "chat_id" not in call.params:
        raise bad_request("message identifier is not specified")
    message = core.message(
        call.params["chat_id"], call.params["message_id"], "message to edit not found"
    )
    if not message["from"]["is_bot"]:
        raise bad_request("message can't be edited")
    return message


def _replace(
    core: Core, call: BotCall, message: Json, dropped: tuple[str, ...], content: Json
) -> Json:
    """Return the message with new content; without reply_markup in the call its keyboard goes."""
    keyboard = inline_keyboard(call.params.get("reply_markup"))
    kept = {k: v for k, v in message.items() if k not in dropped and k != "reply_markup"}
    changed = kept | content | ({"reply_markup": keyboard} if keyboard else {})
    if all(changed.get(name) == message.get(name) for name in _COMPARED):
        raise bad_request(_NOT_MODIFIED)
    changed["edit_date"] = now()
    core.show(changed)
    return public(changed)


async def delete_message(core: Core, call: BotCall) -> bool:
    core.chat_with(call.params["chat_id"])
    if not core.remove(call.params["chat_id"], call.params["message_id"]):
        raise bad_request("message to delete not found")
    return True
