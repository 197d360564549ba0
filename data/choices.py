"""What a person may choose for a painting, and how a choice is kept: as names, never as pixels.

A size in pixels would outlive a change of `MAX_SIZE`; a name means what it can mean here and now.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

SIZES = {"fast": 384, "standard": 512, "fine": 1024, "poster": 2048}
"""Longest sides in pixels."""
STRENGTHS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""The engine's strength at the steps 1 to 5."""
BRUSHES = {"thin": 0.5, "medium": 1.0, "broad": 1.6}
"""Size of the painting's strokes, 1 being as in the painting itself."""
MOST_STYLES = 4
HEAVIEST = 5
"""Parts that one style of a mix may have; each begins with `USUAL_WEIGHT`."""
USUAL_WEIGHT = 2


@dataclasses.dataclass(frozen=True, slots=True)
class Choices:
    """One person's choices; what they never chose is the default."""

    size: str = "standard"
    strength: int = 3
    """A step, 1 to 5."""
    keep_colors: bool = False
    brush: str = "medium"

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """From the database; what no longer makes sense is the default again."""
        default = cls()
        size, strength, brush = (stored.get(name) for name in ("size", "strength", "brush"))
        return cls(
            size=size if size in SIZES else default.size,
            strength=strength if isinstance(strength, int) and 1 <= strength <= 5 else 3,
            keep_colors=stored.get("keep_colors") is True,
            brush=brush if brush in BRUSHES else default.brush,
        )

    def chosen(self, what: str, value: str) -> Self | None:
        """With one of them changed, as a button says it; None for what no button says."""
        match what:
            case "size" if value in SIZES:
                return dataclasses.replace(self, size=value)
            case "strength" if (step := step_named(value)) is not None:
                return dataclasses.replace(self, strength=step)
            case "colors" if value in ("keep", "change"):
                return dataclasses.replace(self, keep_colors=value == "keep")
            case "brush" if value in BRUSHES:
                return dataclasses.replace(self, brush=value)
        return None


def step_named(value: str) -> int | None:
    """The step of strength that a button's data mean; None for what no button says."""
    steps = {str(step): step for step in range(1, len(STRENGTHS) + 1)}
    return steps.get(value)


def step_of(strength: float) -> int:
    """The step nearest to one of the engine's strengths."""
    nearest = min(STRENGTHS, key=lambda offered: abs(offered - strength))
    return STRENGTHS.index(nearest) + 1


def sizes(max_size: int) -> dict[str, int]:
    """The sizes that are to be had where nothing larger than `max_size` may be painted."""
    offered: dict[str, int] = {}
    for name, pixels in SIZES.items():
        offered[name] = min(pixels, max_size)
        if pixels >= max_size:
            break
    return offered


def size_here(choices: Choices, max_size: int) -> str:
    """The chosen size, or the largest where it is not to be had."""
    offered = sizes(max_size)
    return choices.size if choices.size in offered else list(offered)[-1]
