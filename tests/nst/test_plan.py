"""The planner's promise: what it predicts is not exceeded, and what can't be done is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from nst.memory.plan import (
    BASE_BYTES,
    HISTORIES,
    STRIPES,
    OutOfMemoryBudget,
    Plan,
    choose_dtype,
    every_plan,
    layouts,
    make_plan,
)
from tests.nst.pictures import painting, photograph

BFLOAT16 = torch.bfloat16


def test_without_a_limit_the_quickest_plan_is_taken() -> None:
    plan = make_plan((512, 384), [(512, 400)], BFLOAT16, None)
    assert plan.layout in [layouts(s)[0] for s in STRIPES]
    assert plan.history == HISTORIES[0][0] and plan.kept == "all" and not plan.spill


def test_files_are_used_only_where_memory_alone_is_too_small() -> None:
    size = (1024, 768)
    roomy = make_plan(size, [size], BFLOAT16, 700, can_spill=True)
    tight = make_plan(size, [size], BFLOAT16, 300, can_spill=True)
    assert not roomy.spill and tight.spill
    with pytest.raises(OutOfMemoryBudget):
        make_plan(size, [size], BFLOAT16, 250)


@pytest.mark.parametrize("size", [(512, 384), (2048, 1536), (4000, 300), (300, 4000)])
def test_a_small_container_is_enough_for_a_poster(size: tuple[int, int]) -> None:
    """What is left for the child in 512 MB beside the bot, its database and torch's libraries."""
    plan = make_plan(size, [size], BFLOAT16, 315, can_spill=True)
    assert plan.predicted_mb <= 315


@pytest.mark.parametrize("limit", [700, 500, 400, 300, 240])
def test_prediction_stays_within_the_limit(limit: int) -> None:
    assert make_plan((512, 384), [(512, 400)], BFLOAT16, limit).predicted_mb <= limit


def test_an_aim_is_kept_where_it_can_be_and_is_never_a_reason_to_refuse() -> None:
    size = (512, 384)
    quick = make_plan(size, [size], BFLOAT16, 2000, can_spill=True)
    lean = make_plan(size, [size], BFLOAT16, 2000, aim_mb=0.8 * quick.predicted_mb, can_spill=True)
    assert 0.5 * quick.predicted_mb < lean.predicted_mb <= 0.8 * quick.predicted_mb
    leanest = make_plan(size, [size], BFLOAT16, 2000, aim_mb=1, can_spill=True)
    plans = every_plan(size, [size], BFLOAT16, can_spill=True)
    assert leanest.predicted_mb == min(plan.predicted_mb for plan in plans)


def test_kernels_are_packed_where_memory_is_short() -> None:
    size = (512, 384)

    def plan(limit: float | None) -> Plan:
        return make_plan(size, [size], torch.float32, limit, can_pack=True)

    assert not plan(None).packed and plan(300).packed
    least = min(plan.predicted_mb for plan in every_plan(size, [size], torch.float32))
    assert plan(least - 25).packed  # less than any plan with plain kernels needs


def test_refusal_names_a_size_that_is_then_accepted() -> None:
    with pytest.raises(OutOfMemoryBudget) as caught:
        make_plan((2048, 1536), [(2048, 1600)], BFLOAT16, 330)
    side = caught.value.fitting_size
    assert side is not None and 512 < side < 2048
    styles = [(side, round(side * 1600 / 2048))]
    assert make_plan((side, round(side * 0.75)), styles, BFLOAT16, 330).predicted_mb <= 330


def test_no_size_fits_in_less_than_torch_itself() -> None:
    with pytest.raises(OutOfMemoryBudget) as caught:
        make_plan((512, 384), [(512, 400)], BFLOAT16, 100)
    assert caught.value.fitting_size is None


def test_memory_grows_no_faster_than_the_pixels() -> None:
    per_pixel = []
    for size in [(512, 384), (1024, 768), (2048, 1536)]:
        least = min(plan.predicted_mb for plan in every_plan(size, [size], BFLOAT16))
        per_pixel.append((least * 1e6 - BASE_BYTES) / (size[0] * size[1]))
    assert per_pixel == sorted(per_pixel, reverse=True)


@pytest.mark.slow
@pytest.mark.parametrize("limit", [225, 500])
def test_measured_peak_stays_within_the_limit(tmp_path: Path, limit: int) -> None:
    if choose_dtype("auto") is torch.float32:  # bfloat16 would be emulated, and slow
        limit += 40
    photograph(96, 72).resize((400, 300)).save(tmp_path / "content.png")
    painting(80, 80).resize((400, 400)).save(tmp_path / "style.png")
    command = [
        sys.executable, "-m", "nst", tmp_path / "content.png", tmp_path / "style.png",
        "-o", tmp_path / "out.png", "--size", 400, "--evaluations", 6,
        "--memory-limit", limit, "--report", tmp_path / "r.json",
    ]  # fmt: skip
    subprocess.run([str(part) for part in command], check=True, capture_output=True)
    memory = json.loads((tmp_path / "r.json").read_text())["memory_mb"]
    assert memory["anonymous"] <= memory["predicted"] <= limit
