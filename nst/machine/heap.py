"""How memory that was freed is kept or given back while a painting is made.

What glibc keeps is a setting of the whole process. So it is changed only where the process is
there for the painting alone, as the command's and the child's are; a library leaves its host's
heap alone, and the planner then counts on nothing being given back.
"""

from __future__ import annotations

from nst.machine import environment
from nst.machine.environment import Kept


class Heap:
    """The process's heap as a painting may treat it."""

    def __init__(self, *, own: bool) -> None:
        """`own`: the process is there for this painting alone."""
        self.own = own

    def keep_freed(self, kept: Kept) -> None:
        """From now on keep so much of what is freed for what comes next."""
        if self.own:
            environment.keep_freed(kept)

    def trim(self) -> None:
        """Give back to the system what is free now."""
        if self.own:
            environment.trim()


LEFT_ALONE = Heap(own=False)
