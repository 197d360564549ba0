"""What is known after each evaluation, for progress displays. Doesn't import torch."""

from __future__ import annotations

import dataclasses
from typing import Any, Self


@dataclasses.dataclass(frozen=True, slots=True)
class Losses:
    """The weighted terms of the loss at one point; the optimiser minimises `total`."""

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
    """How far a painting is after one evaluation of the loss and its gradient."""

    stage: int
    """Counted from 1."""
    stages: int
    size: int
    """Longest side at this stage, in pixels."""
    evaluation: int
    """Counted from 1 within the stage."""
    evaluations: int
    fraction: float
    """How much of the whole work is done, 0..1, weighted by cost."""
    seconds: float
    """Seconds since the start."""
    seconds_left: float
    losses: Losses

    @classmethod
    def read(cls, fields: dict[str, Any]) -> Self:
        """Read a result of `dataclasses.asdict`; raises TypeError for anything else."""
        return cls(**{**fields, "losses": Losses(**fields["losses"])})
