"""Telegram's limits, kept before it has to remind us: edits of a message, messages in all.

In one process. A bot and its renderers elsewhere share the limits unknowingly; there Telegram's
`retry_after` says when it was too much, and `Patience` obeys.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import Response, TelegramMethod

EDIT_EVERY = 3.0  # seconds between edits of one message; Telegram tolerates one a second in a chat
PER_SECOND = 25  # messages and edits; Telegram's limit is about 30
_NEVER = float("-inf")
_FORGET_AT = 2000  # messages whose last edit is remembered

_at_once: ContextVar[bool] = ContextVar("at_once", default=False)


def at_once() -> AbstractContextManager[None]:
    """What is edited inside answers a person's tap and doesn't wait for its turn."""
    return _inside(at_once=True)


def in_turn() -> AbstractContextManager[None]:
    """What is edited inside waits for its turn, whatever was said outside."""
    return _inside(at_once=False)


@contextmanager
def _inside(*, at_once: bool) -> Iterator[None]:
    token = _at_once.set(at_once)
    try:
        yield
    finally:
        _at_once.reset(token)


class Pace(BaseRequestMiddleware):
    """Makes requests wait their turn. Works beneath `Patience`, so that repeats wait too."""

    def __init__(self) -> None:
        self._edited: dict[tuple[Any, Any], float] = {}
        self._sent: deque[float] = deque(maxlen=PER_SECOND)

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[Any],
        bot: Bot,
        method: TelegramMethod[Any],
    ) -> Response[Any]:
        """Make the request when it is due."""
        name = method.__api_method__
        if name.startswith(("send", "edit", "copy", "forward")) and name != "sendChatAction":
            await self._wait_for_all()
        if not name.startswith("editMessage"):
            return await make_request(bot, method)
        key = (getattr(method, "chat_id", None), getattr(method, "message_id", None))
        before = await self._wait_for_message(key)
        try:
            return await make_request(bot, method)
        except TelegramBadRequest:
            self._edited[key] = before  # nothing was edited: the next try is the first
            raise

    async def _wait_for_message(self, key: tuple[Any, Any]) -> float:
        """Until it may be edited, which is noted; returns when it was edited before."""
        clock = asyncio.get_running_loop().time
        while not _at_once.get():
            # Looked at again after every wait: a person's tap may have been answered meanwhile.
            left = self._edited.get(key, _NEVER) + EDIT_EVERY - clock()
            if left <= 0:
                break
            await asyncio.sleep(left)
        before, self._edited[key] = self._edited.get(key, _NEVER), clock()
        if len(self._edited) > _FORGET_AT:
            recent = clock() - EDIT_EVERY
            self._edited = {k: at for k, at in self._edited.items() if at > recent}
        return before

    async def _wait_for_all(self) -> None:
        now = asyncio.get_running_loop().time()
        due = now
        if len(self._sent) == PER_SECOND:
            due = max(now, self._sent[0] + 1.0)
        self._sent.append(due)
        await asyncio.sleep(due - now)
