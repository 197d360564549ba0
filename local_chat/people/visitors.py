"""The person's side: what a messenger's app does when somebody writes, sends or presses."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from local_chat.api.core import Core, as_reply, chat_of, now, public, user_of
from local_chat.api.errors import bad_request
from local_chat.api.files import Upload
from local_chat.api.groups import Groups
from local_chat.api.store import Json
from local_chat.text.entities import MAX_TEXT, caption_text, formatted, utf16

# Fixed people, so that a number in the page's address and in ADMINS means somebody.
PEOPLE = {1: "Alice", 2: "Boris", 3: "Clara", 4: "Dmitri"}
MAX_ALBUM = 10


@dataclass(frozen=True)
class Letter:
    """The words of a message or of its media, and what it answers.

    The page knows its own message again by the `nonce`; the bot never sees it.
    """

    text: str = ""
    reply_to: int | None = None
    nonce: str = ""
    group: int | None = None
    """The group it is written in; None in private."""
    thread: int | None = None
    """The group's topic."""
    as_chat: Json | None = None
    """The Chat that it is written as: the group itself by an anonymous admin, or a channel."""

    def own(self) -> Json:
        """What only the page sees."""
        return {"_nonce": self.nonce} if self.nonce else {}


class Visitors:
    """Acts of people in their chats with the bot."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.groups = Groups(core)

    def person(self, person_id: int, **changes: object) -> Json:
        """Return the person with this id, made on first sight, with these fields changed."""
        known = self._core.store.person(person_id)
        name = PEOPLE.get(person_id, f"Person {person_id}")
        person = known or {
            "id": person_id,
            "first_name": name,
            "username": f"{name.lower().replace(' ', '_')}_{person_id}",
            "language_code": "en",
        }
        changed = person | changes
        if changed != known:
            self._core.store.save_person(changed)
        return changed

    def send_text(self, person_id: int, letter: Letter) -> list[Json]:
        """Send a text; an app cuts one over 4096 characters into several."""
        text = letter.text.strip()
        if not text:
            raise bad_request("message text is empty")
        sent = []
        while text:
            piece, text = _cut(text)
            plain, entities = formatted(piece, None, None)
            content: Json = {"text": plain} | ({"entities": entities} if entities else {})
            sent.append(self._post(person_id, content | letter.own(), letter))
        return sent

    async def send_photos(
        self, person_id: int, uploads: list[Upload], letter: Letter
    ) -> list[Json]:
        """Send one photo, or several as an album; ApiError when one isn't a picture."""
        photos = [{"photo": await self._core.files.photo(upload)} for upload in uploads]
        return self._send_group(person_id, photos, letter)

    def send_documents(self, person_id: int, uploads: list[Upload], letter: Letter) -> list[Json]:
        """Send files with their bytes untouched, several as an album."""
        documents = [{"document": self._core.files.attachment(upload)} for upload in uploads]
        return self._send_group(person_id, documents, letter)

    def _send_group(self, person_id: int, contents: list[Json], letter: Letter) -> list[Json]:
        if not 1 <= len(contents) <= MAX_ALBUM:
            raise bad_request(f"an album has 1 to {MAX_ALBUM} files")
        contents[0] |= caption_text({"caption": letter.text})
        group = {"media_group_id": str(secrets.randbits(53))} if len(contents) > 1 else {}
        # An album is nothing but messages with one number, and one update each.
        return [
            self._post(person_id, content | group | letter.own(), letter) for content in contents
        ]

    def _post(self, person_id: int, content: Json, letter: Letter) -> Json:
        if letter.group is None:
            return self.send(person_id, content, letter.reply_to)
        return self.groups.send(
            letter.group,
            self.person(person_id),
            content,
            reply_to=letter.reply_to,
            thread=letter.thread,
            as_chat=letter.as_chat,
        )

    def send(self, person_id: int, content: Json, reply_to: int | None = None) -> Json:
        """Put a person's message into their chat and queue the update."""
        person = self.person(person_id, _started=True)
        if person.get("_blocked"):
            self.unblock(person_id)
        reply = None if reply_to is None else self._core.store.message(person_id, reply_to)
        message: Json = {
            "message_id": self._core.store.next_message_id(person_id),
            "from": user_of(person),
            "chat": chat_of(person),
            "date": now(),
            **({"reply_to_message": as_reply(reply)} if reply else {}),
            **content,
        }
        # The update first: after a kill between the two the bot answers a message that isn't
        # shown, which is better than a shown message that is never answered.
        self._core.updates.add("message", public(message))
        self._core.show(message)
        return message

    def press(self, person_id: int, message_id: int, data: str) -> str:
        """Press an inline button; the id of the callback query. ApiError when it isn't there."""
        message = self._core.store.message(person_id, message_id)
        rows = (message or {}).get("reply_markup", {}).get("inline_keyboard", [])
        if message is None or data not in [b.get("callback_data") for row in rows for b in row]:
            raise bad_request("there is no such button")
        query_id = str(10**18 + secrets.randbelow(10**18))
        self._core.store.ask_query(query_id, person_id)
        self._core.updates.add(
            "callback_query",
            {
                "id": query_id,
                "from": user_of(self.person(person_id)),
                "message": public(message),
                "chat_instance": str(person_id * 7_919),
                "data": data,
            },
        )
        return query_id

    def delete(self, person_id: int, message_id: int) -> bool:
        """Delete a message for both; the bot isn't told, as on Telegram."""
        return self._core.remove(person_id, message_id)

    def block(self, person_id: int) -> None:
        """Stop the bot: it can't write any more, and is told so."""
        self._membership(person_id, blocked=True)

    def unblock(self, person_id: int) -> None:
        self._membership(person_id, blocked=False)

    def _membership(self, person_id: int, *, blocked: bool) -> None:
        person = self.person(person_id, _blocked=blocked)
        member, kicked = {"status": "member"}, {"status": "kicked", "until_date": 0}
        bot = self._core.bot()
        self._core.updates.add(
            "my_chat_member",
            {
                "chat": chat_of(person),
                "from": user_of(person),
                "date": now(),
                "old_chat_member": (member if blocked else kicked) | {"user": bot},
                "new_chat_member": (kicked if blocked else member) | {"user": bot},
            },
        )


def _cut(text: str) -> tuple[str, str]:
    """Return the first message's worth of a text, broken at a line or a space."""
    if utf16(text) <= MAX_TEXT:
        return text, ""
    end = MAX_TEXT
    while utf16(text[:end]) > MAX_TEXT:
        end -= 1
    for gap in ("\n", " "):
        if (at := text.rfind(gap, end // 2, end)) > 0:
            end = at
            break
    return text[:end].rstrip(), text[end:].strip()
