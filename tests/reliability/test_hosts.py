"""A host that is cut off in the middle of a painting, and comes back when another one has it."""

from __future__ import annotations

import asyncio

import pytest

from tests.trials.hosts import MOST, hosts
from tests.trials.network import why_not

COUNTED = ("orders", "painted", "explained", "lost", "duplicates", "frozen")


async def test_who_comes_back_says_nothing_stops_its_child_and_takes_the_next_painting() -> None:
    if reason := why_not():
        pytest.skip(reason)
    async with asyncio.TaskGroup() as both:  # side by side, since they mostly wait
        # Still painting when it is back; and done by then, with what it could not say.
        meanwhile = both.create_task(hosts("meanwhile"))
        stopped = both.create_task(hosts("stopped", longer=10))
    expected = ((meanwhile.result(), (2, 2, 0, 0, 0, 0)), (stopped.result(), (3, 2, 1, 0, 0, 0)))
    for found, counts in expected:
        assert found["complaints"] == [], found["log"]
        assert tuple(found[name] for name in COUNTED) == counts, found["log"]
        assert found["s until another host paints (at most 45)"] <= MOST
        # What it sent is repeated only when as much time has passed as it was away for.
        assert found["s after its return until its child is stopped"] < MOST
        assert found["s from the next order until it paints"] < MOST
