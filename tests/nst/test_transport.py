"""The distance by which leading stages compare Gram matrices: its value, its gradient."""

from __future__ import annotations

import pytest
import torch

from nst.network.gradient import Features
from nst.network.vgg import VGG19
from nst.transport import bures, power
from tests.nst.test_gradient import TINY, noise, objective_for
from weights.decode import load


def gram(seed: int, positions: int = 50, channels: int = 7) -> tuple[torch.Tensor, torch.Tensor]:
    """A map as a matrix (N × C) of no negative numbers, as after ReLU, and its Gram matrix."""
    features = torch.randn(
        positions, channels, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)
    ).relu()
    return features, features.T @ features / positions


def test_nothing_separates_a_matrix_from_itself() -> None:
    _, same = gram(1)
    distance, pull = bures(same, power(same, 0.5))
    assert distance == pytest.approx(0, abs=1e-10)
    assert pull.abs().max() < 1e-6


def test_without_mixing_it_is_the_distance_of_the_roots() -> None:
    g, a = torch.tensor([4.0, 9.0, 1.0]).double(), torch.tensor([1.0, 4.0, 16.0]).double()
    distance, pull = bures(g.diag(), a.sqrt().diag())
    assert distance == pytest.approx(float((g.sqrt() - a.sqrt()).square().sum()))
    assert torch.allclose(pull, (1 - (a / g).sqrt()).diag())


def test_its_pull_is_its_gradient() -> None:
    features, now = gram(2)
    _, target = gram(3)
    _, pull = bures(now, power(target, 0.5))
    slope = 2 / len(features) * features @ pull
    direction, step = torch.randn_like(features), 1e-5
    ends = []
    for sign in (1, -1):
        moved = features + sign * step * direction
        ends.append(bures(moved.T @ moved / len(moved), power(target, 0.5))[0])
    measured = (ends[0] - ends[1]) / (2 * step)
    assert float((slope * direction).sum()) == pytest.approx(measured, rel=1e-6)


def test_a_map_without_energy_is_no_accident() -> None:
    _, target = gram(4)
    distance, pull = bures(torch.zeros_like(target), power(target, 0.5))
    assert distance == pytest.approx(float(target.trace()))
    assert pull.isfinite().all()


@pytest.mark.slow
def test_a_leading_objective_has_the_gradient_of_its_loss() -> None:
    features = Features(VGG19(load()), TINY)
    goal = objective_for(features, noise(4, 45, 61), noise(5, 50, 40)).leading()
    x = noise(3, 45, 61)
    losses, g = features.gradient(x, goal)
    assert features.losses(x, goal) == losses
    step = g * (0.5 / g.square().mean().sqrt())  # half a level
    up, down = (features.losses(x + sign * step, goal).total for sign in (1, -1))
    assert float((g * step).sum()) == pytest.approx((up - down) / 2, rel=0.02)
