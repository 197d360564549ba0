"""What a painting is to be: known before torch is loaded, and refused where it makes no sense."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

from nst.machine.device import NAMES as DEVICES

SMALLEST = 16
"""Pixels of the shorter side: with fewer, VGG19's poolings leave nothing at relu5_1."""


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """What a painting is to be. Sizes in pixels, memory in MB."""

    size: int = 512
    """Longest side of the painting; less where the photograph is less than half of it."""
    strength: float = 0.5
    """From 0, almost the photograph, to 1, almost the painting's style alone."""
    keep_colors: bool = False
    style_weights: tuple[float, ...] = ()
    """One per style, any positive scale; empty means equal parts."""
    brush: float = 1.0
    """Size of the style's strokes; 1 has the paintings as large as the picture."""
    evaluations: int | None = None
    """Evaluations at the finest scale; None lets the recipe choose."""
    seed: int = 0
    """0 begins from the photograph alone; any other adds its noise: a variation."""
    memory_limit_mb: float | None = None
    memory_aim_mb: float | None = None
    """Rather a slow plan within this than a quick one; the limit is what may not be exceeded."""
    scratch: Path | None = None
    """A folder on a disk for what need not stay in memory; None keeps everything there."""
    dtype: str = "auto"
    device: str = "auto"
    """"auto", "cpu" or "cuda"; on CUDA the memory limit is that of the device."""
    preset: str = "painter"

    def shares(self, styles: int) -> list[float]:
        """Each style's part of the whole; their sum is 1."""
        weights = self.style_weights or (1.0,) * styles
        return [weight / sum(weights) for weight in weights]


def check(settings: Settings, styles: int) -> None:
    """Raise ValueError, with one line, for settings that make no sense."""
    if styles < 1:
        raise ValueError("at least one style is needed")
    if settings.style_weights and len(settings.style_weights) != styles:
        raise ValueError(f"{len(settings.style_weights)} style weights for {styles} styles")
    if any(not (w > 0 and math.isfinite(w)) for w in settings.style_weights):
        raise ValueError("style weights have to be positive")
    if not 0 <= settings.strength <= 1:
        raise ValueError("strength has to be from 0 to 1")
    if settings.size < SMALLEST:
        raise ValueError(f"size has to be at least {SMALLEST}")
    if settings.evaluations is not None and settings.evaluations < 1:
        raise ValueError("evaluations have to be at least 1")
    if settings.memory_limit_mb is not None and not settings.memory_limit_mb > 0:
        raise ValueError("the memory limit has to be positive")
    if not 0.1 <= settings.brush <= 4:
        raise ValueError("brush has to be from 0.1 to 4")
    if settings.preset not in ("painter", "gatys"):
        raise ValueError("the preset has to be painter or gatys")
    if settings.dtype not in ("auto", "float32", "bfloat16"):
        raise ValueError("the dtype has to be auto, float32 or bfloat16")
    if settings.device not in DEVICES:
        raise ValueError("the device has to be auto, cpu or cuda")
