"""The other methods: the webhook, files, answers to callback queries."""

from __future__ import annotations

import re

from local_chat.api.core import BotCall, Core
from local_chat.api.errors import bad_request
from local_chat.api.store import Json
from local_chat.api.webhook import is_near

_MAX_ANSWER = 200
_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")


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


async def get_file(core: Core, call: BotCall) -> Json:
    return core.files.describe(call.params["file_id"])


async def answer_callback_query(core: Core, call: BotCall) -> bool:
    text = call.params.get("text", "")
    if len(text) > _MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    query_id = call.params["callback_query_id"]
    person_id = core.store.answer_query(query_id, core.query_lifetime)
    if person_id is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    core.events.tell(
        person_id,
        "answer",
        query_id=query_id,
        text=text,
        alert=bool(call.params.get("show_alert")),
        url=call.params.get("url", ""),
    )
    return True
