"""What the engine is asked for: known before torch is loaded, refused where it makes no sense."""

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
    """A recipe, and what the machine may spend on it. Memory in MB (10⁶ bytes)."""

    evaluations: int | None = None
    """Evaluations at the finest scale; None lets the schedule choose."""
    memory_limit_mb: float | None = None
    """Bound on the process's anonymous memory, on CUDA on the device's; None means no bound."""
    memory_aim_mb: float | None = None
    """Rather a slow plan within this than a quick one; the limit is what may not be exceeded."""
    scratch: Path | None = None
    """A folder on a disk for what need not stay in memory; None keeps everything there."""
    dtype: str = "auto"
    device: str = "auto"
    preset: str = "painter"

    @classmethod
    def of(cls, recipe: Recipe, **machine: Any) -> Self:
        """The settings for a whole recipe; `machine` are fields by name."""
        return cls(**{**recipe.fields(), **machine})


def check(settings: Settings, styles: int) -> None:
    """Raise ValueError, with one line, for settings that make no sense with so many styles."""
    choices.check(settings, styles)
    if settings.evaluations is not None and settings.evaluations < 1:
        raise ValueError("evaluations have to be at least 1")
    if settings.memory_limit_mb is not None and not settings.memory_limit_mb > 0:
        raise ValueError("the memory limit has to be positive")
    for name, allowed in (("preset", PRESETS), ("dtype", DTYPES), ("device", DEVICES)):
        if getattr(settings, name) not in allowed:
            raise ValueError(f"the {name} has to be {', '.join(allowed[:-1])} or {allowed[-1]}")
