"""What the bot's side and the person's side of a chat share."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from local_chat.api.errors import ApiError, bad_request, forbidden
from local_chat.api.files import Files, Upload
from local_chat.api.schema import Schema
from local_chat.api.store import Json, Store
from local_chat.api.updates import Updates
from local_chat.page.events import Events

USERNAME = "local_chat_bot"


@dataclass
class Core:
    """The rooms of one local chat, and the few acts that all of them need."""

    store: Store
    files: Files
    events: Events
    updates: Updates
    bot_name: str
    query_lifetime: float = 60.0
    schema: Schema = field(default_factory=Schema)

    def bot(self) -> Json:
        """Return the bot as a User; its number is that of the last token seen."""
        return {
            "id": self.store.setting("bot_id") or 1,
            "is_bot": True,
            "first_name": self.bot_name,
            "username": USERNAME,
        }

    def localized(self, what: str, language: str) -> str:
        """Return a text of the bot's profile in a language, or in the default one."""
        exact = self.store.setting(f"{what}:{language}") if language else None
        return exact or self.store.setting(f"{what}:") or ""

    def commands(self, person: Json) -> list[Json]:
        """Return the menu that this person sees: the narrowest scope, their language first."""
        language = str(person.get("language_code", ""))[:2]
        for scope in (f"chat:{person['id']}", "all_private_chats", "default"):
            for code in dict.fromkeys((language, "")):
                found: list[Json] | None = self.store.setting(f"commands:{scope}:{code}")
                if found:
                    return found
        return []

    def chat_with(self, chat_id: Any) -> tuple[Json, Json]:
        """Person or group, and Chat, for a chat id; ApiError when the bot may not write there."""
        if isinstance(chat_id, int) and chat_id < 0:
            return self._group(chat_id)
        person = self.store.person(chat_id) if isinstance(chat_id, int) else None
        if person is None or not person.get("_started"):
            # A person must write first: a bot can't open a conversation.
            raise bad_request("chat not found")
        if person.get("_blocked"):
            raise forbidden("bot was blocked by the user")
        return person, chat_of(person)

    def _group(self, chat_id: int) -> tuple[Json, Json]:
        group = self.store.setting(f"group:{chat_id}")
        if group is None:
            raise bad_request("chat not found")
        if new_id := group.get("_migrated_to"):
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": new_id},
            )
        if group.get("_expelled"):
            raise forbidden(f"bot was kicked from the {group['type']} chat")
        return group, group_chat(group)

    def message(self, chat_id: Any, message_id: int, absent: str) -> Json:
        """Return a stored message, or ApiError 400 with the words of the caller's method."""
        self.chat_with(chat_id)
        found = self.store.message(chat_id, message_id)
        if found is None:
            raise bad_request(absent)
        return found

    def show(self, message: Json) -> None:
        """Save a new or changed message and show it."""
        self.store.save_message(message)
        self.events.tell(message["chat"]["id"], "message", message=message)

    def remove(self, chat_id: int, message_id: int) -> bool:
        """Delete a message for both; False when there is none."""
        gone = self.store.delete_message(chat_id, message_id)
        if gone:
            self.events.tell(chat_id, "deleted", message_id=message_id)
        return gone


@dataclass(frozen=True)
class BotCall:
    """A checked call of the bot: its parameters and what came with them."""

    method: str
    params: Json
    uploads: dict[str, Upload]

    def upload_or_id(self, value: Any, name: str) -> Upload | str:
        """Return the upload that a parameter means, or the file id; ApiError when neither."""
        if name in self.uploads:
            return self.uploads[name]
        if isinstance(value, str) and value.startswith("attach://"):
            found = self.uploads.get(value.removeprefix("attach://"))
            if found is None:
                raise bad_request(f"file for {name} not found in the request")
            return found
        if not isinstance(value, str) or not value:
            raise bad_request(f"there is no {name} in the request")
        return value


def now() -> int:
    return int(time.time())


def user_of(person: Json) -> Json:
    """Return a person as a User of the Bot API."""
    return {"is_bot": False} | {key: v for key, v in person.items() if not key.startswith("_")}


def chat_of(person: Json) -> Json:
    """Return a person's private chat as a Chat."""
    names = ("id", "first_name", "last_name", "username")
    return {key: person[key] for key in names if key in person} | {"type": "private"}


def group_chat(group: Json) -> Json:
    """Return a group as a Chat."""
    names = ("id", "type", "title", "is_forum")
    return {key: group[key] for key in names if group.get(key)}


def public(message: Json) -> Json:
    """Return a message without what only the page sees."""
    return {key: value for key, value in message.items() if not key.startswith("_")}


def as_reply(message: Json) -> Json:
    """Return a message as the `reply_to_message` of another: those don't nest."""
    return {key: value for key, value in public(message).items() if key != "reply_to_message"}


def unavailable(method: str) -> ApiError:
    """Return the honest answer to a method that Telegram has and this server doesn't."""
    return bad_request(f"method {method} is not available in the local chat")
