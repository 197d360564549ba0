"""Where large tensors that are touched rarely are kept: in memory, or in files.

An image's optimiser history and the maps between the network's units are gone over from one end
to the other, once or twice an evaluation. In a file that is mapped into memory the kernel can
write them out when memory is short, and reads them again ahead of their use; what is mapped so is
no anonymous memory, and a container may take it away without killing anybody.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from nst.machine.heap import LEFT_ALONE, Heap


class Storage:
    """Makes tensors in the memory of `device`, or in files under `folder`."""

    def __init__(
        self,
        folder: Path | None = None,
        device: str | torch.device = "cpu",
        heap: Heap = LEFT_ALONE,
    ) -> None:
        """Files hold tensors of the processor only; ValueError for others."""
        if folder is not None and torch.device(device).type != "cpu":
            raise ValueError(f"no files for tensors on {device}")
        self._folder = folder
        self._device = device
        self._heap = heap

    def empty(self, shape: Sequence[int], dtype: torch.dtype = torch.float32) -> Tensor:
        """An uninitialised tensor of this shape; raises OSError where the disk is full."""
        count = 1
        for length in shape:
            count *= length
        if self._folder is None or count == 0:
            return torch.empty(tuple(shape), dtype=dtype, device=self._device)
        return self._mapped(count, dtype).view(*shape)

    def map(self, channels: int, rows: int, columns: int, dtype: torch.dtype) -> Tensor:
        """An uninitialised map 1 × channels × rows × columns, channels last in memory."""
        return self.empty((1, rows, columns, channels), dtype).permute(0, 3, 1, 2)

    def keep(self, x: Tensor) -> Tensor:
        """`x` itself, or where this is in files a copy there, in the same order of memory."""
        if self._folder is None or x.numel() == 0:
            return x
        if x.dim() != 4:
            return self.empty(x.shape, x.dtype).copy_(x)
        _, channels, rows, columns = x.shape
        return self.map(channels, rows, columns, x.dtype).copy_(x)

    def tidy(self) -> None:
        """Where memory is short, give back what lies free.

        Between units it is what one's stripes have left behind; between channels of a poster what
        took the place of that: a large tensor fills whichever hole it fits, and the hole stays.
        """
        if self._folder is not None:
            self._heap.trim()

    def _mapped(self, count: int, dtype: torch.dtype) -> Tensor:
        handle, name = tempfile.mkstemp(prefix="nst-", dir=self._folder)
        try:
            # Room is taken now: a write to a mapping of a full disk would be the process's end.
            if hasattr(os, "posix_fallocate"):  # not on macOS
                os.posix_fallocate(handle, 0, count * dtype.itemsize)
            return torch.from_file(name, shared=True, size=count, dtype=dtype)
        finally:
            os.close(handle)
            Path(name).unlink()  # The mapping outlives the name: nothing is ever left behind.


MEMORY = Storage()
