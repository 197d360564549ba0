"""Files as others make them, with random weights."""

from __future__ import annotations

import io
from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from weights.decode import SHAPES
from weights.importing import KERAS, TORCHVISION

State = dict[str, Tensor]

CLASSIFIER = {
    "classifier.0": (4096, 25088),
    "classifier.3": (4096, 4096),
    "classifier.6": (1000, 4096),
}


def random_layers(seed: int = 0) -> State:
    """conv1_1 … conv5_1 under our names; as large as keeps feature maps of one size."""
    generator = torch.Generator().manual_seed(seed)
    state = OrderedDict()
    for name, (out, into) in SHAPES.items():
        spread = (2 / (9 * into)) ** 0.5
        state[f"{name}.weight"] = torch.randn(out, into, 3, 3, generator=generator) * spread
        state[f"{name}.bias"] = torch.randn(out, generator=generator) * 0.1
    return state


def with_deeper_layers(state: State, first: int = 2) -> State:
    """conv5_2 … conv5_4 too, which we never need."""
    deeper = OrderedDict(state)
    for number in range(first, 5):
        deeper[f"conv5_{number}.weight"] = torch.zeros(512, 512, 3, 3)
        deeper[f"conv5_{number}.bias"] = torch.zeros(512)
    return deeper


def as_torchvision(state: State, classifier: bool = False) -> State:
    """The names of torchvision; with the classifier it is the whole model of 548 MB."""
    renamed: State = OrderedDict()
    for name, number in TORCHVISION.names.items():
        renamed[f"{number}.weight"] = state[f"{name}.weight"]
        renamed[f"{number}.bias"] = state[f"{name}.bias"]
    for number in (30, 32, 34):
        renamed[f"features.{number}.weight"] = torch.zeros(512, 512, 3, 3)
        renamed[f"features.{number}.bias"] = torch.zeros(512)
    for name, (out, into) in CLASSIFIER.items() if classifier else ():
        renamed[f"{name}.weight"] = torch.zeros(out, into)
        renamed[f"{name}.bias"] = torch.zeros(out)
    return renamed


def save(state: Any, path: Path, legacy: bool) -> None:
    """As torch does, in its zip or in its early format; what is all zeros becomes a hole."""
    with path.open("wb") as file:
        torch.save(state, _Sparse(file), _use_new_zipfile_serialization=not legacy)
        file.truncate(file.tell())


class _Sparse:
    """Writes holes for long runs of zeros."""

    _PIECE = 1 << 20

    def __init__(self, file: io.BufferedWriter) -> None:
        self._file = file

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        for start in range(0, len(view), self._PIECE):
            piece = bytes(view[start : start + self._PIECE])
            if len(piece) == self._PIECE and piece.count(0) == len(piece):
                self._file.seek(len(piece), io.SEEK_CUR)
            else:
                self._file.write(piece)
        return len(view)

    def flush(self) -> None:
        self._file.flush()


def save_keras(state: State, path: Path, style: str = "old") -> None:
    """As Keras 1 ("old") or TensorFlow's Keras ("new") does, or within a whole model ("whole")."""
    import h5py

    with h5py.File(path, "w") as file:
        top = file.create_group("model_weights") if style == "whole" else file
        top.create_group("input_1")
        for name, theirs in KERAS.names.items():
            group = top.create_group(theirs)
            kernel, bias = f"{theirs}_W_1:0", f"{theirs}_b_1:0"
            if style != "old":
                kernel, bias = f"{theirs}/kernel:0", f"{theirs}/bias:0"
            hwio = state[f"{name}.weight"].permute(2, 3, 1, 0).contiguous()
            group.create_dataset(kernel, data=hwio.numpy())
            group.create_dataset(bias, data=state[f"{name}.bias"].numpy())
            group.attrs["weight_names"] = [kernel.encode(), bias.encode()]
