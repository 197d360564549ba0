"""Events of a conversation, for every window and test that watches it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from local_chat.api.store import Json

_BACKLOG = 500


class Events:
    """Hands each event of a conversation to everyone who watches it."""

    def __init__(self) -> None:
        self._watchers: dict[int, set[asyncio.Queue[Json | None]]] = defaultdict(set)
        self._listeners: dict[int, set[Callable[[Json], None]]] = defaultdict(set)
        self._deserted = asyncio.Event()

    def tell(self, person_id: int, kind: str, **content: object) -> None:
        """Tell everyone who watches a conversation: ``message``, ``deleted``, ``answer``, …"""
        event: Json = {"type": kind, **content}
        for listener in list(self._listeners.get(person_id, ())):
            listener(event)
        for queue in list(self._watchers.get(person_id, ())):
            if queue.full():
                # A window that doesn't read: close its queue, it will reconnect and read afresh.
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)

    def tell_all(self, kind: str, **content: object) -> None:
        """Tell everyone, whichever conversation they watch."""
        for person_id in list(self._watchers):
            self.tell(person_id, kind, **content)

    async def close(self, seconds: float = 1.0) -> None:
        """Close every window's queue, and wait up to `seconds` until all have gone."""
        for queues in self._watchers.values():
            for queue in queues:
                while queue.full():
                    queue.get_nowait()
                queue.put_nowait(None)
        if self._watchers:
            self._deserted.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._deserted.wait()

    @contextmanager
    def watch(self, person_id: int) -> Iterator[asyncio.Queue[Json | None]]:
        """Yield a queue of the person's events; None in it means that it is closed."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue(_BACKLOG)
        self._watchers[person_id].add(queue)
        try:
            yield queue
        finally:
            self._watchers[person_id].discard(queue)
            if not self._watchers[person_id]:
                del self._watchers[person_id]
            if not self._watchers:
                self._deserted.set()

    def listen(self, person_id: int, listener: Callable[[Json], None]) -> Callable[[], None]:
        """Call `listener` with each event of a person; calling the result ends that."""
        self._listeners[person_id].add(listener)
        return lambda: self._listeners[person_id].discard(listener)
