"""What is known after each evaluation, for those who watch a painting. Imports no torch."""

from __future__ import annotations

import dataclasses
from typing import Any, Self


@dataclasses.dataclass(frozen=True, slots=True)
class Losses:
    """The weighted terms of the loss at one point; `total` is what the optimiser sees."""

    content: float
    style: float
    pixels: float = 0.0
    by_layer: dict[str, float] = dataclasses.field(default_factory=dict)

    @property
    def total(self) -> float:
        """The sum of all terms."""
        return self.content + self.style + self.pixels


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """One evaluation of the loss and its gradient is done."""

    stage: int
    """From 1."""
    stages: int
    size: int
    """Longest side at this stage, in pixels."""
    evaluation: int
    """From 1, within the stage."""
    evaluations: int
    fraction: float
    """Of the whole work, 0..1, weighted by its cost."""
    seconds: float
    """Since the start."""
    seconds_left: float
    losses: Losses

    @classmethod
    def read(cls, fields: dict[str, Any]) -> Self:
        """Read what `dataclasses.asdict` made of one; raises TypeError for anything else."""
        return cls(**{**fields, "losses": Losses(**fields["losses"])})
