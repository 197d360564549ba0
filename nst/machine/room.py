"""How much memory this process may still take: of its container, or of the machine."""

from __future__ import annotations

import contextlib
from pathlib import Path

from nst.machine.environment import anonymous_mb

_SHARE = 0.9
"""Of what is left: others take some, too, and file pages are worth something."""
_FILES = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
"""The limit and the usage of a memory cgroup, of version 2 and of version 1."""
_RECLAIMABLE = ("inactive_file", "total_inactive_file")


def limit_mb() -> float | None:
    """The bound on anonymous memory that suits this process now, in MB (10⁶ bytes).

    What it has and nine tenths of what is left; None where neither container nor machine tell.
    """
    left = [*_cgroups(), *_machine()]
    return anonymous_mb() + _SHARE * max(0.0, min(left)) if left else None


def _machine(path: Path = Path("/proc/meminfo")) -> list[float]:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in path.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return [int(line.split()[1]) * 1024 / 1e6]
    return []


def _cgroups(
    proc: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")
) -> list[float]:
    """What is left in this process's memory cgroup and in each of its parents, in MB."""
    left: list[float] = []
    with contextlib.suppress(OSError):
        for line in proc.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers and "memory" not in controllers.split(","):
                continue
            base = root / "memory" if controllers else root
            here = base / path.lstrip("/")
            for folder in (here, *here.parents):
                left += _left(folder)
                if folder == base:
                    break
    return left


def _left(folder: Path) -> list[float]:
    for limit, usage in _FILES:
        with contextlib.suppress(OSError, ValueError):  # absent, or "max"
            taken = int((folder / usage).read_text()) - _reclaimable(folder)
            return [(int((folder / limit).read_text()) - taken) / 1e6]
    return []


def _reclaimable(folder: Path) -> int:
    """Bytes of files' pages that the kernel gives to whoever needs them."""
    with contextlib.suppress(OSError, ValueError):
        for line in (folder / "memory.stat").read_text().splitlines():
            name, _, value = line.partition(" ")
            if name in _RECLAIMABLE:
                return int(value)
    return 0
