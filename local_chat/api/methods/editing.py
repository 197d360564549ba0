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


async def delete_messages(core: Core, call: BotCall) -> bool:
    core.chat_with(call.params["chat_id"])
    ids = call.params["message_ids"]
    if not 1 <= len(ids) <= 100:
        raise bad_request("message identifiers must be between 1 and 100")
    for message_id in ids:
        core.remove(call.params["chat_id"], message_id)  # those that are gone are skipped
    return True


async def set_message_reaction(core: Core, call: BotCall) -> bool:
    message = core.message(
        call.params["chat_id"], call.params["message_id"], "message to react not found"
    )
    emoji = [one["emoji"] for one in call.params.get("reaction", ()) if one["type"] == "emoji"]
    core.show({k: v for k, v in message.items() if k != "_reaction"}
              | ({"_reaction": emoji[0]} if emoji else {}))  # fmt: skip
    return True


async def pin_chat_message(core: Core, call: BotCall) -> bool:
    chat_id = call.params["chat_id"]
    message = core.message(chat_id, call.params["message_id"], "message to pin not found")
    core.store.save_setting(f"pinned:{chat_id}", message["message_id"])
    core.hub.tell(chat_id, "pinned", message=message)
    return True


async def unpin_chat_message(core: Core, call: BotCall) -> bool:
    core.chat_with(call.params["chat_id"])
    core.store.save_setting(f"pinned:{call.params['chat_id']}", None)
    core.hub.tell(call.params["chat_id"], "pinned", message=None)
    return True
