"""The trials of `python -m bench reliability`, short, and with a painter that only copies."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.trials.chaos import chaos
from tests.trials.kills import kills
from tests.trials.setup import QUICK, Layout

Found = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def trials() -> Found:
    """What both trials found, held side by side since they mostly wait."""
    return asyncio.run(_both())


async def _both() -> Found:
    layout = Layout(slots=0, renderers=2, server=True)
    async with asyncio.TaskGroup() as both:
        killed = both.create_task(
            kills(layout, len(layout.kinds), 7, busy=2, pause=(0.5, 1.5), painter=QUICK)
        )
        weathered = both.create_task(chaos(4, 0.25, 3, painter=QUICK))
    return killed.result(), weathered.result()


def test_whatever_is_killed_everybody_gets_what_they_were_promised(
    trials: Found,
) -> None:
    found, _ = trials
    assert found["complaints"] == [], found["log"]
    assert set(found["killed"]) == {"child", "worker", "bot", "postgres", "tree"}
    assert (found["lost"], found["duplicates"], found["frozen"]) == (0, 0, 0)
    assert found["orders"] >= 2 and found["painted"] + found["explained"] == found["orders"]
    assert found["dialogues kept"] == found["dialogues"]
    assert found["folders left"] == 0 and found["clean exits"] == found["processes"]


def test_a_telegram_at_its_worst_loses_nothing_and_doubles_nothing(
    trials: Found,
) -> None:
    _, found = trials
    assert found["complaints"] == [], found["log"]
    assert found["painted"] == 4 and sum(found["faults"].values()) > 5
    assert (found["duplicates"], found["frozen"], found["open in the end"]) == (0, 0, 0)
    assert found["most messages in a second"] <= 30
