"""Brings updates to a bot that asked for a webhook: on this machine only.

As Telegram does it: in order, the secret in a header, again and again until the answer is a 2xx.
"""

from __future__ import annotations

import asyncio
import logging
from urllib.parse import urlsplit

import aiohttp

from local_chat.api.store import Json, Store
from local_chat.api.updates import Updates

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_WAITS = (0.2, 0.5, 1.0, 2.0)  # seconds until an update is brought again


def is_near(url: str) -> bool:
    """Whether an address is on this machine; nothing here contacts another."""
    return urlsplit(url).hostname in _LOOPBACK


class Webhook:
    """The errand boy of one local chat."""

    def __init__(self, store: Store, updates: Updates) -> None:
        self._store = store
        self._updates = updates
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; there may be a webhook from an earlier run."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            failures = 0
            while True:
                hook: Json | None = self._store.setting("webhook")
                updates = self._store.updates(1) if hook else []
                if not hook or not updates:
                    await self._updates.news()
                    continue
                error = await self._bring(session, hook, updates[0])
                if error is None:
                    failures = 0
                    self._store.confirm_updates(updates[0]["update_id"] + 1)
                    continue
                log.info("webhook: %s", error)
                self._store.save_setting("webhook_error", error)
                await asyncio.sleep(_WAITS[min(failures, len(_WAITS) - 1)])
                failures += 1

    @staticmethod
    async def _bring(session: aiohttp.ClientSession, hook: Json, update: Json) -> str | None:
        """Post one update; None when it was taken, else why not."""
        headers = {SECRET_HEADER: hook["secret"]} if hook["secret"] else {}
        try:
            async with session.post(hook["url"], json=update, headers=headers) as response:
                if response.ok:
                    return None
                return f"Wrong response from the webhook: {response.status} {response.reason}"
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"{type(error).__name__}: {error}"
