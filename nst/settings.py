"""The engine's settings and their check, neither of which needs torch."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Self

from nst import choices
from nst.choices import Recipe

DEVICES = ("auto", "cpu", "cuda")
PRESETS = ("painter", "gatys")
DTYPES = ("auto", "float32", "bfloat16")


@dataclasses.dataclass(frozen=True, slots=True)
class Settings(Recipe):
    """A recipe, and the resources it may use. Memory is in MB (10⁶ bytes)."""

    evaluations: int | None = None
    """Number of evaluations at the finest scale; None lets the schedule choose."""
    memory_limit_mb: float | None = None
    """Limit of the process's anonymous memory, or on CUDA of the device's; None means no limit."""
    memory_aim_mb: float | None = None
    """Memory to stay within if possible, even if that is slower; unlike the limit, not strict."""
    scratch: Path | None = None
    """A folder on a disk for data that need not stay in memory; None keeps everything in memory."""
    dtype: str = "auto"
    device: str = "auto"
    preset: str = "painter"

    @classmethod
    def of(cls, recipe: Recipe, **machine: Any) -> Self:
        """Return settings for a recipe; `machine` are the other fields by name."""
        return cls(**{**recipe.fields(), **machine})


def check(settings: Settings, styles: int) -> None:
    """Raise ValueError with a one-line message for settings that are invalid for so many styles."""
    choices.check(settings, styles)
    if settings.evaluations is not None and settings.evaluations < 1:
        raise ValueError("evaluations have to be at least 1")
    if settings.memory_limit_mb is not None and not settings.memory_limit_mb > 0:
        raise ValueError("the memory limit has to be positive")
    for name, allowed in (("preset", PRESETS), ("dtype", DTYPES), ("device", DEVICES)):
        if getattr(settings, name) not in allowed:
            raise ValueError(f"the {name} has to be {', '.join(allowed[:-1])} or {allowed[-1]}")
