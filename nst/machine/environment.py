"""The process's processors and memory, and how glibc is told to give memory back.

This module doesn't import torch: all of it has to be set up before torch is loaded.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_SPINS = "1000"
CHILD_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "GOMP_SPINCOUNT": _SPINS}
"""Environment variables for a parent to start a painting process with; `settle` does the same from
within."""

Kept = Literal["all", "some"]
"""How much freed memory the process keeps."""
# glibc's mmap threshold (larger blocks are mapped, and returned when freed; 32 MB is the largest
# value that glibc accepts) and trim threshold (more free bytes at the heap's end are returned).
THRESHOLDS: dict[Kept, tuple[int, int]] = {
    "all": (32 << 20, 2**31 - 1),
    "some": (4 << 20, 4 << 20),
}
_PR_SET_PDEATHSIG = 1
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8


def settle() -> None:
    """Limit freed memory and idle spinning in this process. Call before torch is imported.

    By default glibc opens an arena for each of torch's threads, and keeps more freed memory the
    larger the pictures are; this bounds it to some 40 MB. And a thread that has finished its part
    soon sleeps until the others have, instead of spinning on a processor that others want: with
    long spinning, two paintings at once took three times as long each (docs/engine.md).
    """
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
    _mallopt(_M_ARENA_MAX, 1)
    keep_freed("some")


def keep_freed(kept: Kept) -> None:
    """Set how much freed memory the process keeps for reuse from now on.

    Memory that isn't kept is requested again from the kernel, which clears every page: with "all"
    a painting takes a tenth less time, and 60 MB more.
    """
    mapped_from, trimmed_from = THRESHOLDS[kept]
    _mallopt(_M_MMAP_THRESHOLD, mapped_from)
    _mallopt(_M_TRIM_THRESHOLD, trimmed_from)


def stand_back(parent: int, nice: int) -> None:
    """Make this process expendable: killed first, at a lower priority, dead with its parent.

    Each is done as far as the system allows; `nice` is added to the niceness. `parent` is the
    parent's process id at the start: if it has changed by now, the parent died before the kernel
    was told, and the process exits.
    """
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    with contextlib.suppress(OSError, AttributeError):
        os.nice(nice)
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def trim() -> None:
    """Return freed memory to the system."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def _mallopt(parameter: int, value: int) -> None:
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # Another C library: nothing to tune.
            ctypes.CDLL(None).mallopt(parameter, value)


def processors() -> int:
    """Return the number of usable CPUs: the affinity mask, further limited by a cgroup quota."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:
        count = os.cpu_count() or 1
    quota = _quota()
    return max(1, min(count, math.ceil(quota)) if quota else count)


def _quota(
    proc: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")
) -> float | None:
    """Return the lowest CPU quota of this process's cgroup (v1 or v2) and its parents, or None."""
    try:
        lines = proc.read_text().splitlines()
    except OSError:
        return None
    grants = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            base = root
        elif "cpu" in controllers.split(","):
            base = root / "cpu"
        else:
            continue
        here = base / path.lstrip("/")
        for folder in (here, *here.parents):
            grants.append(_granted(folder))
            if folder == base:
                break
    return min((grant for grant in grants if grant is not None), default=None)


def _granted(folder: Path) -> float | None:
    """Return the CPU quota of one group, or None if it has none."""
    with contextlib.suppress(OSError, ValueError):
        limit, period = (folder / "cpu.max").read_text().split()
        return int(limit) / int(period)  # "max" is no number
    with contextlib.suppress(OSError, ValueError):
        limit_us = int((folder / "cpu.cfs_quota_us").read_text())
        return limit_us / int((folder / "cpu.cfs_period_us").read_text()) if limit_us > 0 else None
    return None


def anonymous_mb() -> float:
    """Return this process's anonymous memory now, in MB (10⁶ bytes), or 0 if unknown."""
    return _status("RssAnon")


def peak_anonymous_mb() -> float:
    """Return this process's peak anonymous memory so far, in MB.

    Linux records only the peak of the total. File-backed pages, once read, are still there at the
    end unless memory was short, so the difference is the peak or slightly less.
    """
    since = max(_status("VmHWM") - _status("RssFile") - _status("RssShmem"), anonymous_mb())
    return max(since, _before.anonymous)


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether this is a MemoryError, or a RuntimeError of torch's about memory."""
    if isinstance(error, MemoryError):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and any(
        words in text
        for words in (
            "can't allocate memory",
            "not enough memory",
            "bad_alloc",
            "out of memory",  # CUDA's
            "ALLOC_FAILED",
        )
    )


def peak_total_mb() -> float:
    """Return the peak resident memory so far, including libraries' reclaimable pages, in MB."""
    return max(_status("VmHWM"), _before.total)


def resident_mb() -> float:
    """Return the resident memory now, in MB, or 0 if unknown."""
    return _status("VmRSS")


def address_space_bytes() -> float:
    """Address space of this process now; 0 where it can't be known."""
    return _status("VmSize") * 1e6


def begin_peak() -> bool:
    """Reset the peak that `peak_since_begun_mb` returns; return False if the system can't."""
    earlier = _Peaks(peak_anonymous_mb(), peak_total_mb())
    try:
        Path("/proc/self/clear_refs").write_text("5")  # man 5 proc: resets VmHWM to VmRSS
    except OSError:
        return False
    _before.anonymous, _before.total = earlier.anonymous, earlier.total
    return True


def peak_since_begun_mb() -> float:
    """Return the peak resident memory since `begin_peak`, in MB."""
    return _status("VmHWM")


@dataclass
class _Peaks:
    anonymous: float = 0.0
    total: float = 0.0


_before = _Peaks()
"""Peaks before `begin_peak` reset the kernel's record, in MB."""


def _status(field: str) -> float:
    try:
        with Path("/proc/self/status").open() as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        pass
    return 0.0
