"""Groups: several people and the bot in one chat, as a bot with Telegram's privacy mode sees them.

In that mode, every bot's unless its owner turns it off, a bot hears of a group's messages only
commands that may be meant for it, replies to its own messages, and service messages.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from local_chat.api.core import USERNAME, Core, as_reply, group_chat, now, public, user_of
from local_chat.api.errors import bad_request
from local_chat.api.store import Json

_ANONYMOUS: Json = {
    "id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot",
}  # fmt: skip
_CHANNEL: Json = {
    "id": 136817688, "is_bot": True, "first_name": "Channel", "username": "Channel_Bot",
}  # fmt: skip
"""Who sends for all admins that hide, and for all channels."""
_COMMAND = re.compile(r"/\w+(?:@(\w+))?")


class Groups:
    """Makes groups, and does in them what their members do."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def create(self, title: str, *, supergroup: bool = True, topics: Iterable[int] = ()) -> Json:
        """Return a new group that the bot belongs to; one with topics is a forum."""
        number = self._core.store.setting("groups") or 0
        self._core.store.save_setting("groups", number + 1)
        group: Json = {
            # As on Telegram: small negative numbers, and large ones for supergroups.
            "id": -(10**12 + number + 1) if supergroup else -(number + 1001),
            "type": "supergroup" if supergroup else "group",
            "title": title,
        }
        if topics := list(topics):
            group |= {"is_forum": True, "_topics": topics}
        self._save(group)
        return group

    def send(
        self,
        group_id: int,
        person: Json,
        content: Json,
        *,
        reply_to: int | None = None,
        thread: int | None = None,
        as_chat: Json | None = None,
    ) -> Json:
        """Put a member's message into the group; the bot hears of it if privacy mode lets it.

        One that is written `as_chat` has a sender that all such messages share.
        """
        group = self.group(group_id)
        store = self._core.store
        reply = None if reply_to is None else store.message(group_id, reply_to)
        message: Json = {
            "message_id": store.next_message_id(group_id),
            **_sender(group, person, as_chat),
            "chat": group_chat(group),
            "date": now(),
            **({"reply_to_message": as_reply(reply)} if reply else {}),
            **({"message_thread_id": thread, "is_topic_message": True} if thread else {}),
            **content,
        }
        if _is_heard(message):
            self._core.updates.add("message", public(message))
        self._core.show(message)
        return message

    def press(self, group_id: int, person: Json, message_id: int, data: str) -> str:
        """Press an inline button in the group; the id of the callback query."""
        message = self._core.store.message(group_id, message_id)
        rows = (message or {}).get("reply_markup", {}).get("inline_keyboard", [])
        if message is None or data not in [b.get("callback_data") for row in rows for b in row]:
            raise bad_request("there is no such button")
        query_id = str(10**18 + secrets.randbelow(10**18))
        self._core.store.ask_query(query_id, person["id"])
        self._core.updates.add(
            "callback_query",
            {
                "id": query_id,
                "from": user_of(person),
                "message": public(message),
                "chat_instance": str(-group_id * 7_919),
                "data": data,
            },
        )
        return query_id

    def migrate(self, group_id: int) -> int:
        """Make a group a supergroup, as Telegram does: a new number, and the old one refuses."""
        group = self.group(group_id)
        new = self.create(group["title"])
        self._core.store.save_setting(f"group:{group_id}", group | {"_migrated_to": new["id"]})
        for chat, news in (
            (group, {"migrate_to_chat_id": new["id"]}),
            (new, {"migrate_from_chat_id": group_id}),
        ):
            message: Json = {
                "message_id": self._core.store.next_message_id(chat["id"]),
                "from": self._core.bot(),
                "chat": group_chat(chat),
                "date": now(),
                **news,
            }
            self._core.updates.add("message", message)
            self._core.show(message)
        return int(new["id"])

    def expel(self, group_id: int, person: Json | None = None) -> None:
        """Put the bot out of the group; it is told so, also by whom."""
        group = self.group(group_id) | {"_expelled": True}
        self._save(group)
        bot = self._core.bot()
        self._core.updates.add(
            "my_chat_member",
            {
                "chat": group_chat(group),
                "from": user_of(person) if person else _ANONYMOUS,
                "date": now(),
                "old_chat_member": {"status": "member", "user": bot},
                "new_chat_member": {"status": "kicked", "user": bot, "until_date": 0},
            },
        )

    def promote(self, group_id: int, person_id: int) -> None:
        """Make a member one of the group's admins."""
        group = self.group(group_id)
        admins = [*group.get("_admins", ()), person_id]
        self._save(group | {"_admins": admins})

    def group(self, group_id: int) -> Json:
        """Return a group; LookupError when there is none."""
        found: Json | None = self._core.store.setting(f"group:{group_id}")
        if found is None:
            raise LookupError(f"no group {group_id}")
        return found

    def _save(self, group: Json) -> None:
        self._core.store.save_setting(f"group:{group['id']}", group)


def administrator(person: Json) -> Json:
    """Return an admin as a ChatMember of the Bot API."""
    rights = (
        "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages",
        "can_manage_video_chats", "can_restrict_members", "can_promote_members",
        "can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories",
        "can_delete_stories", "can_send_welcome_messages",
    )  # fmt: skip
    return {"status": "administrator", "user": user_of(person)} | dict.fromkeys(rights, False)


def _sender(group: Json, person: Json, as_chat: Json | None) -> Json:
    if as_chat is None:
        return {"from": user_of(person)}
    shared = _ANONYMOUS if as_chat["id"] == group["id"] else _CHANNEL
    return {"from": shared, "sender_chat": as_chat}


def _is_heard(message: Json) -> bool:
    text = str(message.get("text") or message.get("caption") or "")
    if command := _COMMAND.match(text):
        return command[1] is None or command[1].lower() == USERNAME.lower()
    return bool(message.get("reply_to_message", {}).get("from", {}).get("is_bot"))
