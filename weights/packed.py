"""A kernel as it lies in the package: a quarter of the memory, and some milliseconds a use."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

SLAB = 64
"""Channels of the output whose kernels are unpacked at a time: indices grow fourfold on the way."""
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
    """The kernels of these channels, out × in × 3 × 3, channels last; a view where it can be one.

    What is unpacked takes eight bytes a number for a moment, half of them no longer than that.
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
