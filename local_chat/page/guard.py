"""Who may talk to this server: the bot, and whoever has the page's address with its key.

Other accounts of the machine reach a server on loopback as well as its owner does. So the page asks
for a key, which stands in the address that is printed and from then on in a cookie.

A web page from elsewhere can reach a server on loopback, either by guessing its port (then the
browser tells its Origin) or by a name that suddenly means 127.0.0.1 (then the Host is that name).
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "media-src 'self'; connect-src 'self' ws://{host}; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_REMEMBERED = 365 * 24 * 3600  # seconds


def _equal(given: str, key: str) -> bool:
    return secrets.compare_digest(given.encode(), key.encode())


class Guard:
    """Refuses requests with a foreign Host or Origin or without the key; dresses what goes out."""

    def __init__(self, host: str, key: str | None = None) -> None:
        """Without a `key` everybody on this machine may use the page, as tests do."""
        self._key = key
        self._names = {"127.0.0.1", "localhost", host}
        self.port = 0  # known once the server listens

    def middleware(self) -> Middleware:
        """Return the check that every request passes."""

        @web.middleware
        async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not self._host_is_ours(request):
                raise web.HTTPForbidden(text="foreign Host")
            bot_side = request.path.startswith(("/bot", "/file/bot"))
            if bot_side:
                # Programs don't send these; browsers can't help sending one of them.
                if "Origin" in request.headers or "Sec-Fetch-Site" in request.headers:
                    raise web.HTTPForbidden(text="the Bot API is for programs")
                return await handler(request)
            if not self._page_is_ours(request):
                raise web.HTTPForbidden(text="foreign Origin")
            if not self._knows_the_key(request):
                raise web.HTTPForbidden(text="please open the address that the bot has printed")
            response = await handler(request)
            if not response.prepared:
                self._dress(request, response)
            return response

        return check

    def _hosts(self) -> set[str]:
        hosts = {f"{name}:{self.port}" for name in self._names}
        return hosts | self._names if self.port == 80 else hosts

    def _host_is_ours(self, request: web.Request) -> bool:
        return request.headers.get("Host", "").lower() in self._hosts()

    def _page_is_ours(self, request: web.Request) -> bool:
        origin = request.headers.get("Origin")
        if origin is not None:
            return origin.lower() == f"http://{request.headers['Host'].lower()}"
        acts = request.method != "GET" or "upgrade" in request.headers.get("Connection", "").lower()
        if acts:
            return False  # a browser names its Origin whenever it posts or opens a socket
        site = request.headers.get("Sec-Fetch-Site", "none")
        followed_link = request.headers.get("Sec-Fetch-Mode") == "navigate"
        return site in ("none", "same-origin") or followed_link

    @property
    def _cookie(self) -> str:
        """Its name: cookies don't tell ports apart, and there may be several chats."""
        return f"chat_key_{self.port}"

    def _knows_the_key(self, request: web.Request) -> bool:
        """Whether a page's request has the key. One that brings it in the address gets the cookie.

        Raises `HTTPFound` for that: the key then goes from the address bar and its history.
        """
        if self._key is None:
            return True
        if request.path == "/" and _equal(request.query.get("key", ""), self._key):
            asked = request.rel_url.with_query(
                {name: value for name, value in request.query.items() if name != "key"}
            )
            answer = web.HTTPFound(asked)
            answer.set_cookie(
                self._cookie, self._key, httponly=True, samesite="Strict", max_age=_REMEMBERED
            )
            raise answer
        return _equal(request.cookies.get(self._cookie, ""), self._key)

    def _dress(self, request: web.Request, response: web.StreamResponse) -> None:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _POLICY.format(host=request.headers["Host"]))
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cache-Control", "no-cache")
