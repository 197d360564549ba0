"""Packed kernels, as in the package: a quarter of the memory, for some milliseconds per use."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

SLAB = 64
"""Channels of the output to unpack at a time: indices take four times as much memory meanwhile."""
_ALL = slice(None)


@dataclasses.dataclass(frozen=True, slots=True)
class Packed:
    """A kernel that is table[indices]."""

    indices: Tensor
    """Out × in × 3 × 3, channels last, one byte each."""
    table: Tensor
    """256 values."""

    @property
    def shape(self) -> torch.Size:
        return self.indices.shape

    @property
    def dtype(self) -> torch.dtype:
        return self.table.dtype

    @property
    def device(self) -> torch.device:
        return self.table.device


Kernel = Tensor | Packed
"""Out × in × 3 × 3, channels last."""


def dense(kernel: Kernel, out: slice = _ALL, into: slice = _ALL) -> Tensor:
    """Return the kernels of these channels, out × in × 3 × 3, channels last, as a view if possible.

    Unpacking takes eight bytes per number, four of which are freed again.
    """
    if isinstance(kernel, Tensor):
        return kernel[out, into]
    indices = kernel.indices[out, into]
    if len(indices) <= SLAB:
        return _look_up(indices, kernel.table)
    made = torch.empty(
        indices.shape, dtype=kernel.dtype, memory_format=torch.channels_last, device=kernel.device
    )
    for start in range(0, len(indices), SLAB):
        made[start : start + SLAB] = _look_up(indices[start : start + SLAB], kernel.table)
    return made


def _look_up(indices: Tensor, table: Tensor) -> Tensor:
    lasting = indices.permute(0, 2, 3, 1)
    return table.index_select(0, lasting.flatten().int()).view(lasting.shape).permute(0, 3, 1, 2)
