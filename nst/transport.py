"""A distance between Gram matrices that a descent can reduce in fewer steps.

Gatys' squared difference of Gram matrices is curved very unevenly: its curvature along a direction
of the feature space grows with the features' energy in that direction, and one direction, their
mean, has most of the energy. The squared Bures distance

    d²(G, A) = tr G + tr A − 2 tr (A^½ G A^½)^½

(the optimal transport between normal distributions with these second moments; Bhatia, Jain, Lim
2019) compares the matrices' roots instead, and is curved evenly. With G = FᵀF / N its gradient is

    dd²/dF = (2 / N) · F (I − T),    T = A^½ (A^½ G A^½)^(−½) A^½,

where T is the map that transports one distribution to the other. As G approaches A, 4 tr(A) d²
approaches the squared difference along the strongest direction, so weights keep their meaning.

This loss isn't from the paper. Only preparatory stages use it (`nst.transfer` says which); the last
stage, whose result is delivered, minimises Gatys' loss. docs/engine.md says what it gains.
"""

from __future__ import annotations

import torch
from torch import Tensor

_FLOOR = 1e-6
"""Directions with less than this fraction of the strongest one's energy are rounding errors."""


def power(matrix: Tensor, exponent: float) -> Tensor:
    """Return a power of a symmetric positive semidefinite matrix."""
    values, vectors = torch.linalg.eigh((matrix + matrix.T) / 2)
    result: Tensor = (vectors * values.clamp(min=1e-6) ** exponent) @ vectors.T
    return result


def bures(gram: Tensor, target_root: Tensor) -> tuple[float, Tensor]:
    """Return d² between the Gram matrix and A, given A^½ (C × C), and I − T (C × C)."""
    middle = target_root @ gram @ target_root
    values, vectors = torch.linalg.eigh((middle + middle.T) / 2)
    real = values > _FLOOR * values[-1]
    # Directions without energy have no gradient, and would divide by zero.
    values, turned = values[real], target_root @ vectors[:, real]
    distance = gram.trace() + target_root.square().sum() - 2 * values.sqrt().sum()
    pull = -(turned * values.rsqrt()) @ turned.T
    pull.diagonal().add_(1)
    return float(distance.clamp(min=0)), pull
