"""How much memory a painting's child may take."""

from __future__ import annotations

from utils.process import memory

_TORCH_FILES = 80  # MB of torch's libraries in memory, file-backed, beside the child's own
_POSTGRES = 32  # MB of the embedded server, measured
_OWN = 90.0  # MB of this process, where the system doesn't tell
_MARGIN = 16  # MB for what nobody foresaw: download buffers, Telegram's answers
SKETCH_MB = 140
"""The sketching process with everything, measured at 127."""
ROOMY_MB = 1024
"""From this limit on there is room for a sketch beside a painting; below it they take turns."""
_LEAST = 200  # MB; with less torch itself does not start


def child_limit_mb(limit_mb: int, slots: int, *, embedded: bool) -> int:
    """Anonymous memory in MB (10⁶ bytes) for each of `slots` children.

    `limit_mb` (2²⁰ bytes, as containers count) bounds the whole tree: this process as it is now,
    the embedded PostgreSQL, and the children with their libraries.
    """
    sketch = SKETCH_MB if is_roomy(limit_mb) else 0
    rest = limit_mb * 1.048576 - sketch - _own_mb() - (_POSTGRES if embedded else 0) - _MARGIN
    return max(_LEAST, int((rest - _TORCH_FILES) / max(1, slots)))


def is_roomy(limit_mb: int) -> bool:
    """Whether sketches may be made while a painting is."""
    return limit_mb >= ROOMY_MB


def _own_mb() -> float:
    resident = memory.own_bytes()
    return _OWN if resident is None else resident / 1e6
