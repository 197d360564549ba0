"""Reads tensors one at a time from files of other people, which aren't trusted.

A `Checkpoint` knows its keys and reads one tensor of an expected shape at a time. Three formats
are read:

- PyTorch's zip, mapped into memory by `torch.load(..., weights_only=True)`: the 548 MB that
  torchvision's file has for classifying stay in the file;
- PyTorch's format before 1.6, by the same function. It can't be mapped, so an import takes the
  memory of the whole file: 80 MB for Gatys' file, 575 MB for one with the classifier;
- Keras' HDF5, by h5py, which is needed for these files alone.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import io
import pickle
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from weights.errors import WeightsRefused

H5PY = "h5py==3.16.0"
_ZIP = b"PK\x03\x04"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_EARLY = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)[:-1]
"""The first bytes of files by PyTorch before 1.6: torch.serialization.MAGIC_NUMBER, pickled."""

# Limits well above a VGG19's: its file has 600 MB, twice that in double precision; its pickle 5 kB.
_LARGEST_PICKLE = 1 << 20
_LARGEST_FILE = 1 << 31
_MOST_MEMBERS = 1000
_FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)

Shape = tuple[int, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Checkpoint:
    """A file of named tensors. `read` returns a contiguous float32 copy of one."""

    keys: frozenset[str]
    read: Callable[[str, Shape], Tensor]


@contextlib.contextmanager
def opened(path: Path, file: io.BufferedReader) -> Iterator[Checkpoint]:
    """Open a file of any of the three formats; `file` is `path`, already opened and a regular file.

    Any error while it is open is taken as the file's fault and raised as `WeightsRefused`.
    """
    file.seek(0)
    start = file.read(16)
    try:
        if start.startswith(_ZIP):
            yield _zip(path, file)
        elif start.startswith(_EARLY):
            yield _early(path)
        elif start.startswith(_HDF5):
            with _hdf5(file) as checkpoint:
                yield checkpoint
        else:
            raise WeightsRefused("neither a .pth of PyTorch nor an .h5 of Keras")
    except WeightsRefused:
        raise
    except pickle.UnpicklingError as error:
        raise WeightsRefused("holds something other than tensors; none of it was run") from error
    except MemoryError as error:
        raise WeightsRefused("asks for more memory than there is") from error
    # A hostile file can cause any error in any of the readers.
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsRefused(f"damaged or cut short ({reason[:120]})") from error


def _need(condition: bool, otherwise: str) -> None:
    if not condition:
        raise WeightsRefused(otherwise)


def _shaped(key: str, shape: Shape, wanted: Shape) -> None:
    found, right = "×".join(map(str, shape)), "×".join(map(str, wanted))
    _need(shape == wanted, f"{key} is {found[:40] or 'one number'}, not {right}")


def _zip(path: Path, file: io.BufferedReader) -> Checkpoint:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
    pickles = [member for member in members if Path(member.filename).name == "data.pkl"]
    _need(len(pickles) == 1, "a zip, but not one of PyTorch's files of tensors")
    plain = all(member.compress_type == zipfile.ZIP_STORED for member in members)
    _need(plain and len(members) <= _MOST_MEMBERS, "a zip that PyTorch did not write")
    _need(pickles[0].file_size <= _LARGEST_PICKLE, "has far too much beside its tensors")
    return _tensors(path, mmap=True)


def _early(path: Path) -> Checkpoint:
    _need(path.stat().st_size <= _LARGEST_FILE, "is far too large")
    return _tensors(path, mmap=False)


def _tensors(path: Path, *, mmap: bool) -> Checkpoint:
    """Read a file with `torch.load`, which runs no code from it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = torch.load(path, map_location="cpu", mmap=mmap, weights_only=True)
    _need(isinstance(state, dict), "holds no dictionary of tensors")

    def read(key: str, shape: Shape) -> Tensor:
        value = dict.__getitem__(state, key)
        plain = type(value) in (Tensor, torch.nn.Parameter) and value.layout is torch.strided
        _need(plain and value.dtype in _FLOATS, f"{key} is no tensor of floating point numbers")
        _shaped(key, tuple(value.shape), shape)
        copy: Tensor = value.detach().to("cpu", torch.float32, copy=True)
        return copy.contiguous()

    return Checkpoint(frozenset(key for key in dict.keys(state) if type(key) is str), read)


@contextlib.contextmanager
def _hdf5(file: io.BufferedReader) -> Iterator[Checkpoint]:
    try:
        h5py = importlib.import_module("h5py")
    except ImportError as error:
        raise WeightsRefused(f"needs h5py to be read: pip install {H5PY}") from error
    with h5py.File(file, "r") as root:
        datasets = dict(_datasets(h5py, root))

        def read(key: str, shape: Shape) -> Tensor:
            dataset = datasets[key]
            # Kernels are stored height × width × in × out.
            stored = shape if len(shape) == 1 else (shape[2], shape[3], shape[1], shape[0])
            _shaped(key, tuple(dataset.shape), stored)
            # Refuse data in other files, and filters that could unpack without end.
            plain = dataset.chunks is None and not dataset.is_virtual and dataset.external is None
            _need(plain, f"{key} is compressed or elsewhere, as in no file of Keras")
            numbers = torch.from_numpy(dataset[()].astype("float32"))
            return numbers if len(shape) == 1 else numbers.permute(3, 2, 0, 1).contiguous()

        yield Checkpoint(frozenset(datasets), read)


def _datasets(h5py: Any, root: Any) -> Iterator[tuple[str, Any]]:
    """Yield kernel and bias of every layer, named `layer.weight` and `layer.bias`.

    Old Keras files have them in layer/layer_W_1:0, newer ones in layer/layer/kernel:0, and whole
    models have all layers in model_weights. Only hard links are followed.
    """

    def inside(group: Any) -> Iterator[tuple[str, Any]]:
        _need(len(group) <= _MOST_MEMBERS, "has far too many parts")
        for name in group:
            if isinstance(group.get(name, getlink=True), h5py.HardLink):
                yield name, group[name]

    def leaves(group: Any, depth: int) -> Iterator[Any]:
        for _, member in inside(group):
            if isinstance(member, h5py.Dataset):
                yield member
            elif depth:
                yield from leaves(member, depth - 1)

    top = next((member for name, member in inside(root) if name == "model_weights"), root)
    for layer, group in inside(top):
        if not isinstance(group, h5py.Group):
            continue
        for dataset in leaves(group, 2):
            numeric = dataset.shape is not None and dataset.dtype.kind == "f"
            if numeric and len(dataset.shape) in (1, 4):
                yield f"{layer}.{'weight' if len(dataset.shape) == 4 else 'bias'}", dataset
