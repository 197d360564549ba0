"""The other methods: the webhook, files, chats, actions, answers."""

from __future__ import annotations

import re

from local_chat.api.core import BotCall, Core
from local_chat.api.errors import bad_request
from local_chat.api.store import Json
from local_chat.api.webhook import is_near

_ACTIONS = (
    "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
    "upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note",
)  # fmt: skip
_MAX_ANSWER = 200
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")


async def done(core: Core, call: BotCall) -> bool:
    """Close and logOut: there is nothing to close, and nowhere else to log in."""
    return True


async def set_webhook(core: Core, call: BotCall) -> bool:
    url = call.params.get("url")
    if not url:
        return await delete_webhook(core, call)
    if not is_near(url):
        # Nothing here contacts another machine, so no update could ever arrive there.
        raise bad_request("bad webhook: the local chat brings updates to this machine only")
    secret = call.params.get("secret_token", "")
    if not _SECRET.fullmatch(secret):
        raise bad_request("secret token contains unallowed characters")
    if call.params.get("drop_pending_updates"):
        core.store.drop_updates()
    if "allowed_updates" in call.params:
        core.store.save_setting("allowed_updates", call.params["allowed_updates"])
    core.store.save_setting("webhook", {"url": url, "secret": secret})
    core.updates.webhook_changed(True)
    return True


async def delete_webhook(core: Core, call: BotCall) -> bool:
    if call.params.get("drop_pending_updates"):
        core.store.drop_updates()
    if core.store.setting("webhook"):
        core.store.save_setting("webhook", None)
        core.updates.webhook_changed(False)
    return True


async def get_webhook_info(core: Core, call: BotCall) -> Json:
    info: Json = {
        "url": (core.store.setting("webhook") or {}).get("url", ""),
        "has_custom_certificate": False,
        "pending_update_count": core.store.pending_updates(),
    }
    if allowed := core.store.setting("allowed_updates"):
        info["allowed_updates"] = allowed
    return info


async def get_file(core: Core, call: BotCall) -> Json:
    return core.files.describe(call.params["file_id"])


async def get_chat(core: Core, call: BotCall) -> Json:
    person, chat = core.chat_with(call.params["chat_id"])
    return chat | {
        "accent_color_id": person["id"] % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            "unlimited_gifts": False,
            "limited_gifts": False,
            "unique_gifts": False,
            "premium_subscription": False,
            "gifts_from_channels": False,
        },
    }


async def send_chat_action(core: Core, call: BotCall) -> bool:
    person, _ = core.chat_with(call.params["chat_id"])
    action = call.params["action"]
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    core.hub.tell(person["id"], "action", action=action)
    return True


async def answer_callback_query(core: Core, call: BotCall) -> bool:
    text = call.params.get("text", "")
    if len(text) > _MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query_id = call.params["callback_query_id"]
    person_id = core.store.answer_query(query_id, core.query_lifetime)
    if person_id is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    core.hub.tell(
        person_id,
        "answer",
        query_id=query_id,
        text=text,
        alert=bool(call.params.get("show_alert")),
        url=call.params.get("url", ""),
    )
    return True
