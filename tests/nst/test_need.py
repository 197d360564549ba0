"""What the planner says of maps and gradients is what the real stripes keep alive."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from nst.memory.need import WORK_BYTES, Need, skeleton
from nst.memory.plan import layouts
from nst.memory.storage import Storage
from nst.network.gradient import Features
from nst.network.stripes import WHOLE, Layout
from nst.network.vgg import STYLE_LAYERS, Pooling
from nst.objective import Objective
from tests.nst.live_bytes import LiveBytes

SMALL, NARROW, LARGE = (320, 240), (200, 500), (512, 384)


Case = tuple[Layout, tuple[int, int], torch.dtype, Pooling, bool]


class Filed(Storage):
    """Makes tensors that count as lying in files."""

    def __init__(self, live: LiveBytes) -> None:
        super().__init__(Path("/nowhere"))
        self._live = live

    def _mapped(self, count: int, dtype: torch.dtype) -> Tensor:
        return self._live.leave_out(torch.empty(count, dtype=dtype, device="meta"))


def cases() -> Iterator[Case]:
    """Every layout; not with everything else."""
    every: Sequence[Layout] = [*layouts(24_576), WHOLE]
    for layout, size, spill in itertools.product(every, (SMALL, NARROW), (False, True)):
        yield layout, size, torch.bfloat16, "average", spill
    for layout in every:
        yield layout, LARGE, torch.float32, "average", False
        yield layout, SMALL, torch.float32, "max", False


@pytest.mark.parametrize(("layout", "size", "dtype", "pooling", "spill"), list(cases()))
def test_an_evaluation_takes_what_the_planner_says(
    layout: Layout, size: tuple[int, int], dtype: torch.dtype, pooling: Pooling, spill: bool
) -> None:
    width, height = size
    x = torch.empty(1, 3, height, width, device="meta")
    with LiveBytes(x) as live:
        storage = Filed(live) if spill else Storage(device="meta")
        features = Features(skeleton(dtype, pooling), layout, storage=storage)
        grams = {
            op.name: torch.empty(op.channels, op.channels, device="meta")
            for op in features.net.operations
            if op.name in STYLE_LAYERS
        }
        before = live.now
        photo = storage.map(512, height // 8, width // 8, dtype).zero_()
        goal = Objective(grams, dict.fromkeys(STYLE_LAYERS, 1.0), photo, 1.0)
        live.peak = live.now
        features.gradient(x, goal)
    counted = live.peak - before
    said = Need(features.net.operations, layout, size, [(32, 32)], spill).evaluating
    # Gram matrices and what is made of them are counted elsewhere.
    assert said - 0.02 * counted <= counted <= said + WORK_BYTES / 3


def test_what_is_let_go_is_counted_no_longer() -> None:
    with LiveBytes() as live:
        asked_for = torch.empty(1000, device="meta")
        assert live.now == 0
        view = asked_for[10:20].fill_(1)
        second = view + 1
        del asked_for
        assert live.now == 4040
        del view, second
    assert live.now == 0 and live.peak == 4040
