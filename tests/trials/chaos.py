"""Telegram at its worst, and the record of what the bot asked meanwhile."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from data.life import OPEN
from local_chat.api.faults import Fault, Faults
from local_chat.api.store import Json
from local_chat.server import LocalChat
from tests.trials.orders import Order, Verdict
from tests.trials.setup import REAL, Layout, deployment
from utils.telegram.rate_limit import EDIT_EVERY

_TOLERANCE = 0.25  # seconds that the way through the network may take off a distance
_TAP = "a tap"
_COUNTED = ("sendMessage", "sendPhoto", "sendDocument", "editMessageText", "editMessageMedia")


class Chaos(Faults):
    """Makes a share of all calls fail in one of many ways, and writes every call down."""

    def __init__(self, share: float, seed: int) -> None:
        super().__init__()
        self._share, self._dice = share, random.Random(seed)
        self.injected: Counter[str] = Counter()
        self.seen: list[tuple[float, str, Any]] = []

    def take(self, method: str, params: Json) -> Iterator[Fault]:
        """Return what is in force, and now and then something of our own."""
        where = (str(params.get("chat_id")), str(params.get("message_id")))
        self.seen.append((time.monotonic(), method, where))
        yield from super().take(method, params)
        if self._dice.random() < self._share:
            fault = self._dice.choice(self._any(method))
            self.injected[fault.kind if fault.error is None else str(fault.error.code)] += 1
            yield fault

    def _any(self, method: str) -> list[Fault]:
        faults = [
            Fault.retry_after(method, 1),
            Fault.server_error(method),
            Fault.page(method),
            Fault.cut(method),
            Fault.cut_after(method),
            Fault.half(method),
            Fault.slow(method, 2.0),
        ]
        if method == "answerCallbackQuery":
            faults.append(Fault.refuse(method, 400, "Bad Request: query is too old"))
        return faults

    def too_fast(self) -> int:
        """Edits of one message that came sooner after each other than the limit.

        A tap excuses one of them: its answer, which nobody should have to wait for.
        """
        last: dict[Any, float] = {}
        tapped: set[Any] = set()
        number = 0
        for at, method, where in self.seen:
            if method == _TAP:
                tapped.add(where)
            elif method in ("editMessageText", "editMessageMedia"):
                early = at - last.get(where, -60.0) < EDIT_EVERY - _TOLERANCE
                number += early and where not in tapped
                if early:
                    tapped.discard(where)
                last[where] = at
        return number

    def tap(self, content: Json) -> None:
        """Somebody pressed a button of a message."""
        message = content["message"]
        where = (str(message["chat"]["id"]), str(message["message_id"]))
        self.seen.append((time.monotonic(), _TAP, where))

    def most_a_second(self) -> int:
        """The most messages and edits in any one second."""
        times = [at for at, method, _ in self.seen if method in _COUNTED]
        return max(
            (sum(at <= t < at + 1 for t in times[n : n + 200]) for n, at in enumerate(times)),
            default=0,
        )


async def chaos(
    orders: int,
    share: float,
    seed: int,
    *,
    at_once: int = 4,
    painter: Mapping[str, str] = REAL,
) -> dict[str, Any]:
    """`orders` people order through a Bot API that fails in a `share` of its calls."""
    verdict = Verdict()
    trouble = Chaos(share, seed)
    async with deployment(Layout(), faults=trouble, settings=painter) as place:
        _misbehave(place.chat, trouble, random.Random(seed))
        gate = asyncio.Semaphore(at_once)

        async def customer(number: int) -> None:
            async with gate:
                order = None
                try:
                    order = await Order.prepare(place.chat, album=number % 4 == 0)
                    await order.tap()
                    await order.end()
                except (TimeoutError, LookupError) as error:
                    verdict.lose(order, error)
                    return
            await asyncio.sleep(2.0)
            verdict.judge(order)

        await asyncio.gather(*(customer(n) for n in range(orders)))
        rows = await place.rows(
            f"SELECT 1 FROM paintings WHERE state IN {OPEN!r}"  # closed names of our own
        )
        log = place.log
    return {
        "orders": orders,
        "calls": sum(method != _TAP for _, method, _ in trouble.seen),
        "faults": dict(trouble.injected),
        **{name: verdict.counts[name] for name in ("painted", "explained", "lost")},
        "duplicates": verdict.counts["duplicates"],
        "frozen": verdict.counts["frozen"],
        "open in the end": len(rows),
        "edits of a message under 3 s apart, taps' answers aside": trouble.too_fast(),
        "most messages in a second": trouble.most_a_second(),
        "complaints": verdict.complaints,
        "log": log,
    }


def _misbehave(chat: LocalChat, trouble: Chaos, dice: random.Random) -> None:
    """From now on: updates that come again, albums in the wrong order, late taps."""
    store, updates = chat.core.store, chat.core.updates
    confirm, add = store.confirm_updates, updates.add
    held: dict[str, tuple[str, Json]] = {}

    def forgetful(offset: int) -> None:
        if dice.random() < 0.8:
            confirm(offset)

    def disorderly(kind: str, content: Json) -> int | None:
        group = content.get("media_group_id") if kind == "message" else None
        if group is not None and group not in held:
            held[group] = (kind, content)  # the first part comes after the second
            return None
        if kind == "callback_query":
            trouble.tap(content)
        if kind == "callback_query" and dice.random() < 0.3:
            asyncio.get_running_loop().call_later(dice.uniform(0.5, 4.0), add, kind, content)
            return None
        number = add(kind, content)
        if group is not None:
            add(*held[group])
        return number

    store.confirm_updates = forgetful  # type: ignore[method-assign]
    updates.add = disorderly  # type: ignore[method-assign]
