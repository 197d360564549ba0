"""Controls how much freed memory is kept or given back while a painting is made.

How much glibc keeps is a setting of the whole process. So it is changed only in a process that
exists for the painting alone, the command's or the child's. A program that uses `nst` as a library
keeps its settings, and the planner then assumes that no freed memory is given back.
"""

from __future__ import annotations

from nst.machine import environment
from nst.machine.environment import Kept


class Heap:
    """The process's heap, tuned only if the process is our own."""

    def __init__(self, *, own: bool) -> None:
        """`own` says that the process exists only for this painting."""
        self.own = own

    def keep_freed(self, kept: Kept) -> None:
        """Set how much freed memory the process keeps for reuse from now on."""
        if self.own:
            environment.keep_freed(kept)

    def trim(self) -> None:
        """Return freed memory to the system."""
        if self.own:
            environment.trim()


LEFT_ALONE = Heap(own=False)
