"""Converts other people's files of VGG19 weights to ours: conv1_1 … conv5_1 as safetensors.

All weights are converted to the same input convention: BGR, 0..255, minus a mean. Gatys' and Keras'
files have it already. torchvision's expect RGB, 0..1, minus a mean, divided by a deviation:

    (rgb / 255 − m) / s  =  (rgb − 255 m) / (255 s)

so conv1_1's kernel is divided by 255 s and its channels are reversed, and the mean stored with the
weights is 255 m. The bias stays as it is. The conversion is exact, even at the border: zero padding
means the mean pixel in both conventions.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import io
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors import TensorSpec, serialize_file
from torch import Tensor

from weights import Source, packaged, store
from weights.checkpoints import Checkpoint, opened
from weights.decode import MEAN_BGR, SHAPES, load
from weights.errors import WeightsCorrupt, WeightsMissing, WeightsRefused
from weights.packed import dense

_LARGEST_FILE = 2 << 30
"""A whole VGG19 has 575 MB, twice that in double precision."""

# torchvision.transforms' normalisation, RGB.
TORCHVISION_MEAN = (0.485, 0.456, 0.406)
TORCHVISION_DEVIATION = (0.229, 0.224, 0.225)


@dataclasses.dataclass(frozen=True, slots=True)
class _Family:
    """A kind of file, by the names that it has for our layers."""

    title: str
    names: dict[str, str]
    """The file's name, without `.weight` and `.bias`, of each layer (conv1_1 …)."""
    normalised: bool = False


def _torchvision_names() -> dict[str, str]:
    """Return torchvision's names; its `features` numbers every convolution, ReLU and pooling."""
    names, index, block = {}, 0, "1"
    for name in SHAPES:
        index += name[4] != block
        block = name[4]
        names[name] = f"features.{index}"
        index += 2
    return names


GATYS = _Family("Gatys", {name: name for name in SHAPES})
KERAS = _Family("Keras", {name: f"block{name[4]}_conv{name[6]}" for name in SHAPES})
TORCHVISION = _Family("torchvision", _torchvision_names(), normalised=True)


def import_file(path: Path) -> Source:
    """Import the weights of a file, and use them from now on.

    Raises `WeightsRefused`, in which case nothing has changed.
    """
    with _plain(path) as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        with opened(path, file) as checkpoint:
            family = _family(checkpoint)
            layers = {name: _layer(checkpoint, family, name) for name in SHAPES}
    mean = MEAN_BGR
    wants = "BGR, 0..255, minus a mean"
    if family.normalised and not _is_original(layers["conv1_1"][0]):
        wants = "RGB, 0..1, normalised"
        layers["conv1_1"] = (_unnormalised(layers["conv1_1"][0]), layers["conv1_1"][1])
        red, green, blue = (255 * m for m in TORCHVISION_MEAN)
        mean = (blue, green, red)
    about = {
        "format": "pt",
        "convention": "BGR, 0..255, minus mean",
        "mean": json.dumps(mean),
        "source": path.name[:200].encode(errors="replace").decode(),
        "source_family": family.title,
        "source_convention": wants,
        "source_sha256": sha256,
    }
    try:
        return _kept(layers, about)
    except OSError as error:
        raise WeightsRefused(f"can't write to {store.folder()}: {error.strerror}") from error


@contextlib.contextmanager
def _plain(path: Path) -> Iterator[io.BufferedReader]:
    """Open a regular file; raises `WeightsRefused` for links, folders, devices and large ones."""
    flags = os.O_RDONLY
    for name in ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"):
        flags |= getattr(os, name, 0)
    if path.is_symlink():
        raise WeightsRefused("a symbolic link; name the file itself")
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no file's name"
        raise WeightsRefused(reason[0].lower() + reason[1:]) from error
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe or device"
        raise WeightsRefused(f"{kind}, not a file")
    with os.fdopen(descriptor, "rb") as file:
        if found.st_size > _LARGEST_FILE:
            raise WeightsRefused(f"{found.st_size / 1e9:,.1f} GB: no VGG19 is as large")
        yield file


def _family(checkpoint: Checkpoint) -> _Family:
    """Return the kind of file by its keys; raises `WeightsRefused` if a layer is missing."""
    for family in (GATYS, KERAS, TORCHVISION):
        keys = [f"{name}.{part}" for name in family.names.values() for part in ("weight", "bias")]
        if keys[0] not in checkpoint.keys:
            continue
        missing = [key for key in keys if key not in checkpoint.keys]
        if missing:
            others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            raise WeightsRefused(f"no VGG19: it lacks {missing[0]}{others}")
        return family
    raise WeightsRefused("no VGG19 of Gatys, Keras or torchvision: none of their names is in it")


def _layer(checkpoint: Checkpoint, family: _Family, name: str) -> tuple[Tensor, Tensor]:
    """Return a layer's kernel and bias, float32; raises `WeightsRefused` if any isn't finite."""
    out, into = SHAPES[name]
    key = family.names[name]
    kernel = checkpoint.read(f"{key}.weight", (out, into, 3, 3))
    bias = checkpoint.read(f"{key}.bias", (out,))
    for tensor, part in ((kernel, "weight"), (bias, "bias")):
        if not tensor.isfinite().all():
            raise WeightsRefused(f"{key}.{part} has values that are no numbers")
    return kernel, bias


def _is_original(kernel: Tensor) -> bool:
    """Return whether this conv1_1 is that of the packaged, original weights.

    The original weights also circulate under torchvision's names, but with their own convention.
    Their kernels for RGB and BGR differ far more than by rounding (cosine 0.84).
    """
    try:
        ours = dense(load(source=packaged(), names=["conv1_1"]).layers["conv1_1"][0])
    except (WeightsMissing, WeightsCorrupt):
        return False
    return bool(torch.cosine_similarity(kernel.flatten(), ours.flatten(), dim=0) > 0.99)


def _unnormalised(kernel: Tensor) -> Tensor:
    """Convert conv1_1 from RGB, 0..1, divided by the deviation, to BGR, 0..255."""
    scale = 255 * torch.tensor(TORCHVISION_DEVIATION, dtype=torch.float64).view(1, 3, 1, 1)
    return (kernel.double() / scale).flip(1).float().contiguous()


def _kept(layers: dict[str, tuple[Tensor, Tensor]], about: dict[str, str]) -> Source:
    """Write the layers to a file, record its SHA-256, and use it from now on."""
    tensors = {}
    for name, (kernel, bias) in layers.items():
        tensors[f"{name}.weight"], tensors[f"{name}.bias"] = kernel, bias
    # By address, because the package's function for tensors needs numpy, which a bot doesn't have.
    specs = {
        key: TensorSpec(
            dtype="float32",
            shape=list(t.shape),
            data_ptr=t.data_ptr(),
            data_len=t.numel() * t.element_size(),
        )
        for key, t in tensors.items()
    }
    draft = store.draft()
    try:
        serialize_file(specs, draft, metadata=about)
        with draft.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        size = draft.stat().st_size
        imported = store.keep(draft, sha256)
    finally:
        draft.unlink(missing_ok=True)
    return Source(imported.path, size, "imported", sha256)
