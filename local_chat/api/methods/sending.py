"""Methods that put a new message into a chat."""

from __future__ import annotations

from local_chat.api.core import BotCall, Core, as_reply, now, public
from local_chat.api.errors import bad_request
from local_chat.api.files import Upload
from local_chat.api.keyboards import inline_keyboard
from local_chat.api.store import Json
from local_chat.text.entities import caption_text, message_text


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
    core.chat_with(call.params["chat_id"])
    content = caption_text(call.params)
    return deliver(core, call.params, await media(core, call, "document", call.params) | content)


async def copy_message(core: Core, call: BotCall) -> Json:
    params = call.params
    core.chat_with(params["chat_id"])
    source = core.message(params["from_chat_id"], params["message_id"], "message to copy not found")
    content = _content(source)
    if "caption" in params and "text" not in content:
        content = {k: v for k, v in content.items() if k not in ("caption", "caption_entities")}
        content |= caption_text(params)
    return {"message_id": deliver(core, params, content)["message_id"]}


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
    if kind not in ("photo", "document"):
        raise bad_request(f"media of type {kind} is not available in the local chat")
    given = call.upload_or_id(params.get(kind), kind)
    fields: Json = {}
    if kind == "photo":
        if isinstance(given, Upload):
            fields["photo"] = await core.files.photo(given)
        else:
            fields["photo"] = core.files.known(given, "photo")["sizes"]
    elif isinstance(given, Upload):
        fields[kind] = core.files.attachment(given, kind)
    else:
        fields[kind] = core.files.known(given, kind)["file"]
    if params.get("has_spoiler"):
        fields["has_media_spoiler"] = True
    if params.get("show_caption_above_media"):
        fields["show_caption_above_media"] = True
    return fields


def deliver(core: Core, params: Json, content: Json) -> Json:
    """Put the bot's message into the chat and answer it as the bot sees it."""
    person, chat = core.chat_with(params["chat_id"])
    keyboard = inline_keyboard(params.get("reply_markup"))
    reply = _reply(core, params)
    message: Json = {
        "message_id": core.store.next_message_id(person["id"]),
        "from": core.bot(),
        "chat": chat,
        "date": now(),
        **({"reply_to_message": as_reply(reply)} if reply else {}),
        **_topic(person, params),
        **content,
        **({"reply_markup": keyboard} if keyboard else {}),
    }
    if params.get("protect_content"):
        message["has_protected_content"] = True
    core.show(message)
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
