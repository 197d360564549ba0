"""Memory of a process and everything it started, and memory cgroups to keep it in."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

MB = 1024 * 1024
_CGROUP = Path("/sys/fs/cgroup/memory")  # v1; the v2 names differ and are handled below
_CGROUP2 = Path("/sys/fs/cgroup")


def status_mb(pid: int, field: str) -> float:
    """A field of /proc/PID/status in MB (2²⁰ bytes); 0 when the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(x.split()[1]) / 1024 for x in lines if x.startswith(field + ":")), 0.0)


def pss_mb(pid: int) -> float:
    """Proportional set size in MB: shared pages are divided among those who share them."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(x.split()[1]) / 1024 for x in lines if x.startswith("Pss:")), 0.0)


def command(pid: int) -> str:
    """The process's command line."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return ""


def below(*roots: int) -> list[int]:
    """These processes and all their descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
                children.setdefault(int(parent), []).append(int(entry.name))
    found, todo = [], list(roots)
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += children.get(pid, [])
    return found


@contextlib.contextmanager
def cgroup(limit_mb: int, suffix: str = "") -> Iterator[Path | None]:
    """A memory cgroup of that limit without swap; None where none can be made.

    A process that wants several at once tells them apart by `suffix`.
    """
    v1 = (_CGROUP / "memory.limit_in_bytes").exists()
    folder = (_CGROUP if v1 else _CGROUP2) / f"style-transfer-bot-{os.getpid()}{suffix}"
    try:
        folder.mkdir()
        limit(folder, limit_mb)
    except OSError:
        yield None
        return
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()


def limit(folder: Path, limit_mb: int) -> None:
    """Give a memory cgroup another limit; OSError where what it holds is more than that."""
    v1 = (folder / "memory.limit_in_bytes").exists()
    # With v1 swap is counted in, and its limit may never be the lower one.
    swap, most = ("memory.memsw.limit_in_bytes", limit_mb * MB) if v1 else ("memory.swap.max", 0)
    with contextlib.suppress(OSError):
        (folder / swap).write_text(str(most))
    (folder / ("memory.limit_in_bytes" if v1 else "memory.max")).write_text(str(limit_mb * MB))
    with contextlib.suppress(OSError):
        (folder / swap).write_text(str(most))


def cgroup_peak_mb(folder: Path) -> float:
    """The kernel's own count of the most that the group held, page cache included."""
    for name in ("memory.max_usage_in_bytes", "memory.peak"):
        with contextlib.suppress(OSError, ValueError):
            return int((folder / name).read_text()) / MB
    return 0.0


def cgroup_anonymous_mb(folder: Path) -> float:
    """What the group holds now that can't be reclaimed."""
    fields = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    return int(fields.get("rss") or fields["anon"]) / MB


def cgroup_kills(folder: Path) -> int:
    """How often the kernel killed something in the group for lack of memory."""
    for name in ("memory.oom_control", "memory.events"):
        with contextlib.suppress(OSError):
            for line in (folder / name).read_text().splitlines():
                if line.startswith("oom_kill "):
                    return int(line.split()[1])
    return 0
