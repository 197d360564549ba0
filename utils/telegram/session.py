"""aiogram's session on connections that notice within seconds that the other end is gone.

A request has aiogram's sixty seconds in all. One with a file has as long as a slow line needs: it
is over when the other end takes nothing for ten seconds (`TCP_USER_TIMEOUT`, which is about bytes
that are not acknowledged, not about slow ones), doesn't answer what it has, or after `WITHIN`.
"""

from __future__ import annotations

import socket
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import InputFile
from aiohttp import ClientTimeout

from utils.telegram.bot import policy_of

# Seconds, but milliseconds for the last. A machine that was cut off and comes back must not send
# what it wrote before: by then another one has its painting, and has said something else.
_OPTIONS = {
    "TCP_KEEPIDLE": 6,
    "TCP_KEEPINTVL": 3,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 10_000,
}

WITHIN = 15 * 60.0
"""Seconds that a file may take in all, up or down: 12 MB at 200 kbit/s need 480."""
SILENCE = 30.0
"""Seconds without a byte from the other end until a transfer is over."""
_ANSWER = 60.0  # seconds that Telegram has for a file once it has all of it
SLOW = ClientTimeout(total=WITHIN, sock_connect=SILENCE, sock_read=SILENCE)
"""For downloads."""


class Session(AiohttpSession):
    """Gives up unsent data after ten seconds; kernels try for a quarter of an hour."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._connector_init["socket_factory"] = _watched_socket

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[TelegramType],
        timeout: Any = None,  # noqa: ASYNC109
    ) -> TelegramType:
        """Make a request, with a file that isn't `optional` in as much time as that needs."""
        if timeout is None and _has_file(method) and not policy_of(bot).optional:
            timeout = ClientTimeout(total=WITHIN, sock_connect=SILENCE, sock_read=_ANSWER)
        return await super().make_request(bot, method, timeout=timeout)


def _has_file(value: Any) -> bool:
    """Whether one of a method's fields, or of an object in one of them, is a file to upload."""
    fields = getattr(type(value), "model_fields", {})
    return isinstance(value, InputFile) or any(_has_file(getattr(value, name)) for name in fields)


def _watched_socket(address: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol = address[:3]
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _OPTIONS.items():
        if hasattr(socket, name):  # not every system has all of them
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return made
