"""A painting for nobody: it tells how fast this machine is, or why it can't paint."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jobs.worker.self_test import SelfTestFailed, measure_pace
from nst.schedule import work


@pytest.mark.slow
async def test_it_tells_the_pace_and_leaves_nothing(tmp_path: Path) -> None:
    began = asyncio.get_running_loop().time()
    pace = await measure_pace(tmp_path, 400)
    took = asyncio.get_running_loop().time() - began
    assert not list(tmp_path.iterdir())
    # It did six of forty evaluations, and nothing else that an evaluation takes the time of.
    assert 0 < 6 / 40 * pace * work(128, 85) < took


@pytest.mark.slow
async def test_it_says_in_a_line_why_it_fails(tmp_path: Path) -> None:
    with pytest.raises(SelfTestFailed, match="out_of_memory: 128 px need") as caught:
        await measure_pace(tmp_path, 60)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())
