"""L-BFGS and its preconditioner on problems whose answer is known."""

from __future__ import annotations

import pytest
import torch

from nst.memory.storage import Storage
from nst.optimizer import LBFGS, Preconditioner


def minimise(optimizer: LBFGS, scales: torch.Tensor, steps: int) -> float:
    """Loss of the quadratic ½ Σ scale · x² after so many steps from all ones."""
    x = torch.ones_like(scales)
    for _ in range(steps):
        x += optimizer.step_(scales * x)
    return float((scales * x.square()).sum() / 2)


def test_quadratic_is_solved_far_faster_than_by_gradient_descent() -> None:
    scales = torch.logspace(0, 3, 40)
    start = float(scales.sum() / 2)
    assert minimise(LBFGS(20, dtype=torch.float32), scales, 60) < 1e-5 * start


def test_history_in_bfloat16_still_converges(device: str) -> None:
    scales = torch.logspace(0, 3, 40, device=device)
    assert minimise(LBFGS(20, storage=Storage(device=device)), scales, 60) < 1e-4 * float(
        scales.sum() / 2
    )


def test_history_is_bounded() -> None:
    optimizer = LBFGS(3)
    minimise(optimizer, torch.linspace(1, 9, 50), 12)
    assert optimizer.pairs == 3


def test_known_curvature_makes_the_first_step_useful() -> None:
    scales = torch.full((30,), 500.0)
    assert minimise(LBFGS(5, curvature=1 / 500), scales, 1) < 1e-9


def test_curvature_is_left_for_the_next_run() -> None:
    optimizer = LBFGS(5)
    minimise(optimizer, torch.full((30,), 500.0), 3)
    assert optimizer.curvature == pytest.approx(1 / 500, rel=0.02)


def test_uphill_pairs_are_not_remembered() -> None:
    optimizer = LBFGS(5, curvature=1.0)
    optimizer.step_(torch.ones(4))
    optimizer.step_(torch.full((4,), 2.0))  # The gradient grew along the step: negative curvature.
    assert optimizer.pairs == 0


@pytest.mark.parametrize("size", [(16, 16), (17, 33), (64, 16), (31, 30)])
def test_preconditioner_is_symmetric_and_positive(size: tuple[int, int], device: str) -> None:
    apply = Preconditioner(*size, device=device).apply_
    a, b = (torch.randn(1, 3, *size).to(device) for _ in range(2))
    # The products may cancel to nearly nothing: what rounds off is a part of their sizes.
    within = 1e-5 * float(apply(a.clone()).norm() * b.norm())
    assert float((apply(a.clone()) * b).sum()) == pytest.approx(
        float((a * apply(b.clone())).sum()), abs=within
    )
    assert float((apply(a.clone()) * a).sum()) > 0


def test_preconditioner_favours_low_frequencies() -> None:
    apply = Preconditioner(64, 64).apply_
    columns = torch.arange(64.0)
    slow = torch.cos(2 * torch.pi * columns / 64).expand(1, 3, 64, 64)
    fast = torch.cos(2 * torch.pi * columns / 4).expand(1, 3, 64, 64)
    gain = float(apply(slow.contiguous()).norm() / apply(fast.contiguous()).norm())
    assert gain == pytest.approx(4.0, rel=1e-3)  # (16 times the frequency) to the power ½
