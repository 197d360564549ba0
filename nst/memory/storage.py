"""Keeps large tensors that are rarely accessed in memory or in files.

The optimiser's history and the maps between the network's units are read sequentially, once or
twice per evaluation. If they are in a memory-mapped file, the kernel can write them out when memory
is short, and reads them ahead of their use. Such pages aren't anonymous memory: a container can
reclaim them without killing a process.
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
    """Creates tensors in the memory of `device`, or in files in `folder`."""

    def __init__(
        self,
        folder: Path | None = None,
        device: str | torch.device = "cpu",
        heap: Heap = LEFT_ALONE,
    ) -> None:
        """Raises ValueError for a folder with a device other than the CPU."""
        if folder is not None and torch.device(device).type != "cpu":
            raise ValueError(f"no files for tensors on {device}")
        self._folder = folder
        self._device = device
        self._heap = heap

    def empty(self, shape: Sequence[int], dtype: torch.dtype = torch.float32) -> Tensor:
        """Return an uninitialised tensor of this shape; raises OSError if the disk is full."""
        count = 1
        for length in shape:
            count *= length
        if self._folder is None or count == 0:
            return torch.empty(tuple(shape), dtype=dtype, device=self._device)
        return self._mapped(count, dtype).view(*shape)

    def map(self, channels: int, rows: int, columns: int, dtype: torch.dtype) -> Tensor:
        """Return an uninitialised map, 1 × channels × rows × columns, channels last in memory."""
        return self.empty((1, rows, columns, channels), dtype).permute(0, 3, 1, 2)

    def keep(self, x: Tensor) -> Tensor:
        """Return `x` itself or, if tensors are kept in files, a copy with the same layout."""
        if self._folder is None or x.numel() == 0:
            return x
        if x.dim() != 4:
            return self.empty(x.shape, x.dtype).copy_(x)
        _, channels, rows, columns = x.shape
        return self.map(channels, rows, columns, x.dtype).copy_(x)

    def tidy(self) -> None:
        """Return freed memory to the system, if tensors are kept in files.

        Called between units and between channels: both leave large free blocks on the heap, which
        later tensors fill only in part.
        """
        if self._folder is not None:
            self._heap.trim()

    def _mapped(self, count: int, dtype: torch.dtype) -> Tensor:
        handle, name = tempfile.mkstemp(prefix="nst-", dir=self._folder)
        try:
            # Reserve the space now: writing to a mapping on a full disk would kill the process.
            if hasattr(os, "posix_fallocate"):  # not on macOS
                os.posix_fallocate(handle, 0, count * dtype.itemsize)
            return torch.from_file(name, shared=True, size=count, dtype=dtype)
        finally:
            os.close(handle)
            Path(name).unlink()  # The mapping remains valid, and no file is ever left behind.


MEMORY = Storage()
