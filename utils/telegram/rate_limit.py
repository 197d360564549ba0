"""Keeps Telegram's limits of its own accord: edits of one message, messages in all.

It counts within one process. A bot and its renderers on other machines share Telegram's limits
without knowing of each other; there Telegram's `retry_after` says when it was too much, and
`utils.telegram.retry` obeys.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import TelegramMethod

EDIT_EVERY = 3.0  # seconds between edits of one message; Telegram tolerates one a second in a chat
PER_SECOND = 25  # messages and edits; Telegram's limit is about 30
_NEVER = float("-inf")
_FORGET_AT = 2000  # messages whose last edit is remembered


class RateLimit:
    """Says when a request may be made."""

    def __init__(self) -> None:
        self._edited: dict[tuple[Any, Any], float] = {}
        self._sent: deque[float] = deque(maxlen=PER_SECOND)

    @contextlib.asynccontextmanager
    async def turn(self, method: TelegramMethod[Any], *, at_once: bool) -> AsyncIterator[None]:
        """Wait until the request is due; make it inside.

        An edit that is `at_once` doesn't wait for earlier ones of its message, but later ones wait
        for it.
        """
        name = method.__api_method__
        if name.startswith(("send", "edit", "copy", "forward")) and name != "sendChatAction":
            await self._wait_for_all()
        if not name.startswith("editMessage"):
            yield
            return
        key = (getattr(method, "chat_id", None), getattr(method, "message_id", None))
        if not at_once:
            await self._wait_for_message(key)
        before = self._note_edit(key)
        try:
            yield
        except TelegramBadRequest:
            self._edited[key] = before  # nothing was edited: the next try is the first
            raise

    async def _wait_for_message(self, key: tuple[Any, Any]) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            # Looked at again after every wait: a person's tap may have been answered meanwhile.
            left = self._edited.get(key, _NEVER) + EDIT_EVERY - clock()
            if left <= 0:
                return
            await asyncio.sleep(left)

    def _note_edit(self, key: tuple[Any, Any]) -> float:
        """Note that a message is edited now; returns when it was edited before."""
        now = asyncio.get_running_loop().time()
        before, self._edited[key] = self._edited.get(key, _NEVER), now
        if len(self._edited) > _FORGET_AT:
            recent = now - EDIT_EVERY
            self._edited = {k: at for k, at in self._edited.items() if at > recent}
        return before

    async def _wait_for_all(self) -> None:
        now = asyncio.get_running_loop().time()
        due = now
        if len(self._sent) == PER_SECOND:
            due = max(now, self._sent[0] + 1.0)
        self._sent.append(due)
        await asyncio.sleep(due - now)
