"""aiogram's session on connections that notice soon when nobody is at the other end any more."""

from __future__ import annotations

import socket
from typing import Any

from aiogram.client.session.aiohttp import AiohttpSession

# Seconds, but milliseconds for the last. A machine that was cut off and comes back must not bring
# what it said before: by then another one has its painting, and has said something else.
_OPTIONS = {
    "TCP_KEEPIDLE": 6,
    "TCP_KEEPINTVL": 3,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 10_000,
}


class Session(AiohttpSession):
    """Kernels try for a quarter of an hour to bring what was written; these for ten seconds."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._connector_init["socket_factory"] = _watchful


def _watchful(address: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol = address[:3]
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS.items():
        if hasattr(socket, name):  # not every system has all of them
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made
