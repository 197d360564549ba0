"""aiogram's session on connections that notice within seconds that the other end is gone."""

from __future__ import annotations

import socket
from typing import Any

from aiogram.client.session.aiohttp import AiohttpSession

# Seconds, but milliseconds for the last. A machine that was cut off and comes back must not send
# what it wrote before: by then another one has its painting, and has said something else.
_OPTIONS = {
    "TCP_KEEPIDLE": 6,
    "TCP_KEEPINTVL": 3,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 10_000,
}


class Session(AiohttpSession):
    """Gives up unsent data after ten seconds; kernels try for a quarter of an hour."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._connector_init["socket_factory"] = _watched_socket


def _watched_socket(address: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol = address[:3]
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS.items():
        if hasattr(socket, name):  # not every system has all of them
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made
