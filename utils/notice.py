"""The notice that admins read when the bot starts, and at /status."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from data import VERSION


@dataclass(frozen=True, slots=True)
class StartNotice:
    """Facts about this process. `memory_limit_mb` counts 2²⁰ bytes, `child_limit_mb` 10⁶."""

    memory_limit_mb: int
    child_limit_mb: int
    slots: int
    weights: str
    database: str

    def text(self) -> str:
        """The notice as plain text, all memory in the unit of MEMORY_LIMIT_MB (2²⁰ bytes)."""
        child = round(self.child_limit_mb / 1.048576)
        return (
            f"Style-transfer bot {VERSION} on {socket.gethostname()}\n"
            f"Memory: {self.memory_limit_mb} MB in all, {child} MB a painting\n"
            f"Paintings at once: {self.slots}\n"
            f"Weights: {self.weights}\n"
            f"Database: {self.database}"
        )
