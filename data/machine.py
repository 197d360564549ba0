"""How much memory this process tree may use."""

from __future__ import annotations

import os
from pathlib import Path

_MB = 1024 * 1024
_CGROUP_FILES = ("memory.max", "memory.limit_in_bytes")


def memory_limit_mb() -> int:
    """The container's limit (cgroup v2 or v1), else Heroku's `DYNO_RAM`, else half the machine.

    In MB (2**20 bytes). A cgroup limit above the machine's memory is no limit.
    """
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [limit for limit in _cgroup_limits() if limit < machine]
    if limits:
        return min(limits) // _MB
    dyno = os.environ.get("DYNO_RAM", "")
    if dyno.isdigit():
        return int(dyno)
    return machine // 2 // _MB


def _cgroup_limits(
    proc: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")
) -> list[int]:
    """Limits in bytes of this process's memory cgroup and all of its parents."""
    try:
        lines = proc.read_text().splitlines()
    except OSError:
        return []
    limits = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            base = root
        elif "memory" in controllers.split(","):
            base = root / "memory"
        else:
            continue
        here = base / path.lstrip("/")
        for folder in (here, *here.parents):
            for name in _CGROUP_FILES:
                try:
                    limits.append(int((folder / name).read_text()))
                except (OSError, ValueError):  # absent, or "max"
                    continue
            if folder == base:
                break
    return limits
