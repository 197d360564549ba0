"""Many people at once, and many paintings in a row."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any

from tests.trials import tree
from tests.trials.orders import Order, Verdict
from tests.trials.setup import REAL, Deployment, Layout, deployment


async def load(people: int, within: float, *, painter: Mapping[str, str] = REAL) -> dict[str, Any]:
    """So many people send a pair and tap within so many seconds, to a bot with one slot.

    What is painted meanwhile is painted; what still waits in the end is counted and left.
    """
    answered, places = 0, []
    async with deployment(Layout(), settings=painter) as place:
        first = await Order.prepare(place.chat)  # whatever is loaded on first use is loaded
        await first.tap()
        before = tree.status_mb(place.bot, "VmRSS")
        dice = random.Random(1)

        async def somebody() -> Order:
            await asyncio.sleep(dice.uniform(0, within))
            order = await Order.prepare(place.chat)
            await order.tap()
            return order

        orders = await asyncio.gather(*(somebody() for _ in range(people)))
        answered = sum(order.accepted for order in orders)
        growth = tree.status_mb(place.bot, "VmRSS") - before
        rows = await place.rows(
            "SELECT key FROM saq_jobs WHERE status = 'queued' ORDER BY priority, scheduled"
        )
        places = [str(key) for (key,) in rows]
        records = await place.rows("SELECT id, chat_id FROM paintings")
        chats = {str(painting): chat for painting, chat in records}
        right = await _told_right(place, orders, [chats[key] for key in places])
    return {
        "people": people,
        "within, s": within,
        "accepted or told": answered,
        "waiting in the end": len(places),
        "places told right": right,
        "bot's RSS before, MB": before,
        "bot's RSS growth, MB": growth,
    }


async def _told_right(place: Deployment, orders: list[Order], line: list[object]) -> int:
    """How many of the first ten in line read their right place, given time to be told."""
    by_chat = {order.person.id: order for order in orders}
    first = [by_chat[chat] for chat in line[:10] if isinstance(chat, int) and chat in by_chat]
    told = 0
    for order in first:
        text = next((m.text for m in order.person.messages if m.id == order.status.id), "")
        told += "You're" in text or "%" in text or "Mixing" in text
    return told


async def soak(jobs: int, *, painter: Mapping[str, str] = REAL) -> dict[str, Any]:
    """So many paintings in a row through the whole chain; what grows, what is left."""
    verdict = Verdict()
    early = 0.0
    warm = min(20, max(1, jobs // 3))
    async with deployment(Layout(), settings=painter) as place:
        for number in range(jobs):
            order = None
            try:
                order = await Order.prepare(place.chat)
                await order.tap()
                await order.end()
                verdict.judge(order)
                order.person.leave()
            except TimeoutError as error:
                verdict.lose(order, error)
            if number + 1 == warm:
                early = tree.status_mb(place.bot, "VmRSS")
        late = tree.status_mb(place.bot, "VmRSS")
        rooms = len(place.rooms)
        unstruck = await place.rows("SELECT 1 FROM inbox WHERE content IS NOT NULL")
        rows = await place.rows("SELECT 1 FROM paintings")
    return {
        "jobs": jobs,
        "painted": verdict.counts["painted"],
        "lost": verdict.counts["lost"],
        "duplicates": verdict.counts["duplicates"],
        f"bot's RSS after {warm} jobs, MB": early,
        "bot's RSS in the end, MB": late,
        "growth, %": 100 * (late / early - 1) if early else 0.0,
        "files left in temporary folders": rooms,
        "updates left in the inbox": len(unstruck),
        "records kept": len(rows),
        "complaints": verdict.complaints,
    }
