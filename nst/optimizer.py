"""A small L-BFGS that needs little memory and returns control between evaluations.

It differs from the usual one in three ways. It works in a space where all frequencies of the image
have about the same curvature (`Preconditioner`), so that large patches of colour move as early as
fine strokes. Its pairs are kept in bfloat16: 16 numbers of history per number of the image take 32
bytes instead of 64. And it accepts a first guess of the curvature, so that the first step at a new
scale isn't blind.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator

import torch
from torch import Tensor

from nst.memory.storage import MEMORY, Storage

ALPHA = 0.5
FIRST_STEP = 2.0
"""Root mean square of the very first step, in the optimiser's space."""


class Preconditioner:
    """S = F⁻¹ · s(f) · F with s ∝ f^(−alpha), F the 2-D Fourier transform; S is symmetric.

    Minimising over z with x = S z: the gradient is S g, and a step d in z is the step S d in x.
    """

    def __init__(
        self,
        height: int,
        width: int,
        alpha: float = ALPHA,
        device: str = "cpu",
        storage: Storage = MEMORY,
    ) -> None:
        rows = torch.fft.fftfreq(height, device=device).view(-1, 1)
        columns = torch.fft.rfftfreq(width, device=device).view(1, -1)
        frequency = torch.hypot(rows, columns).clamp_(min=1 / max(height, width))
        self._gain = (2 * frequency) ** -alpha
        self._storage = storage

    def apply_(self, x: Tensor) -> Tensor:
        """Replace x (1 × 3 × H × W) by S x, one channel at a time to keep the spectra small."""
        for channel in x[0]:
            self._storage.tidy()
            spectrum = torch.fft.rfft2(channel)
            spectrum *= self._gain
            channel.copy_(torch.fft.irfft2(spectrum, s=channel.shape))
        return x


class LBFGS:
    """Limited-memory BFGS with unit steps (Nocedal and Wright, algorithm 7.4)."""

    def __init__(
        self,
        history: int,
        curvature: float | None = None,
        dtype: torch.dtype = torch.bfloat16,
        storage: Storage = MEMORY,
    ) -> None:
        """`curvature` is a guess of sᵀy / yᵀy for the first step, taken from an earlier run."""
        self.curvature = curvature
        self._pairs: collections.deque[tuple[Tensor, Tensor, float]] = collections.deque(
            maxlen=history
        )
        self._dtype = dtype
        self._storage = storage
        self._last: Tensor | None = None
        self._gradient: Tensor | None = None

    def step_(self, g: Tensor) -> Tensor:
        """Turn the gradient `g` at the current point, in place, into the step to take from there.

        The caller must take that step.
        """
        if self._last is not None:
            self._remember(self._last, g)
        if self._gradient is None:
            self._gradient = self._storage.empty(g.shape)
        self._gradient.copy_(g)
        if self.curvature is None:
            g *= -FIRST_STEP / float(g.square().mean().sqrt().clamp(min=1e-30))
        else:
            self._two_loops(g)
        self._last = self._storage.empty(g.shape, self._dtype).copy_(g)
        return g

    @property
    def pairs(self) -> int:
        return len(self._pairs)

    def _remember(self, s: Tensor, g: Tensor) -> None:
        assert self._gradient is not None
        y = self._storage.empty(g.shape, self._dtype)
        for part in _parts(g.numel()):
            y.view(-1)[part] = g.view(-1)[part] - self._gradient.view(-1)[part]
        sy, yy = _dot(s, y), _dot(y, y)
        if sy > 1e-8 * yy * (self.curvature or 0.0) and sy > 0:
            self._pairs.append((s, y, sy))
            self.curvature = sy / yy

    def _two_loops(self, q: Tensor) -> None:
        """Replace the gradient `q` by minus the inverse Hessian's product with it."""
        assert self.curvature is not None
        q.neg_()
        shares = []
        for s, y, sy in reversed(self._pairs):
            share = _dot(s, q) / sy
            q.add_(y, alpha=-share)
            shares.append(share)
        q *= self.curvature
        for (s, y, sy), share in zip(self._pairs, reversed(shares), strict=True):
            q.add_(s, alpha=share - _dot(y, q) / sy)


def _parts(count: int) -> Iterator[slice]:
    """Yield slices of a million numbers, to keep float32 copies and differences small."""
    for start in range(0, count, 1 << 20):
        yield slice(start, start + (1 << 20))


def _dot(a: Tensor, b: Tensor) -> float:
    """Return the inner product, computed in float32."""
    a, b = a.view(-1), b.view(-1)
    return sum(float(torch.dot(a[part].float(), b[part].float())) for part in _parts(len(a)))
