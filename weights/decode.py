"""Decodes a file of weights into tensors, layer by layer to save memory."""

from __future__ import annotations

import dataclasses
import json
import pickle
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from weights import Source, WeightsCorrupt, find, store, verify
from weights.packed import Kernel, Packed, dense

# conv1_1 … conv5_1 with (out, in) channels; Gatys' losses use no deeper layers.
SHAPES: dict[str, tuple[int, int]] = {
    "conv1_1": (64, 3),
    "conv1_2": (64, 64),
    "conv2_1": (128, 64),
    "conv2_2": (128, 128),
    "conv3_1": (256, 128),
    "conv3_2": (256, 256),
    "conv3_3": (256, 256),
    "conv3_4": (256, 256),
    "conv4_1": (512, 256),
    "conv4_2": (512, 512),
    "conv4_3": (512, 512),
    "conv4_4": (512, 512),
    "conv5_1": (512, 512),
}
# The mean pixel of the network's training, 0..255, in the order blue, green, red.
MEAN_BGR = (103.939, 116.779, 123.68)


@dataclasses.dataclass(frozen=True, slots=True)
class Weights:
    """Kernels and biases of conv1_1 … conv5_1 for images in BGR, 0..255, minus `mean`.

    Other conventions (RGB, 0..1, divided by a deviation) are folded into conv1_1 when a file is
    imported, so that the network needs only this one.
    """

    layers: Mapping[str, tuple[Kernel, Tensor]]
    """Kernel (out, in, 3, 3), channels last, and bias (out,) of each layer."""
    mean: tuple[float, float, float] = MEAN_BGR

    def to(self, device: str) -> Weights:
        """Return the weights on that device; packed kernels that have to move are unpacked."""
        layers: dict[str, tuple[Kernel, Tensor]] = {}
        for name, (kernel, bias) in self.layers.items():
            there = kernel.device == torch.device(device)
            layers[name] = (kernel if there else dense(kernel).to(device)), bias.to(device)
        return dataclasses.replace(self, layers=layers)


def load(
    dtype: torch.dtype = torch.float32,
    source: Source | None = None,
    names: Iterable[str] = tuple(SHAPES),
    *,
    packed: bool = False,
) -> Weights:
    """Decode the layers as `dtype`: 52 MB as float32, 26 MB as bfloat16, in about 0.1 s.

    With `packed`, kernels stay packed, 13 MB, except those of imported weights, which never are.
    Raises `WeightsMissing` and `WeightsCorrupt`.
    """
    source = source or find()
    verify(source)
    try:
        if source.kind == "imported":
            return _imported(source, dtype, names)
        # The 20 MB of indices are held only during this call, before any picture is processed.
        state = torch.load(source.path, map_location="cpu", weights_only=True)
        return Weights({name: _layer(state, name, dtype, packed) for name in names})
    except (KeyError, RuntimeError, ValueError, pickle.UnpicklingError) as error:
        raise WeightsCorrupt(f"{source.path} can't be decoded: {error}") from error


def _imported(source: Source, dtype: torch.dtype, names: Iterable[str]) -> Weights:
    """Read the layers of a safetensors file, which is mapped into memory, one at a time."""
    from safetensors import SafetensorError, safe_open

    layers = {}
    try:
        blue, green, red = (float(m) for m in json.loads(store.metadata(source.path)["mean"]))
        for name in names:
            # Opened again for each layer, so that the previous layer's pages are released.
            with safe_open(source.path, framework="pt") as file:
                kernel, bias = file.get_tensor(f"{name}.weight"), file.get_tensor(f"{name}.bias")
            out, into = SHAPES[name]
            if kernel.shape != (out, into, 3, 3) or bias.shape != (out,):
                raise ValueError(f"{name} has shape {tuple(kernel.shape)}")
            copy = torch.empty(kernel.shape, dtype=dtype, memory_format=torch.channels_last)
            layers[name] = copy.copy_(kernel), bias.to(dtype, copy=True)
    except (SafetensorError, TypeError) as error:
        raise WeightsCorrupt(f"{source.path} can't be decoded: {error}") from error
    return Weights(layers, (blue, green, red))


def _layer(
    state: dict[str, Tensor], name: str, dtype: torch.dtype, packed: bool
) -> tuple[Kernel, Tensor]:
    """Return copies of one layer's kernel and bias."""
    out, into = SHAPES[name]
    key = f"block{name[4]}_conv{name[6]}"
    indices, table, bias = state[f"{key}_W_q"], state[f"{key}_W_table"], state[f"{key}_b"]
    if indices.shape != (out, into, 3, 3) or table.shape != (256,) or bias.shape != (out,):
        raise ValueError(f"{name} has shape {tuple(indices.shape)}")
    lasting = torch.empty_like(indices, memory_format=torch.channels_last).copy_(indices)
    kernel = Packed(lasting, table.to(torch.float32, copy=True).to(dtype))
    return (kernel if packed else dense(kernel)), bias.to(torch.float32, copy=True).to(dtype)
