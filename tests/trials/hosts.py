"""A host is cut off in the middle of a painting and comes back: who paints, who delivers?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

from tests.trials.network import network
from tests.trials.orders import Order, Verdict, offers
from tests.trials.placement import Placement
from tests.trials.setup import QUICK, Deployment, Layout, deployment

Back: TypeAlias = Literal["meanwhile", "afterwards", "stopped"]
"""When: while the other one is at it, after that, or after its person has stopped it there."""
MOST = 45.0
"""Seconds until another host must paint what a vanished one had."""
_LAYOUT = Layout(slots=0, renderers=2, server=True)
_HOSTS = ("renderer-0", "renderer-1")
_LONG = 120.0  # seconds
_SECOND_THOUGHTS = 2.0  # seconds in which a second picture would come


async def hosts(back: Back, *, longer: float = 0.0) -> dict[str, Any]:
    """One of two renderers is cut off while it paints, and is `back`, so many seconds `longer`
    after that moment. Then both must work.

    The painter only copies, and waits where the trial has to find it at work.
    """
    with network(_HOSTS) as net:
        async with deployment(_LAYOUT, settings=QUICK, placement=Placement(network=net)) as place:
            verdict = Verdict()
            order = await Order.prepare(place.chat)
            place.painters.hold()
            await order.tap()
            first = await _painter(place, *_HOSTS)
            (second,) = set(_HOSTS) - {first}
            await _until(lambda: "%" in "".join(m.text for m in order.person.edits))
            net.cut(first)
            cut = time.monotonic()
            if back != "meanwhile":  # it is done by its return, with a picture that it can't send
                place.painters.release()
                await _until(lambda: place.child(first) is None)
                place.painters.hold()
            await _painter(place, second)
            takeover = time.monotonic() - cut
            if back == "stopped":
                status = await order.person.wait_for(lambda m: offers(m, "stop"), _LONG)
                await order.person.press(status, "stop")
            if back == "afterwards":
                place.painters.release()
            if back != "meanwhile":
                await order.end()
                place.painters.hold()
            await asyncio.sleep(longer)
            words = _words(order)
            net.mend(first)
            mended = time.monotonic()
            await _until(lambda: place.child(first) is None)
            noticed = time.monotonic() - mended
            # One for each host that is free. None of them ends before both paint, so that neither
            # can leave all of the work to the other.
            free = 1 if back == "meanwhile" else 2
            later = [await Order.prepare(place.chat) for _ in range(free)]
            asked = time.monotonic()
            for one in later:
                await one.tap()
            await _painter(place, first)
            works = time.monotonic() - asked
            place.painters.release()
            for one in (order, *later):
                await one.end()
            await asyncio.sleep(_SECOND_THOUGHTS)
            if back != "meanwhile" and _words(order) != words:
                verdict.complaints.append(f"{words} became {_words(order)}")
            for one in (order, *later):
                verdict.judge(one)
            return {
                "s until another host paints (at most 45)": takeover,
                "s after its return until its child is stopped": noticed,
                "s from the next order until it paints": works,
                **{name: verdict.counts[name] for name in _COUNTED},
                "complaints": verdict.complaints,
                "log": place.log,
            }


_COUNTED = ("orders", "painted", "explained", "lost", "duplicates", "frozen")


async def _painter(place: Deployment, *names: str) -> str:
    """Which of these programs paints, as soon as one does."""

    def found() -> str | None:
        return next((name for name in names if place.child(name) is not None), None)

    await _until(lambda: found() is not None)
    name = found()
    assert name
    return name


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(_LONG):
        while not true():
            await asyncio.sleep(0.05)


def _words(order: Order) -> list[str]:
    return [m.text for m in order.person.messages]
