"""Children that are killed for real: what the person reads, what is painted in the end."""

from __future__ import annotations

import asyncio
import os
import signal

from tests.trials.orders import Order
from tests.trials.setup import QUICK, Deployment, Layout, deployment

# Large enough for "smaller" to have room below.
SETTINGS = {**QUICK, "MAX_SIZE": "512"}


async def kill_children(place: Deployment, number: int) -> None:
    """The next so many, each as soon as there is one; from then on paintings are finished."""
    place.painters.hold()
    killed: set[int | None] = {None}

    def fresh() -> int | None:
        pid = place.child()
        return None if pid in killed else pid

    for _ in range(number):
        pid = await place.until(fresh)
        os.kill(pid, signal.SIGKILL)
        killed.add(pid)
    place.painters.release()


def told(order: Order) -> list[str]:
    """Everything the person ever read of deaths, also what was edited away since."""
    words = ("I was interrupted", "Memory was short")
    return [m.text for m in order.person.edits if any(word in m.text for word in words)]


async def test_the_person_is_told_once_however_often_the_child_is_killed() -> None:
    async with asyncio.TaskGroup() as both:  # side by side, since they mostly wait
        both.create_task(die_twice())
        both.create_task(die_thrice())


async def die_twice() -> None:
    """Once leaner, once smaller, then painted."""
    async with deployment(Layout(), settings=SETTINGS) as place:
        order = await Order.prepare(place.chat)
        await asyncio.gather(order.tap(), kill_children(place, 2))
        await order.end()
        assert len(order.results) == 1 and order.explanations == []
        assert len(told(order)) == 1 and "start over" in told(order)[0]
        rows = await place.rows("SELECT deaths, size_limit, request->'size' FROM paintings")
        ((deaths, limit, asked),) = rows
        assert deaths == 2
        assert isinstance(limit, int) and isinstance(asked, int) and limit == asked * 3 // 4


async def die_thrice() -> None:
    """Explained in the end, and whoever comes next is painted for."""
    async with deployment(Layout(), settings=SETTINGS) as place:
        order, unharmed = [await Order.prepare(place.chat) for _ in range(2)]
        await asyncio.gather(order.tap(), kill_children(place, 3))
        await asyncio.gather(unharmed.tap(), order.end())
        assert order.results == [] and len(order.explanations) == 1
        assert "interrupted several times" in order.explanations[0].text
        assert len(told(order)) == 1
        await unharmed.end()
        assert len(unharmed.results) == 1 and told(unharmed) == []
