"""What admins read when the bot starts, and at /status."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from data import VERSION


@dataclass(frozen=True, slots=True)
class StartNotice:
    """The facts of this process; `memory_limit_mb` in 2²⁰ bytes, `child_limit_mb` in 10⁶."""

    memory_limit_mb: int
    child_limit_mb: int
    slots: int
    weights: str
    database: str

    def text(self) -> str:
        """One screen, plain text, all memory in the unit of MEMORY_LIMIT_MB."""
        child = round(self.child_limit_mb / 1.048576)
        return (
            f"Style-transfer bot {VERSION} on {socket.gethostname()}\n"
            f"Memory: {self.memory_limit_mb} MB in all, {child} MB a painting\n"
            f"Paintings at once: {self.slots}\n"
            f"Weights: {self.weights}\n"
            f"Database: {self.database}"
        )
