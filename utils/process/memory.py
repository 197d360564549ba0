"""How much memory this process and its painting children have right now."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_PROC = Path("/proc")


def own_mb() -> int | None:
    """The bot itself, resident; None where the system doesn't tell."""
    return _mb(own_bytes())


def own_bytes() -> int | None:
    """The same, exactly."""
    return _resident(_PROC / "self")


def children_mb() -> list[int]:
    """Each child that paints, resident."""
    entries = _PROC.iterdir() if _PROC.is_dir() else ()
    ours = [entry for entry in entries if entry.name.isdigit() and _paints_for_us(entry)]
    return [size for size in map(_mb, map(_resident, ours)) if size is not None]


def _paints_for_us(entry: Path) -> bool:
    with contextlib.suppress(OSError, ValueError, IndexError):
        parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
        return int(parent) == os.getpid() and b"nst.child" in (entry / "cmdline").read_bytes()
    return False


def _resident(entry: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        for line in (entry / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return None


def _mb(size: int | None) -> int | None:
    return None if size is None else round(size / 1024 / 1024)
