"""A device that isn't the processor, for machines that have no other.

It goes by the name of "meta", which every build of torch knows. Its tensors carry numbers of the
processor's and compute with them, so the results are the processor's bit for bit; but an operation
that mixes tensors of both is refused, as CUDA would refuse it, unless it copies between them.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

NAME = "meta"
_COPIES = ("aten::copy_", "aten::_to_copy")


class Away(Tensor):
    """A tensor there; `inner` are its numbers."""

    inner: Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, inner: Tensor) -> Away:
        made = Tensor._make_wrapper_subclass(
            cls,
            inner.shape,
            strides=inner.stride(),
            storage_offset=inner.storage_offset(),
            dtype=inner.dtype,
            device=NAME,
        )
        made.inner = inner
        return made

    @classmethod
    def __torch_dispatch__(
        cls, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        return _run(func, args, kwargs or {})


class Elsewhere(TorchDispatchMode):
    """While it is entered, that device is there; `operations` counts what was done on it."""

    operations = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        out = _run(func, args, kwargs or {})
        self.operations += any(isinstance(leaf, Away) for leaf in tree_leaves(out))
        return out


def _run(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
    away = [leaf for leaf in given if isinstance(leaf, Away)]
    name = func._schema.name
    if 0 < len(away) < len(given) and name not in _COPIES:
        raise AssertionError(f"{name} mixes devices: {[(t.shape, t.device) for t in given]}")
    asked = kwargs.get("device")
    there = torch.device(asked).type == NAME if asked is not None else bool(away)
    if name == "aten::copy_":
        there = isinstance(args[0], Away)
    if asked is not None:
        kwargs = {**kwargs, "device": "cpu"}
    own = {id(tensor.inner): tensor for tensor in away}

    def inner(value: Any) -> Any:
        return value.inner if isinstance(value, Away) else value

    def outer(value: Any) -> Any:
        if not isinstance(value, Tensor):
            return value
        # What worked in place gives back the very tensor that it was given.
        return own[id(value)] if id(value) in own else Away(value) if there else value

    return tree_map(outer, func(*tree_map(inner, args), **tree_map(inner, kwargs)))
