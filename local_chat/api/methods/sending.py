"""Methods that put a new message into a chat."""

from __future__ import annotations

import secrets

from local_chat.api.core import BotCall, Core, as_reply, now, public
from local_chat.api.errors import bad_request
from local_chat.api.files import Upload
from local_chat.api.keyboards import inline_keyboard, take_reply_keyboard
from local_chat.api.store import Json
from local_chat.text.entities import caption_text, message_text

_MAX_ALBUM = 10
# What Telegram would measure and this server only believes.
_BELIEVED = {
    "animation": ("width", "height", "duration"),
    "video": ("width", "height", "duration"),
    "voice": ("duration",),
}


async def send_message(core: Core, call: BotCall) -> Json:
    params = call.params
    core.chat_with(params["chat_id"])
    content = message_text(params["text"], params.get("parse_mode"), params.get("entities"))
    if preview := params.get("link_preview_options"):
        content["link_preview_options"] = preview
    return deliver(core, params, content)


async def send_photo(core: Core, call: BotCall) -> Json:
    core.chat_with(call.params["chat_id"])
    content = caption_text(call.params)
    return deliver(core, call.params, await media(core, call, "photo", call.params) | content)


async def send_document(core: Core, call: BotCall) -> Json:
    return await _send_attachment(core, call, "document")


async def send_animation(core: Core, call: BotCall) -> Json:
    return await _send_attachment(core, call, "animation")


async def send_video(core: Core, call: BotCall) -> Json:
    return await _send_attachment(core, call, "video")


async def send_voice(core: Core, call: BotCall) -> Json:
    return await _send_attachment(core, call, "voice")


async def send_sticker(core: Core, call: BotCall) -> Json:
    return await _send_attachment(core, call, "sticker")


async def _send_attachment(core: Core, call: BotCall, kind: str) -> Json:
    core.chat_with(call.params["chat_id"])
    content = caption_text(call.params)
    return deliver(core, call.params, await media(core, call, kind, call.params) | content)


async def send_media_group(core: Core, call: BotCall) -> list[Json]:
    params = call.params
    core.chat_with(params["chat_id"])
    items: list[Json] = params["media"]
    if not items:
        raise bad_request("there are no messages to send")
    if len(items) > _MAX_ALBUM:
        raise bad_request("too much messages to send as an album")
    kinds = {item["type"] for item in items}
    if "document" in kinds and len(kinds) > 1:
        raise bad_request("document can't be mixed with other media types")
    # All or nothing: every file is looked at before the first message appears.
    contents = [await input_media(core, call, item) for item in items]
    group = str(secrets.randbits(53)) if len(items) > 1 else None
    return [deliver(core, params, content, group) for content in contents]


async def copy_message(core: Core, call: BotCall) -> Json:
    params = call.params
    core.chat_with(params["chat_id"])
    source = core.message(params["from_chat_id"], params["message_id"], "message to copy not found")
    content = _content(source)
    if "caption" in params and "text" not in content:
        content = {k: v for k, v in content.items() if k not in ("caption", "caption_entities")}
        content |= caption_text(params)
    return {"message_id": deliver(core, params, content)["message_id"]}


async def forward_message(core: Core, call: BotCall) -> Json:
    params = call.params
    core.chat_with(params["chat_id"])
    source = core.message(
        params["from_chat_id"], params["message_id"], "message to forward not found"
    )
    origin = {"type": "user", "date": source["date"], "sender_user": source["from"]}
    return deliver(core, params, _content(source) | {"forward_origin": origin})


def _content(message: Json) -> Json:
    own = {"message_id", "from", "chat", "date", "edit_date", "reply_to_message", "reply_markup",
           "media_group_id", "forward_origin", "message_thread_id", "is_topic_message"}  # fmt: skip
    return {key: value for key, value in public(message).items() if key not in own}


async def input_media(core: Core, call: BotCall, item: Json) -> Json:
    """Return the content of a message made of one InputMedia."""
    return await media(core, call, item["type"], {item["type"]: item["media"], **item}) | (
        caption_text(item)
    )


async def media(core: Core, call: BotCall, kind: str, params: Json) -> Json:
    """Return the media fields of a message: uploaded now, or known by id; ApiError when refused."""
    if kind not in ("photo", "document", "animation", "sticker", "voice", "video"):
        raise bad_request(f"media of type {kind} is not available in the local chat")
    given = call.upload_or_id(params.get(kind), kind)
    fields: Json = {}
    if kind == "photo":
        if isinstance(given, Upload):
            fields["photo"] = await core.files.photo(given)
        else:
            fields["photo"] = core.files.known(given, "photo")["sizes"]
    elif isinstance(given, Upload):
        fields[kind] = core.files.attachment(given, kind, **_details(kind, params))
    else:
        fields[kind] = core.files.known(given, kind)["file"]
    if kind == "animation":
        fields["document"] = fields["animation"]  # Telegram repeats it for old clients
    if params.get("has_spoiler"):
        fields["has_media_spoiler"] = True
    if params.get("show_caption_above_media"):
        fields["show_caption_above_media"] = True
    return fields


def _details(kind: str, params: Json) -> dict[str, int | str | bool]:
    if kind == "sticker":
        return {"type": "regular", "width": 512, "height": 512, "is_animated": False,
                "is_video": False}  # fmt: skip
    defaults = {"width": 320, "height": 320, "duration": 1}
    return {name: params.get(name, defaults[name]) for name in _BELIEVED.get(kind, ())}


def deliver(core: Core, params: Json, content: Json, group: str | None = None) -> Json:
    """Put the bot's message into the chat and answer it as the bot sees it."""
    person, chat = core.chat_with(params["chat_id"])
    markup = params.get("reply_markup")
    keyboard = inline_keyboard(markup)
    reply = _reply(core, params)
    message: Json = {
        "message_id": core.store.next_message_id(person["id"]),
        "from": core.bot(),
        "chat": chat,
        "date": now(),
        **({"reply_to_message": as_reply(reply)} if reply else {}),
        **({"media_group_id": group} if group else {}),
        **_topic(person, params),
        **content,
        **({"reply_markup": keyboard} if keyboard else {}),
    }
    if params.get("protect_content"):
        message["has_protected_content"] = True
    core.show(message)
    take_reply_keyboard(core, person["id"], markup)
    return public(message)


def _topic(holder: Json, params: Json) -> Json:
    """Return the fields of a message in a topic; ApiError where there is no such topic."""
    thread = params.get("message_thread_id")
    if thread is None:
        return {}
    if thread not in holder.get("_topics", ()):
        raise bad_request("message thread not found")
    return {"message_thread_id": thread, "is_topic_message": True}


def _reply(core: Core, params: Json) -> Json | None:
    wanted = params.get("reply_parameters")
    if wanted is None and "reply_to_message_id" in params:
        wanted = {
            "message_id": params["reply_to_message_id"],
            "allow_sending_without_reply": params.get("allow_sending_without_reply", False),
        }
    if wanted is None:
        return None
    found = core.store.message(wanted.get("chat_id", params["chat_id"]), wanted["message_id"])
    if found is None and not wanted.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return found
