"""Counts the bytes of the tensors that are alive, without computing any of them."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

_aten = torch.ops.aten


class LiveBytes(TorchDispatchMode):
    """While it is entered, adds up what tensors on the device "meta" would take.

    These have a shape and no numbers; where a program asks for one, it gets a one. As in a real
    process it isn't the asking for memory that takes it, but the first writing to it.
    """

    def __init__(self, *elsewhere: Tensor) -> None:
        """Tensors `elsewhere` are not counted."""
        super().__init__()
        self.now = self.peak = 0
        self._sizes: dict[int, int] = {}
        """Of the storages that were written to, by their identity; 0 of what isn't counted."""
        for tensor in elsewhere:
            self.leave_out(tensor)

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func is _aten._local_scalar_dense.default:
            return 1.0
        result = func(*args, **(kwargs or {}))
        if func is _aten.convolution.default:  # as oneDNN and cuDNN do
            result = result.contiguous(memory_format=torch.channels_last)
        if func is not _aten.empty.memory_format and not func.is_view:
            for tensor in tree_leaves((result, kwargs)):
                if isinstance(tensor, Tensor):
                    self._count(tensor.untyped_storage())
        self.peak = max(self.peak, self.now)
        return result

    def leave_out(self, tensor: Tensor) -> Tensor:
        """Don't count this tensor."""
        self._add(tensor.untyped_storage(), 0)
        return tensor

    def _count(self, storage: torch.UntypedStorage) -> None:
        if id(storage) not in self._sizes:
            self._add(storage, storage.nbytes())

    def _add(self, storage: torch.UntypedStorage, size: int) -> None:
        self._sizes[id(storage)] = size
        self.now += size
        weakref.finalize(storage, self._gone, id(storage))

    def _gone(self, key: int) -> None:
        self.now -= self._sizes.pop(key)
