"""The Bot API over HTTP: ``/bot<token>/<method>`` and ``/file/bot<token>/<path>``."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections import deque
from typing import Any

from aiohttp import web

from local_chat.api.core import BotCall, Core, unavailable
from local_chat.api.errors import ApiError, bad_request
from local_chat.api.faults import LOG_LENGTH, Call, Faults
from local_chat.api.files import Upload
from local_chat.api.methods import METHODS
from local_chat.api.store import Json, dumps
from local_chat.api.wire import read_call

log = logging.getLogger(__name__)
_TOKEN = re.compile(r"(\d+):[\w-]+")


class BotApi:
    """Answers the bot, writes down what it asked, and fails when told to."""

    def __init__(self, core: Core, token: str | None = None) -> None:
        """With a `token` only the bot that has it may ask."""
        self._core = core
        self._token = token
        self.faults = Faults()
        self.calls: deque[Call] = deque(maxlen=LOG_LENGTH)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/bot{token:[^/]*}/{method:[^/]+}", self._answer),
            web.get("/file/bot{token:[^/]*}/{path:.+}", self._download),
        ]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            result = await self._call(request)
            return _json({"ok": True, "result": result})
        except _HalfAnswer as half:
            return await _send_half(request, dumps({"ok": True, "result": half.result}).encode())
        except ApiError as error:
            return _json(error.body(), error.code)
        except OverflowError:  # a number that no identifier can have
            return _json(bad_request("identifier is out of range").body(), 400)
        except (web.HTTPException, ConnectionError):
            raise
        except Exception:
            log.exception("local chat failed in %s", request.match_info["method"])
            return _json(ApiError(500, "Internal Server Error").body(), 500)

    async def _call(self, request: web.Request) -> Any:
        self._sign_in(request.match_info["token"])
        spelling = request.match_info["method"]
        if request.method not in ("GET", "POST"):
            raise ApiError(405, "Method Not Allowed")
        name = self._core.schema.name(spelling)
        if name is None:
            raise ApiError(404, "Not Found: method not found")
        raw, uploads = await read_call(request, self._core.files)
        call = Call(time.monotonic(), name, raw)
        self.calls.append(call)
        try:
            result = await self._perform(request, call, uploads)
        except ApiError as error:
            call.status, call.description = error.code, error.description
            raise
        finally:
            for upload in uploads.values():
                upload.discard()
            call.seconds = time.monotonic() - call.at
        call.status = 200
        return result

    async def _perform(self, request: web.Request, call: Call, uploads: dict[str, Upload]) -> Any:
        cut_after = half = False
        for fault in self.faults.take(call.method, call.params):
            if fault.kind == "error" and fault.error is not None:
                raise fault.error
            if fault.kind == "page":
                raise web.HTTPBadGateway(text="<h1>502 Bad Gateway</h1>", content_type="text/html")
            if fault.kind == "cut":
                raise _cut(request)
            if fault.kind == "slow":
                await asyncio.sleep(fault.seconds)
            cut_after = cut_after or fault.kind == "cut_after"
            half = half or fault.kind == "half"
        # A file may be a form's part of the parameter's own name: it's given, too.
        given = {name: f"attach://{name}" for name in uploads} | call.params
        params = self._core.schema.check(call.method, _declared(given, call.params, uploads))
        call.params = params
        if call.method == "getUpdates":
            result: Any = await self._core.updates.poll(params, lambda: _listening(request))
        elif call.method in METHODS:
            result = await METHODS[call.method](self._core, BotCall(call.method, params, uploads))
        else:
            raise unavailable(call.method)
        if cut_after:
            raise _cut(request)
        if half:
            raise _HalfAnswer(result)
        return result

    async def _download(self, request: web.Request) -> web.StreamResponse:
        try:
            self._sign_in(request.match_info["token"])
        except ApiError as error:
            return _json(error.body(), error.code)
        found = self._core.files.on_disk(path=request.match_info["path"])
        if found is None or not found[0].is_file():
            return _json(ApiError(404, "Not Found").body(), 404)
        for fault in self.faults.take("download", {"path": request.match_info["path"]}):
            if fault.kind == "error" and fault.error is not None:
                return _json(fault.error.body(), fault.error.code)
            if fault.kind == "half":
                return await _send_half(request, found[0].read_bytes())
            if fault.kind != "slow":
                raise _cut(request)
            await asyncio.sleep(fault.seconds)
        return web.FileResponse(found[0], headers={"Content-Type": "application/octet-stream"})

    def _sign_in(self, token: str) -> None:
        match = _TOKEN.fullmatch(token)
        wrong = self._token is not None and not secrets.compare_digest(
            token.encode(), self._token.encode()
        )
        if match is None or wrong:
            raise ApiError(401, "Unauthorized")
        bot_id = int(match.group(1))
        if self._core.store.setting("bot_id") != bot_id:
            self._core.store.save_setting("bot_id", bot_id)


def _declared(given: Json, params: Json, uploads: dict[str, Upload]) -> Json:
    """Only uploads under a parameter's name are parameters; the others are referred to."""
    referred = dumps(params)
    return {
        name: value
        for name, value in given.items()
        if name not in uploads or name in params or f"attach://{name}" not in referred
    }


def _listening(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


def _cut(request: web.Request) -> ConnectionError:
    if request.transport is not None:
        request.transport.close()
    return ConnectionResetError("cut on demand")


class _HalfAnswer(Exception):
    """It was done, and half of the answer is to be sent."""

    def __init__(self, result: Any) -> None:
        self.result = result


async def _send_half(request: web.Request, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    raise _cut(request)


def _json(body: Json, status: int = 200) -> web.Response:
    return web.Response(text=dumps(body), status=status, content_type="application/json")
