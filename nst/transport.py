"""How far one Gram matrix is from another, measured so that a descent gets there sooner.

Gatys' squared difference of Gram matrices is curved very unevenly: along a direction of the feature
space its curvature goes with the energy that the features have there, and one direction, their
mean, holds most of it. The squared Bures distance

    d²(G, A) = tr G + tr A − 2 tr (A^½ G A^½)^½

(the optimal transport between normal distributions with these second moments; Bhatia, Jain, Lim
2019) compares their roots instead, and is curved evenly. With G = FᵀF / N its gradient is

    dd²/dF = (2 / N) · F (I − T),    T = A^½ (A^½ G A^½)^(−½) A^½,

T being the map that transports one to the other. Where G nears A, 4 tr(A) d² becomes the squared
difference along the strongest direction, so weights keep their meaning.

This is no loss of the paper's: stages that lead the way use it (`nst.transfer` says which), and the
last one, whose result is delivered, goes down Gatys' own. What it gains is in docs/engine.md.
"""

from __future__ import annotations

import torch
from torch import Tensor

_FLOOR = 1e-6
"""Directions with less than this part of the strongest one's energy are rounding errors."""


def power(matrix: Tensor, exponent: float) -> Tensor:
    """A power of a symmetric positive matrix."""
    values, vectors = torch.linalg.eigh((matrix + matrix.T) / 2)
    result: Tensor = (vectors * values.clamp(min=1e-6) ** exponent) @ vectors.T
    return result


def bures(gram: Tensor, target_root: Tensor) -> tuple[float, Tensor]:
    """d² between a Gram matrix and the one with this root A^½ (C × C), and I − T (C × C)."""
    middle = target_root @ gram @ target_root
    values, vectors = torch.linalg.eigh((middle + middle.T) / 2)
    real = values > _FLOOR * values[-1]
    # Where the map has nothing there is nothing to pull at, and 1/0 would say so loudly.
    values, turned = values[real], target_root @ vectors[:, real]
    distance = gram.trace() + target_root.square().sum() - 2 * values.sqrt().sum()
    pull = -(turned * values.rsqrt()) @ turned.T
    pull.diagonal().add_(1)
    return float(distance.clamp(min=0)), pull
