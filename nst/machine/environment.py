"""What this process has: processors, memory, and how glibc is told to give memory back.

Free of torch: all of it has to be settled before torch is loaded.
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
"""The environment of a painting process, for its parent; `settle` does the same from within."""

Kept = Literal["all", "some"]
"""How much of freed memory stays with the process."""
# Bytes in one piece that are asked of the kernel and given back alone, 32 MB being the most that
# glibc takes; and bytes free at the heap's end from which on that is cut off.
THRESHOLDS: dict[Kept, tuple[int, int]] = {
    "all": (32 << 20, 2**31 - 1),
    "some": (4 << 20, 4 << 20),
}
_PR_SET_PDEATHSIG = 1
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8


def settle() -> None:
    """Be a good neighbour, in memory and in time. Call before torch is imported.

    glibc otherwise opens an arena for each of torch's threads, and keeps more of freed memory the
    larger the pictures are: it is bound to some 40 MB. And a thread that has done its part soon
    sleeps until the others have, too, instead of holding up others who want its processor, with
    which two paintings at once took three times as long each as they do so (docs/engine.md).
    """
    os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
    _mallopt(_M_ARENA_MAX, 1)
    keep_freed("some")


def keep_freed(kept: Kept) -> None:
    """From now on keep so much of what is freed for what comes next.

    What isn't kept comes anew as pages from the kernel, which clears each of them: with all kept a
    painting takes a tenth less, and 60 MB more.
    """
    mapped_from, trimmed_from = THRESHOLDS[kept]
    _mallopt(_M_MMAP_THRESHOLD, mapped_from)
    _mallopt(_M_TRIM_THRESHOLD, trimmed_from)


def stand_back(parent: int, nice: int) -> None:
    """First to be killed when memory is short, last to get the processor, dead with its parent.

    Each as far as the system allows. A parent that died before the kernel was told is noticed by
    having been given another one meanwhile.
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
    """Return to the system what is free now."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


def _mallopt(parameter: int, value: int) -> None:
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # Another C library: nothing to tune.
            ctypes.CDLL(None).mallopt(parameter, value)


def processors() -> int:
    """CPUs that are really there: the affinity mask, further limited by a cgroup quota."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:
        count = os.cpu_count() or 1
    quota = _quota()
    return max(1, min(count, math.ceil(quota)) if quota else count)


def _quota(
    proc: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")
) -> float | None:
    """CPUs granted to this process's cgroup (v2 or v1) and all of its parents; None: no limit."""
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
    """CPUs that this one group may use; None where it does not say, or says that all."""
    with contextlib.suppress(OSError, ValueError):
        limit, period = (folder / "cpu.max").read_text().split()
        return int(limit) / int(period)  # "max" is no number
    with contextlib.suppress(OSError, ValueError):
        limit_us = int((folder / "cpu.cfs_quota_us").read_text())
        return limit_us / int((folder / "cpu.cfs_period_us").read_text()) if limit_us > 0 else None
    return None


def anonymous_mb() -> float:
    """Anonymous memory of this process now, in MB (10⁶ bytes); 0 where it can't be known."""
    return _status("RssAnon")


def peak_anonymous_mb() -> float:
    """Largest anonymous memory so far, in MB.

    Linux keeps the peak of the total only. File-backed pages, once read, are still there at the
    end unless memory was short, so the difference is the peak or slightly less.
    """
    since = max(_status("VmHWM") - _status("RssFile") - _status("RssShmem"), anonymous_mb())
    return max(since, _before.anonymous)


def is_out_of_memory(error: BaseException) -> bool:
    """Python's MemoryError, or torch's allocator complaining in a RuntimeError."""
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
    """Largest resident memory so far, the libraries' reclaimable pages included, in MB."""
    return max(_status("VmHWM"), _before.total)


def resident_mb() -> float:
    """Resident memory now, in MB; 0 where it can't be known."""
    return _status("VmRSS")


def address_space_bytes() -> float:
    """Address space of this process now; 0 where it can't be known."""
    return _status("VmSize") * 1e6


def begin_peak() -> bool:
    """Have `peak_since_begun_mb` count from now on; False where the system can't."""
    earlier = _Peaks(peak_anonymous_mb(), peak_total_mb())
    try:
        Path("/proc/self/clear_refs").write_text("5")  # man 5 proc: resets VmHWM to VmRSS
    except OSError:
        return False
    _before.anonymous, _before.total = earlier.anonymous, earlier.total
    return True


def peak_since_begun_mb() -> float:
    """Largest resident memory since `begin_peak`, in MB."""
    return _status("VmHWM")


@dataclass
class _Peaks:
    anonymous: float = 0.0
    total: float = 0.0


_before = _Peaks()
"""Peaks that the kernel was told to forget, in MB."""


def _status(field: str) -> float:
    try:
        with Path("/proc/self/status").open() as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        pass
    return 0.0
