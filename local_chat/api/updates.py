"""The queue of updates: long polling, confirmation, one poller at a time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from local_chat.api.errors import ApiError
from local_chat.api.store import Json, Store

_CONFLICT = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
# What Telegram leaves out unless it is asked for by name.
_BY_NAME_ONLY = ("chat_member", "message_reaction", "message_reaction_count")
_AWAY_AFTER = 8.0
_SLICE = 1.0


class Updates:
    """Updates for the bot, kept until the bot confirms them."""

    def __init__(self, store: Store, presence_changed: Callable[[bool], None]) -> None:
        self._store = store
        self._presence_changed = presence_changed
        self._arrived = asyncio.Event()
        self._news = asyncio.Event()
        self._poller: object | None = None
        self._closing = False
        self._online = False
        self._away: asyncio.TimerHandle | None = None

    @property
    def online(self) -> bool:
        """Whether a bot is asking for updates, or did a moment ago."""
        return self._online

    def add(self, kind: str, content: Json) -> int | None:
        """Queue an update; None when the bot has said that it doesn't want this kind."""
        allowed = self._store.setting("allowed_updates")
        wanted = kind in allowed if allowed else kind not in _BY_NAME_ONLY
        if not wanted:
            return None
        update_id = self._store.add_update(kind, content)
        self._wake()
        return update_id

    async def poll(self, params: Json, listening: Callable[[], bool]) -> list[Json]:
        """getUpdates: ApiError 409 when another poller takes over meanwhile, or with a webhook."""
        if self._store.setting("webhook"):
            raise ApiError(409, _WEBHOOK)
        if "allowed_updates" in params:
            self._store.save_setting("allowed_updates", params["allowed_updates"])
        if "offset" in params:
            self._store.confirm_updates(params["offset"])
        limit = min(max(params.get("limit", 100), 1), 100)
        deadline = time.monotonic() + min(max(params.get("timeout", 0), 0), 50)
        mine = self._poller = object()
        self._wake()  # the one that was waiting finds that another one polls
        self._seen()
        try:
            while True:
                if self._poller is not mine:
                    raise ApiError(409, _CONFLICT)
                if updates := self._store.updates(limit):
                    return updates
                left = deadline - time.monotonic()
                if left <= 0 or self._closing or not listening():
                    return []
                # Short waits, because nothing tells when the other side hangs up.
                self._arrived.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(min(left, _SLICE)):
                        await self._arrived.wait()
        finally:
            if self._poller is mine:
                self._poller = None
                self._leaving()

    async def news(self) -> None:
        """Until something may have changed since the last call."""
        await self._news.wait()
        self._news.clear()

    def webhook_changed(self, present: bool) -> None:
        """A bot with a webhook counts as listening."""
        if present:
            self._seen()
        else:
            self._leaving()
        self._wake()

    def close(self) -> None:
        """Let the poller go with an empty answer."""
        self._closing = True
        if self._away is not None:
            self._away.cancel()
        self._wake()

    def _wake(self) -> None:
        self._arrived.set()
        self._news.set()

    def _seen(self) -> None:
        if self._away is not None:
            self._away.cancel()
            self._away = None
        self._set_online(True)

    def _leaving(self) -> None:
        if not self._closing:
            loop = asyncio.get_running_loop()
            self._away = loop.call_later(_AWAY_AFTER, self._set_online, False)

    def _set_online(self, online: bool) -> None:
        if online != self._online:
            self._online = online
            self._presence_changed(online)
