"""An engraving: lines of a single ink make all the tones.

The lines follow the forms (they are level lines of a distorted landscape), are thick where it is
dark and thin out where it is light; a second and a third set of lines crosses them in the deepest
shadows.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from data.gallery.painters.drawing import Array, Noise, grain, grid, image, mix, smooth

_PAPER = (238, 229, 206)
_INK = (34, 28, 32)
_SEPIA = (96, 62, 40)


def paint_engraving(size: int = 768, seed: int = 1) -> Image.Image:
    """Return a square painting of `size` pixels."""
    random = np.random.default_rng(seed)
    x, y = grid(size * 2)  # fine lines need a fine plate
    swell, small = Noise(random, 1.5), Noise(random, 4)
    away = np.hypot(x - 0.34, y - 0.26)
    cloud = swell(1.6 * x, 2.4 * y) + 0.5 * small(x, 1.4 * y)
    dark = 0.30 + 0.34 * cloud + 0.25 * smooth(0.1, 0.6, away) - 0.7 * smooth(0.17, 0.05, away)
    bend = 0.05 * cloud
    rays = np.abs((np.arctan2(y - 0.26, x - 0.34) * 30 / np.pi) % 1 - 0.5) * 2
    lines = [
        _cut(y + bend, 78, dark),
        smooth(0.5, 0.35, rays / 1.2) * smooth(0.36, 0.14, away) * (away > 0.085),
    ]
    ink = np.maximum(lines[0] * (away > 0.2), lines[1])
    ink = np.maximum(ink, _cut(away, 95, smooth(0.1, 0.02, np.abs(away - 0.1))) * (away < 0.12))
    for row in range(6):  # hills, from far to near
        depth = row / 5
        shape = Noise(random, 1.3 + depth, 4)
        ridge = 0.46 + 0.42 * depth - 0.10 * shape(x, 0 * x + row)
        under = y - ridge
        slope = shape(2.2 * x, 2.2 * y)
        tone = (
            0.50
            + 0.42 * slope
            + 0.45 * np.exp(-under / 0.035)
            - 0.35 * np.exp(-((under - 0.08) ** 2) / 0.002)
        )
        along = under + 0.055 * slope + 0.16 * x * np.sin(3 * x + row)
        hatch = _cut(along, 92 - 26 * depth, tone)
        cross = _cut(x * 0.8 + y * 0.7 + 0.06 * slope, 88 - 22 * depth, tone - 0.48)
        third = _cut(x * 0.8 - y * 0.8 - 0.05 * slope, 84, tone - 0.78)
        hill = np.maximum(np.maximum(hatch, cross), third)
        hill = np.maximum(hill, smooth(0.0042, 0.0022, np.abs(under)))
        ink = np.where(under > 0, hill, ink * smooth(-0.0015, -0.004, under))
    dry = np.clip(0.93 + 0.35 * grain(random, size * 2, 0.9), 0, 1)
    paper = mix(
        np.broadcast_to(np.array(_PAPER, float), (*x.shape, 3)), _SEPIA, 0.05 + 0.05 * small(x, y)
    )
    paper = paper * (1 + 0.03 * grain(random, size * 2, 1.2))[..., None]
    tint = mix(np.broadcast_to(np.array(_INK, float), paper.shape), _SEPIA, 0.5 + 0.5 * swell(x, y))
    return image(mix(paper, tint, np.clip(ink, 0, 1) * dry)).reduce(2)


def _cut(field: Array, pitch: float, dark: Array) -> Array:
    """Return lines along the field's levels, the wider the darker it is."""
    line = np.abs((field * pitch) % 1 - 0.5) * 2
    width = np.clip(dark, 0, 0.92)
    return smooth(0.10, -0.10, line - width) * (width > 0.04)
