"""Stores where a map is positive, one bit per number: all that backward needs of most maps.

The network's kernels don't change, so a convolution's gradient doesn't depend on its input, and a
ReLU's depends only on the sign of its output. The values themselves are needed only in the few
layers where a loss compares them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import torch
from torch import Tensor

from nst.network.vgg import as_matrix

_CHUNK = 1 << 18
"""Numbers to process at a time: few enough to stay in the cache."""


@dataclasses.dataclass(frozen=True, slots=True)
class Signs:
    """The signs of a map's numbers, in the order of its memory.

    A chunk of numbers is viewed as eight rows, and bit k of a byte is the sign in row k. So packing
    is one matrix product, and unpacking needs only element-wise operations.
    """

    bits: Tensor
    """uint8, an eighth as many as there were numbers."""

    @classmethod
    def of(cls, y: Tensor) -> Signs:
        """Return the signs of a stripe (1 × C × h × w) after its ReLU.

        The stripe is channels last, and C a multiple of 8.
        """
        numbers = as_matrix(y).view(-1)
        bits = torch.empty(numbers.numel() // 8, dtype=torch.uint8, device=y.device)
        values = _powers(y.dtype, y.device)
        for whole, part in _chunks(numbers, bits):
            # The sums are at most 255, so they are exact even in bfloat16.
            part.copy_(values @ whole.view(8, -1).sign())
        return cls(bits)

    def mask_(self, g: Tensor) -> None:
        """Go back through the ReLU in place: set `g`, laid out like the map, to 0 where that is."""
        numbers = as_matrix(g).view(-1)
        values = _powers(torch.uint8, g.device).view(8, 1)
        for whole, part in _chunks(numbers, self.bits):
            mask_(whole, (part & values).to(g.dtype).view(-1))


def mask_(g: Tensor, y: Tensor) -> None:
    """Go back through a ReLU in place: set `g` to 0 where the output `y` isn't positive."""
    torch.ops.aten.threshold_backward.grad_input(g, y, 0, grad_input=g)


def _chunks(numbers: Tensor, bits: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield one chunk of the numbers after another, each with its bytes."""
    for start in range(0, numbers.numel(), _CHUNK):
        yield numbers[start : start + _CHUNK], bits[start // 8 : (start + _CHUNK) // 8]


def _powers(dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return the eight powers of two from 1 to 128."""
    places = torch.arange(8, dtype=torch.uint8, device=device)
    return torch.ones_like(places).bitwise_left_shift_(places).to(dtype)
