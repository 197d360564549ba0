"""The folder of imported weights: one file of tensors, and a record of it, replaced atomically.

This module doesn't import torch, since finding and verifying weights must not.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Literal

from weights.errors import WeightsCorrupt, WeightsMissing, WeightsRefused

Kind = Literal["packaged", "imported"]

VARIABLE = "WEIGHTS_DIR"
RECORD = "imported.json"
_TENSORS = re.compile(r"vgg19-[0-9a-f]{16}\.safetensors")
_DRAFT = ".draft-"
_LARGEST_HEADER = 1 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Imported:
    """The contents of the record."""

    path: Path
    sha256: str
    in_use: bool


def folder() -> Path:
    """Return the folder of imported weights: `WEIGHTS_DIR`, or `imported` in this package."""
    chosen = os.environ.get(VARIABLE, "").strip()
    return Path(chosen).expanduser() if chosen else Path(__file__).resolve().parent / "imported"


def read() -> Imported | None:
    """Return the imported weights, if any; raises `WeightsMissing` for an unreadable record."""
    record = folder() / RECORD
    try:
        fields = json.loads(record.read_bytes())
        name, sha256, use = fields["file"], fields["sha256"], fields["use"]
        if not _TENSORS.fullmatch(name) or not re.fullmatch("[0-9a-f]{64}", sha256):
            raise ValueError
        if use not in ("packaged", "imported"):
            raise ValueError
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise WeightsMissing(
            f"{record} can't be read; `python -m weights forget` goes back to the packaged weights"
        ) from error
    return Imported(record.parent / name, sha256, use == "imported")


def draft() -> Path:
    """Create an empty file in the folder, to be written and then kept or removed."""
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=_DRAFT, dir=place)
    os.close(handle)
    return Path(name)


def keep(tensors: Path, sha256: str) -> Imported:
    """Make a draft the imported weights, and use them from now on."""
    path = folder() / f"vgg19-{sha256[:16]}.safetensors"
    tensors.chmod(0o644)  # The bot may run as a different user.
    _to_disk(tensors)
    tensors.replace(path)
    imported = Imported(path, sha256, in_use=True)
    _write(imported)
    _remove_all_but(path.name)
    return imported


def use(kind: Kind) -> None:
    """Choose between the imported and the packaged weights, without removing either.

    Raises `WeightsRefused` if nothing is imported.
    """
    imported = read()
    if imported is None:
        if kind == "imported":
            raise WeightsRefused("nothing is imported: python -m weights import FILE")
        return
    _write(dataclasses.replace(imported, in_use=kind == "imported"))


def forget() -> bool:
    """Remove the imported weights; return whether there were any."""
    try:
        (folder() / RECORD).unlink()
        found = True
    except FileNotFoundError:
        found = False
    _remove_all_but(None)
    return found


def metadata(path: Path) -> dict[str, str]:
    """Return the metadata in the header of a safetensors file; raises `WeightsCorrupt`."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > _LARGEST_HEADER:
                raise ValueError
            texts = json.loads(file.read(length)).get("__metadata__", {})
        return {str(name): str(text) for name, text in texts.items()}
    except (OSError, ValueError, AttributeError) as error:
        raise WeightsCorrupt(f"{path} has no readable header") from error


def _write(imported: Imported) -> None:
    fields = {
        "file": imported.path.name,
        "sha256": imported.sha256,
        "use": "imported" if imported.in_use else "packaged",
    }
    record = draft()
    try:
        record.write_text(json.dumps(fields, indent=2) + "\n")
        record.chmod(0o644)
        _to_disk(record)
        record.replace(folder() / RECORD)
    finally:
        record.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _remove_all_but(name: str | None) -> None:
    """Remove files of earlier imports, and nothing else."""
    if not folder().is_dir():
        return
    for path in folder().iterdir():
        if path.name != name and (_TENSORS.fullmatch(path.name) or path.name.startswith(_DRAFT)):
            path.unlink(missing_ok=True)
