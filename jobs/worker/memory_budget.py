"""How much memory a painting's child may take."""

from __future__ import annotations

from collections.abc import Callable

from utils.process import memory

_TORCH_FILES = 80  # MB of torch's libraries in memory, file-backed, beside the child's own
_POSTGRES = 32  # MB of the embedded server, measured
_OWN = 90.0  # MB of this process, where the system doesn't tell
_MARGIN = 16  # MB for the rest: download buffers, Telegram's answers
SKETCH_MB = 140
"""The sketching process with everything, measured at 127."""
ROOMY_MB = 1024
"""From this limit on there is room for a sketch beside a painting; below it they take turns."""
_LEAST = 200  # MB; with less even torch does not start


class MemoryBudget:
    """Divides the memory of the whole tree of processes between the bot and its children."""

    def __init__(
        self, limit_mb: int, slots: int, *, embedded: bool, end_sketch: Callable[[], None]
    ) -> None:
        """`limit_mb` counts 2²⁰ bytes, as containers do; `end_sketch` ends the sketching process.

        There are up to `slots` children, and with `embedded` a PostgreSQL server of our own.
        """
        self._limit_mb = limit_mb
        self._slots = slots
        self._embedded = embedded
        self._end_sketch = end_sketch

    @property
    def roomy(self) -> bool:
        """Whether a sketch may be made beside a painting."""
        return is_roomy(self._limit_mb)

    def child_limit_mb(self) -> int:
        """Anonymous memory in MB (10⁶ bytes) that a child may take now."""
        return child_limit_mb(self._limit_mb, self._slots, embedded=self._embedded)

    def make_room(self) -> int:
        """End the sketching process where it would be in a painting's way.

        Returns the anonymous memory in MB (10⁶ bytes) that a child may take now.
        """
        if not self.roomy:
            self._end_sketch()
        return self.child_limit_mb()


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
