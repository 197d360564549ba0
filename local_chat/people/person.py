"""A person for tests: talks to the bot as somebody in the browser would, and reads the chat."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from local_chat.api.files import Upload
from local_chat.api.store import Json
from local_chat.people.visitors import Letter
from local_chat.server import LocalChat


class ChatMessage(dict[str, Any]):
    """A message as JSON, with names for what tests ask about."""

    @property
    def id(self) -> int:
        return int(self["message_id"])

    @property
    def text(self) -> str:
        """Its text or caption."""
        return str(self.get("text") or self.get("caption") or "")

    @property
    def from_bot(self) -> bool:
        return bool(self["from"]["is_bot"])

    @property
    def buttons(self) -> list[tuple[str, str]]:
        """Text and callback data (or URL) of every inline button."""
        rows = self.get("reply_markup", {}).get("inline_keyboard", [])
        return [(b["text"], b.get("callback_data") or b.get("url", "")) for r in rows for b in r]

    @property
    def kind(self) -> str:
        """``text``, ``photo``, ``document``, …"""
        kinds = ("text", "photo", "animation", "document", "sticker", "voice", "video")
        return next((kind for kind in kinds if kind in self), "other")

    @property
    def reply_to(self) -> int | None:
        reply = self.get("reply_to_message")
        return None if reply is None else int(reply["message_id"])

    def __str__(self) -> str:
        side = "bot" if self.from_bot else "person"
        keys = " ".join(f"[{text}]" for text, _ in self.buttons)
        return f"{self.id} {side} {self.kind}: {self.text!r} {keys}".strip()


T = TypeVar("T")
LONG = 120.0  # seconds; waiting long costs only where a test fails
Sought = Callable[[ChatMessage], bool]


class Person:
    """Somebody in a private chat with the bot of a started LocalChat."""

    def __init__(
        self,
        chat: LocalChat,
        user_id: int = 1,
        first_name: str = "Alice",
        language_code: str = "en",
        username: str | None = None,
        *,
        known: bool = False,
    ) -> None:
        """`known`: has written to the bot before, so that the bot may write first."""
        self._chat = chat
        self.id = user_id
        self.chat_id = user_id
        """Where they write; in private a person's own number."""
        self.answers: deque[Json] = deque(maxlen=200)
        self.deleted: deque[int] = deque(maxlen=200)
        self.edits: deque[ChatMessage] = deque(maxlen=1000)
        fields: Json = {"first_name": first_name, "language_code": language_code}
        if username is not None:
            fields["username"] = username
        if known:
            fields["_started"] = True
        chat.visitors.person(user_id, **fields)
        self._news = asyncio.Event()
        self.leave = chat.core.events.listen(user_id, self._hear)

    @property
    def messages(self) -> list[ChatMessage]:
        """The chat as it is now, oldest first."""
        return [ChatMessage(m) for m in self._chat.core.store.messages(self.chat_id, limit=10_000)]

    async def send_text(self, text: str, reply_to: int | None = None) -> ChatMessage:
        return ChatMessage(self._chat.visitors.send_text(self.id, self._letter(text, reply_to))[0])

    async def send_photo(
        self, data: bytes, caption: str = "", reply_to: int | None = None
    ) -> ChatMessage:
        return (await self.send_album([data], caption, reply_to))[0]

    async def send_album(
        self, pictures: list[bytes], caption: str = "", reply_to: int | None = None
    ) -> list[ChatMessage]:
        uploads = [await self._upload(data, "photo.jpg", "image/jpeg") for data in pictures]
        letter = self._letter(caption, reply_to)
        sent = await self._chat.visitors.send_photos(self.id, uploads, letter)
        _discard(uploads)
        return [ChatMessage(message) for message in sent]

    async def send_document(
        self,
        data: bytes,
        name: str = "file.bin",
        mime: str | None = None,
        *,
        caption: str = "",
        reply_to: int | None = None,
    ) -> ChatMessage:
        upload = await self._upload(data, name, mime)
        letter = self._letter(caption, reply_to)
        sent = self._chat.visitors.send_documents(self.id, [upload], letter)
        _discard([upload])
        return ChatMessage(sent[0])

    async def send_documents(self, files: list[tuple[bytes, str, str | None]]) -> list[ChatMessage]:
        """Several files as one album: bytes, name, mime."""
        uploads = [await self._upload(*file) for file in files]
        sent = self._chat.visitors.send_documents(self.id, uploads, Letter())
        _discard(uploads)
        return [ChatMessage(message) for message in sent]

    async def send_sticker(
        self, data: bytes = b"sticker", *, animated: bool = False
    ) -> ChatMessage:
        return await self._send_made(
            data, "sticker", "image/webp", type="regular", width=512, height=512,
            is_animated=animated, is_video=False,
        )  # fmt: skip

    async def send_voice(self, data: bytes = b"voice") -> ChatMessage:
        return await self._send_made(data, "voice", "audio/ogg", duration=3)

    async def send_video(self, data: bytes = b"video") -> ChatMessage:
        return await self._send_made(data, "video", "video/mp4", width=640, height=480, duration=3)

    async def send_animation(self, data: bytes = b"animation") -> ChatMessage:
        return await self._send_made(
            data, "animation", "video/mp4", width=320, height=240, duration=2
        )

    async def send_content(self, content: Json) -> ChatMessage:
        """Any message: the content fields of a Message, such as ``{"location": {...}}``."""
        return ChatMessage(self._chat.visitors.send(self.id, content))

    async def press(self, message: ChatMessage | int, button: str) -> str:
        """Press the button with this text, or with callback data that begins so; its query id.

        LookupError when the message, as it is now, has none.
        """
        number = message if isinstance(message, int) else message.id
        now = next((m for m in self.messages if m.id == number), None)
        for text, data in now.buttons if now else ():
            if text == button or data.startswith(button):
                return self._press(number, data)
        raise LookupError(f"no button {button!r} in {now}")

    async def press_data(self, message: ChatMessage, data: str) -> str:
        """Press a button that the message no longer has: an app that hasn't heard of the edit."""
        query_id = str(10**18 + secrets.randbelow(10**18))
        core = self._chat.core
        core.store.ask_query(query_id, self.id)
        person = self._chat.visitors.person(self.id)
        core.updates.add(
            "callback_query",
            {
                "id": query_id,
                "from": {"is_bot": False}
                | {k: v for k, v in person.items() if not k.startswith("_")},
                "message": dict(message),
                "chat_instance": str(self.id),
                "data": data,
            },
        )
        return query_id

    def delete(self, message: ChatMessage | int) -> bool:
        number = message if isinstance(message, int) else message.id
        return self._chat.visitors.delete(self.id, number)

    def block(self) -> None:
        self._chat.visitors.block(self.id)

    def unblock(self) -> None:
        self._chat.visitors.unblock(self.id)

    async def wait_for(
        self,
        sought: Sought | str,
        timeout: float = LONG,  # noqa: ASYNC109
        *,
        after: int = 0,
    ) -> ChatMessage:
        """Return the newest message of the chat that fits, now or as soon as there is one.

        A text means: a message of the bot that contains it. Only messages numbered above `after`
        count. TimeoutError, with the whole chat in its words, when none comes.
        """
        fits: Sought = (
            (lambda message: message.from_bot and sought in message.text)
            if isinstance(sought, str)
            else sought
        )

        def find() -> ChatMessage | None:
            newest_first = reversed(self.messages)
            return next((m for m in newest_first if m.id > after and fits(m)), None)

        return await self._until(find, timeout)

    async def wait_gone(
        self,
        message: ChatMessage | int,
        timeout: float = LONG,  # noqa: ASYNC109
    ) -> None:
        """Until a message has been deleted."""
        number = message if isinstance(message, int) else message.id
        await self._until(lambda: all(m.id != number for m in self.messages) or None, timeout)

    async def answer_to(
        self,
        query_id: str,
        timeout: float = LONG,  # noqa: ASYNC109
    ) -> Json:
        """Return the bot's answer to a press: ``text``, ``alert``, ``url``."""
        return await self._until(
            lambda: next((a for a in self.answers if a["query_id"] == query_id), None), timeout
        )

    async def download(self, message: ChatMessage) -> bytes:
        """Return the bytes of a message's photo (its largest size) or file."""
        media = message[message.kind]
        file_id = (media[-1] if isinstance(media, list) else media)["file_id"]
        found = self._chat.core.files.on_disk(file_id=file_id)
        if found is None:
            raise LookupError(f"no file in {message}")
        return found[0].read_bytes()

    async def _until(
        self,
        find: Callable[[], T | None],
        timeout: float,  # noqa: ASYNC109
    ) -> T:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while True:
                    self._news.clear()
                    if (found := find()) is not None:
                        return found
                    await self._news.wait()
        lines = "\n".join(str(message) for message in self.messages[-20:])
        raise TimeoutError(f"not in the chat after {timeout} s:\n{lines}")

    def _hear(self, event: Json) -> None:
        if event["type"] == "answer":
            self.answers.append(event)
        elif event["type"] == "deleted":
            self.deleted.append(event["message_id"])
        elif event["type"] == "message":
            self.edits.append(ChatMessage(event["message"]))
        self._news.set()

    def _letter(self, text: str, reply_to: int | None) -> Letter:
        return Letter(text, reply_to)

    def _press(self, message_id: int, data: str) -> str:
        return self._chat.visitors.press(self.id, message_id, data)

    async def _upload(self, data: bytes, name: str, mime: str | None) -> Upload:
        return await self._chat.core.files.take(_once(data), name, mime)

    async def _send_made(self, data: bytes, kind: str, mime: str, **details: Any) -> ChatMessage:
        upload = await self._upload(data, kind, mime)
        record = self._chat.core.files.attachment(upload, kind, **details)
        _discard([upload])
        return await self.send_content({kind: record})


class Member(Person):
    """The same somebody in a group; `wait_for` and the like are about the group's chat."""

    def __init__(
        self,
        person: Person,
        group_id: int,
        thread: int | None = None,
        as_chat: Json | None = None,
    ) -> None:
        """`thread`: the topic that they write in; `as_chat`: the Chat that they write as."""
        chat = person._chat
        known = chat.visitors.person(person.id)
        super().__init__(chat, person.id, known["first_name"], known["language_code"])
        self.chat_id = group_id
        self._thread = thread
        self._as_chat = as_chat
        self.leave()
        leave_group = chat.core.events.listen(group_id, self._hear)
        leave_private = chat.core.events.listen(person.id, self._hear_answer)

        def leave() -> None:
            leave_private()
            leave_group()

        self.leave = leave

    def _hear_answer(self, event: Json) -> None:
        if event["type"] == "answer":  # a toast is the person's, wherever they pressed
            self._hear(event)

    def _letter(self, text: str, reply_to: int | None) -> Letter:
        return Letter(
            text, reply_to, group=self.chat_id, thread=self._thread, as_chat=self._as_chat
        )

    def _press(self, message_id: int, data: str) -> str:
        person = self._chat.visitors.person(self.id)
        return self._chat.visitors.groups.press(self.chat_id, person, message_id, data)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _discard(uploads: list[Upload]) -> None:
    for upload in uploads:
        upload.discard()
