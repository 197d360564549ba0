"""Impasto: a wheat field under a red evening sky, in thick paint.

Strokes run around the sun in the sky, along the hills, and upright in the wheat, in three layers
from broad to fine. The board shades them by the thickness of the paint.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from data.gallery.painters.drawing import Array, Board, Noise, image, mix, ramp, smooth

_SKY = ((20, 92, 128), (44, 150, 160), (150, 200, 150), (248, 204, 84), (246, 132, 40))
_FIELD = ((250, 214, 96), (238, 176, 44), (206, 122, 28), (140, 72, 26), (92, 88, 40))
_HILLS = ((34, 70, 96), (54, 96, 84), (96, 60, 96))
_SUN = (0.63, 0.31)


def paint_wheat(size: int = 768, seed: int = 1) -> Image.Image:
    """Return a square painting of `size` pixels."""
    random = np.random.default_rng(seed)
    roll, blow = Noise(random, 1.4), Noise(random, 3)

    def horizon(x: Array) -> Array:
        return 0.52 + 0.03 * roll(x, 0 * x)

    def angle(x: Array, y: Array) -> Array:
        """Return the strokes' angle: around the sun, along the hills, up the stalks."""
        around = np.arctan2(y - _SUN[1], x - _SUN[0]) + np.pi / 2 + 0.35 * blow(x, y)
        stalks = -np.pi / 2 + 0.55 * blow(x, 0.6 * y) + 0.5 * (x - 0.5)
        return np.where(
            y < horizon(x), around, np.where(y < horizon(x) + 0.05, 0.2 * blow(x, y), stalks)
        )

    def scene(x: Array, y: Array) -> Array:
        away = np.hypot(x - _SUN[0], y - _SUN[1])
        rings = 0.10 * np.sin(away * 70 + 2 * blow(x, y))
        colours = ramp(_SKY, 1.08 - 1.75 * away + rings + 0.12 * blow(2 * x, 2 * y))
        colours = mix(colours, (255, 244, 176), smooth(0.105, 0.07, away))
        colours = mix(colours, (255, 226, 96), smooth(0.035, 0.0, np.abs(away - 0.11)) * 0.9)
        edge = horizon(x)
        colours = np.where(
            (y > edge - 0.02)[..., None], ramp(_HILLS, 0.5 + 0.6 * blow(x, 4 * y)), colours
        )
        near = (y - edge - 0.03) / (0.97 - edge)
        field = ramp(_FIELD, 0.05 + 0.62 * near + 0.34 * blow(2.2 * x, 3 * y) + 0.12 * roll(x, y))
        path = (
            np.abs(x - 0.36 - 0.25 * (near - 1) * near - 0.12 * np.sin(4 * near))
            < 0.02 + 0.10 * near
        )
        field = np.where(
            path[..., None],
            ramp(((150, 96, 70), (120, 140, 72)), 0.5 + 0.7 * blow(x, 5 * y)),
            field,
        )
        return np.where((near > 0)[..., None], field, colours)

    x, y = np.meshgrid(np.linspace(0, 1, 96), np.linspace(0, 1, 96))
    board = Board(size, image(scene(x, y) * 0.75), random)
    for strokes, width, length in (
        (1700, 0.030, 0.085),
        (4200, 0.018, 0.055),
        (6500, 0.010, 0.036),
    ):
        starts = random.uniform(-0.04, 1.04, (strokes, 2))
        starts = starts[np.argsort(starts[:, 1] + random.normal(0, 0.06, strokes))]
        colours = scene(*starts.T) * random.normal(1, 0.13, (strokes, 1))
        colours += random.normal(0, 11, (strokes, 3))
        board.strokes(starts, angle, colours, length=length, width=width, spread=0.15)
    ears = random.uniform((0, 0.6), (1, 1.02), (1500, 2))
    grains = ramp(((255, 240, 160), (250, 200, 70), (170, 92, 30)), random.uniform(size=1500))
    board.strokes(ears, angle, grains, length=0.024, width=0.008)
    poppies = random.uniform((0, 0.66), (1, 1), (150, 2)) ** (1, 0.8)
    board.strokes(
        poppies,
        lambda a, b: 9 * blow(9 * a, 9 * b),
        np.full((150, 3), (216.0, 44, 32)),
        length=0.016,
        width=0.015,
    )
    return board.picture(relief=0.85)
