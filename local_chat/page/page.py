"""The page's own endpoints: what the browser reads, sends, presses and watches."""

from __future__ import annotations

import asyncio
import contextlib
import re
from pathlib import Path

from aiohttp import WSMsgType, web

from local_chat.api.core import Core
from local_chat.api.errors import ApiError
from local_chat.api.files import MAX_GET_FILE, Upload
from local_chat.api.store import Json, dumps
from local_chat.api.wire import read_multipart
from local_chat.people.visitors import PEOPLE, Letter, Visitors

_STATIC = Path(__file__).parent / "static"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript",
          ".svg": "image/svg+xml"}  # fmt: skip
# The only kinds that the browser may show from here; everything else is a download.
_SHOWN = ("image/jpeg", "image/png", "image/webp", "image/gif", "video/mp4", "video/webm",
          "audio/ogg", "audio/mpeg")  # fmt: skip
_PAGE_SIZE = 60
_LANGUAGES = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_NUMBER = re.compile(r"[0-9]{1,15}")
_PERSON = re.compile(r"[1-9]\d{0,14}")


class Page:
    """Serves the chat page to a browser on this machine."""

    def __init__(self, core: Core, visitors: Visitors) -> None:
        self._core = core
        self._visitors = visitors

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self._index),
            web.get("/static/{name:[a-z_]+\\.(?:css|js|svg)}", self._static),
            web.get("/favicon.ico", self._favicon),
            web.get("/chat/live", self._live),
            web.get("/chat/history", self._history),
            web.get("/chat/files/{file_id}", self._file),
            web.post("/chat/send", self._send),
            web.post("/chat/press", self._press),
            web.post("/chat/delete", self._delete),
        ]

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return _asset("index.html")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        return _asset(request.match_info["name"])

    async def _favicon(self, request: web.Request) -> web.StreamResponse:
        return _asset("icon.svg")

    # What happens, as it happens

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """Return a WebSocket: first the conversation as it is, then every event."""
        person_id = _person(request.query.get("person", "1"))
        language = request.query.get("language", "")
        changes = {"language_code": language} if _LANGUAGES.fullmatch(language) else {}
        self._visitors.person(person_id, **changes)
        socket = web.WebSocketResponse(heartbeat=20.0, timeout=1.0, max_msg_size=4096)
        await socket.prepare(request)
        with self._core.events.watch(person_id) as events:
            await socket.send_str(dumps({"type": "state", **self._state(person_id)}))
            reading = asyncio.create_task(_until_closed(socket))
            try:
                await self._forward(socket, events, reading, person_id)
            finally:
                reading.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await reading
            # While the window still counts: a closing server no longer reads its goodbye.
            await socket.close()
        return socket

    async def _forward(
        self,
        socket: web.WebSocketResponse,
        events: asyncio.Queue[Json | None],
        reading: asyncio.Task[None],
        person_id: int,
    ) -> None:
        while not reading.done():
            waiting = asyncio.create_task(events.get())
            await asyncio.wait((waiting, reading), return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                waiting.cancel()
                return
            event = waiting.result()
            if event is None:
                return
            if event["type"] == "profile":
                event = event | self._profile(person_id)
            with contextlib.suppress(ConnectionError):
                await socket.send_str(dumps(event))

    def _state(self, person_id: int) -> Json:
        messages = self._core.store.messages(person_id, limit=_PAGE_SIZE)
        return {
            **self._profile(person_id),
            "messages": messages,
            "more": len(messages) == _PAGE_SIZE,
            "online": self._core.updates.online,
        }

    def _profile(self, person_id: int) -> Json:
        person = self._visitors.person(person_id)
        language = str(person["language_code"])[:2]
        return {
            "person": {"id": person_id, "name": person["first_name"], "language": language},
            "people": [{"id": number, "name": name} for number, name in PEOPLE.items()],
            "bot": {
                "name": self._core.localized("name", language) or self._core.bot_name,
                "description": self._core.localized("description", language),
                "about": self._core.localized("short_description", language),
            },
            "commands": self._core.commands(person),
        }

    async def _history(self, request: web.Request) -> web.StreamResponse:
        person_id = _person(request.query.get("person", ""))
        before = request.query.get("before", "")
        if not _NUMBER.fullmatch(before):
            raise web.HTTPBadRequest(text="before?")
        messages = self._core.store.messages(person_id, int(before), _PAGE_SIZE)
        return _json({"messages": messages, "more": len(messages) == _PAGE_SIZE})

    # What the person does

    async def _send(self, request: web.Request) -> web.StreamResponse:
        """Take a text, photos or files as a form: person, reply_to, text, kind, file0, file1, …"""
        uploads: dict[str, Upload] = {}
        try:
            fields, uploads = await read_multipart(request, self._core.files)
            sent = await self._take(fields, list(uploads.values()))
        except ApiError as error:
            return _json(error.body(), error.code)
        finally:
            for upload in uploads.values():
                upload.discard()
        return _json({"ok": True, "ids": [message["message_id"] for message in sent]})

    async def _take(self, fields: dict[str, str], files: list[Upload]) -> list[Json]:
        person_id = _person(fields.get("person", ""))
        reply = fields.get("reply_to", "")
        letter = Letter(
            fields.get("text", ""),
            int(reply) if _NUMBER.fullmatch(reply) else None,
            fields.get("nonce", "")[:64],
        )
        if not files:
            return self._visitors.send_text(person_id, letter)
        if fields.get("kind") == "photo":
            return await self._visitors.send_photos(person_id, files, letter)
        return self._visitors.send_documents(person_id, files, letter)

    async def _press(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        try:
            query_id = self._visitors.press(
                _person(str(body.get("person"))), int(body["message_id"]), str(body["data"])
            )
        except ApiError as error:
            return _json(error.body(), error.code)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise web.HTTPBadRequest(text="what was pressed?") from error
        return _json({"ok": True, "query_id": query_id})

    async def _delete(self, request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        message_id = body.get("message_id")
        if not isinstance(message_id, int) or abs(message_id) >= 1 << 62:
            raise web.HTTPBadRequest(text="delete what?")
        person_id = _person(str(body.get("person")))
        return _json({"ok": self._visitors.delete(person_id, message_id)})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        found = self._core.files.on_disk(file_id=request.match_info["file_id"])
        if found is None or not found[0].is_file():
            raise web.HTTPNotFound
        path, record = found
        shown = record["mime"] in _SHOWN and record["size"] <= MAX_GET_FILE
        headers = {
            "Content-Type": record["mime"] if shown else "application/octet-stream",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
            # The bytes behind an id never change.
            "Cache-Control": "private, max-age=31536000, immutable",
        }
        if not shown:
            headers["Content-Disposition"] = "attachment"
        return web.FileResponse(path, headers=headers)


async def _until_closed(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        if message.type == WSMsgType.ERROR:
            return


async def _body(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError as error:
        raise web.HTTPBadRequest(text="JSON expected") from error
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="an object expected")
    return body


def _person(text: str) -> int:
    if not _PERSON.fullmatch(text):
        raise web.HTTPBadRequest(text="who?")
    return int(text)


def _asset(name: str) -> web.StreamResponse:
    path = _STATIC / name
    if not path.is_file():
        raise web.HTTPNotFound
    return web.Response(body=path.read_bytes(), content_type=_TYPES[path.suffix], charset="utf-8")


def _json(body: Json, status: int = 200) -> web.Response:
    return web.Response(text=dumps(body), status=status, content_type="application/json")
