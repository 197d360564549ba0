"""Memory of this process and of its painting children, as /proc tells it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_PROC = Path("/proc")


def own_mb() -> int | None:
    """The resident memory of this process in MiB (2²⁰ bytes); None where nothing tells."""
    return _mib(own_bytes())


def own_bytes() -> int | None:
    """The resident memory of this process in bytes; None where nothing tells."""
    return _status_bytes(_PROC / "self", "VmRSS")


def anonymous_bytes(pid: int) -> int | None:
    """A process's anonymous memory in bytes; None where it is gone, or the system doesn't tell."""
    return _status_bytes(_PROC / str(pid), "RssAnon")


def children_mb() -> list[int]:
    """The resident memory in MiB (2²⁰ bytes) of each child of this process that paints."""
    entries = _PROC.iterdir() if _PROC.is_dir() else ()
    ours = [entry for entry in entries if entry.name.isdigit() and _paints_for_us(entry)]
    sizes = (_mib(_status_bytes(entry, "VmRSS")) for entry in ours)
    return [size for size in sizes if size is not None]


def _paints_for_us(entry: Path) -> bool:
    with contextlib.suppress(OSError, ValueError, IndexError):
        parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
        return int(parent) == os.getpid() and b"nst.child" in (entry / "cmdline").read_bytes()
    return False


def _status_bytes(entry: Path, field: str) -> int | None:
    """A size of /proc/PID/status; None where the process is gone or has no such line."""
    with contextlib.suppress(OSError, ValueError):
        for line in (entry / "status").read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) * 1024
    return None


def _mib(size: int | None) -> int | None:
    return None if size is None else round(size / 1024 / 1024)
