"""What the way back needs of most maps: where they are positive, one bit a number.

No kernel of the network changes, so a convolution's gradient doesn't look at its input, and a
ReLU's only at the sign of its output. The numbers themselves are wanted in a handful of layers,
where a loss compares them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import torch
from torch import Tensor

from nst.network.vgg import as_matrix

_CHUNK = 1 << 18
"""Numbers at a time: few enough to stay in the cache."""


@dataclasses.dataclass(frozen=True, slots=True)
class Signs:
    """The signs of a map's numbers, in the order of its memory.

    A chunk of them is taken as eight rows, and bit k of a byte is that of row k: so the bytes are
    a product of matrices, and come apart again by vectors' operations alone.
    """

    bits: Tensor
    """uint8, an eighth as many as there were numbers."""

    @classmethod
    def of(cls, y: Tensor) -> Signs:
        """Of a stripe 1 × C × h × w after its ReLU, channels last, C a multiple of 8."""
        numbers = as_matrix(y).view(-1)
        bits = torch.empty(numbers.numel() // 8, dtype=torch.uint8, device=y.device)
        values = _powers(y.dtype, y.device)
        for whole, part in _chunks(numbers, bits):
            # At most 255: exact even in bfloat16.
            part.copy_(values @ whole.view(8, -1).sign())
        return cls(bits)

    def mask_(self, g: Tensor) -> None:
        """Backward through the ReLU in place: `g`, laid out as the map was, or 0."""
        numbers = as_matrix(g).view(-1)
        values = _powers(torch.uint8, g.device).view(8, 1)
        for whole, part in _chunks(numbers, self.bits):
            mask_(whole, (part & values).to(g.dtype).view(-1))


def mask_(g: Tensor, y: Tensor) -> None:
    """Backward through a ReLU in place: `g` where the output `y` is positive, else 0."""
    torch.ops.aten.threshold_backward.grad_input(g, y, 0, grad_input=g)


def _chunks(numbers: Tensor, bits: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Some numbers after others, and their bytes."""
    for start in range(0, numbers.numel(), _CHUNK):
        yield numbers[start : start + _CHUNK], bits[start // 8 : (start + _CHUNK) // 8]


def _powers(dtype: torch.dtype, device: torch.device) -> Tensor:
    """1, 2, 4 … 128."""
    places = torch.arange(8, dtype=torch.uint8, device=device)
    return torch.ones_like(places).bitwise_left_shift_(places).to(dtype)
