"""Methods about the bot itself: who it is, its commands, its texts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from local_chat.api.core import BotCall, Core
from local_chat.api.errors import bad_request
from local_chat.api.groups import administrator
from local_chat.api.store import Json

_LIMITS = {"description": 512, "short_description": 120}


async def get_me(core: Core, call: BotCall) -> Json:
    return core.bot() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_chat_administrators(core: Core, call: BotCall) -> list[Json]:
    group, _ = core.chat_with(call.params["chat_id"])
    if group["id"] > 0:
        raise bad_request("there are no administrators in the private chat")
    found = [core.store.person(person_id) for person_id in group.get("_admins", ())]
    return [administrator(person) for person in found if person]


async def set_my_commands(core: Core, call: BotCall) -> bool:
    commands: list[Json] = call.params["commands"]
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        name = command["command"].removeprefix("/")
        if not 1 <= len(name) <= 32 or not name.replace("_", "a").isalnum() or name != name.lower():
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        command["command"] = name
    core.store.save_setting(_commands_key(core, call), commands or None)
    core.events.tell_all("profile")
    return True


def _commands_key(core: Core, call: BotCall) -> str:
    scope = call.params.get("scope") or {"type": "default"}
    language = call.params.get("language_code", "")
    name = scope["type"]
    if "chat_id" in scope:
        core.chat_with(scope["chat_id"])
        name = f"{name}:{scope['chat_id']}"
    return f"commands:{name}:{language}"


def setter(what: str) -> Callable[[Core, BotCall], Awaitable[bool]]:
    """Make the method setMyDescription or setMyShortDescription."""

    async def set_text(core: Core, call: BotCall) -> bool:
        text = call.params.get(what, "").strip()
        if len(text) > _LIMITS[what]:
            raise bad_request(f"{what.upper()}_TOO_LONG")
        key = f"{what}:{call.params.get('language_code', '')}"
        core.store.save_setting(key, text or None)
        core.events.tell_all("profile")
        return True

    return set_text
