"""A bit a number says as much to a ReLU's way back as the number itself."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nst.memory.storage import MEMORY
from nst.network.signs import Signs, mask_


@settings(max_examples=40, deadline=None)
@given(
    channels=st.sampled_from([8, 64, 512]),
    rows=st.integers(1, 70),
    columns=st.integers(1, 70),
    dtype=st.sampled_from([torch.float32, torch.bfloat16]),
    seed=st.integers(0, 1000),
)
def test_signs_mask_as_the_map_does(
    channels: int, rows: int, columns: int, dtype: torch.dtype, seed: int
) -> None:
    torch.manual_seed(seed)
    y, g = (MEMORY.map(channels, rows, columns, dtype).normal_() for _ in range(2))
    y.relu_()
    signs = Signs.of(y)
    assert signs.bits.numel() * 8 == y.numel()
    expected = g.clone()
    mask_(expected, y)
    signs.mask_(g)
    assert torch.equal(g, expected)


@pytest.mark.parametrize("number", [0.0, -0.0, 1e-45, 1e-38, 3e38, float("inf")])
def test_the_smallest_and_the_largest(number: float) -> None:
    y = MEMORY.map(8, 1, 2, torch.float32).fill_(number)
    g = torch.ones_like(y)
    Signs.of(y).mask_(g)
    expected = torch.ones_like(y)
    mask_(expected, y)
    assert torch.equal(g, expected)
