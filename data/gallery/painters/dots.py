"""Pointillism: a riverside at noon in dots of pure colour that mix only in the eye.

A simple scene gives each place a colour, but no dot has exactly that one. Some are lighter, some
cooler, and some have the complement, which makes their neighbours glow. Small dots are painted over
large ones, as Seurat did.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from data.gallery.painters.drawing import Array, Board, Noise, image, mix, ramp, smooth

_SKY = ((96, 150, 214), (150, 196, 226), (250, 226, 186), (252, 204, 150))
_WATER = ((244, 200, 150), (110, 160, 206), (52, 96, 168))
_MEADOW = ((226, 214, 84), (138, 180, 62), (58, 128, 70), (24, 84, 82))
_PURE = np.array(
    [(236, 92, 60), (250, 180, 50), (60, 84, 190), (140, 70, 170), (40, 150, 130), (250, 240, 200)],
    float,
)


def paint_dots(size: int = 768, seed: int = 1) -> Image.Image:
    """Return a square painting of `size` pixels."""
    random = np.random.default_rng(seed)
    hill, leaf, ripple = Noise(random, 1.6), Noise(random, 5), Noise(random, 4)

    def scene(x: Array, y: Array) -> Array:
        """Return the colour that the eye should see."""
        colours = ramp(_SKY, y / 0.42 + 0.08 * ripple(x, 3 * y))
        glare = np.exp(-((x - 0.3) ** 2 + (y - 0.3) ** 2) / 0.02)
        colours = mix(colours, (255, 238, 170), glare * 0.9)
        woods = y > 0.36 + 0.05 * hill(x, 0 * y) - 0.07 * smooth(0.55, 0.95, x)
        colours = np.where(
            woods[..., None],
            ramp(_MEADOW[1:], 0.5 + 0.5 * leaf(x, y) + 0.6 * (x - 0.4)),
            colours,
        )
        shore = 0.47 + 0.012 * np.sin(9 * x)
        mirror = ramp(_WATER, (y - shore) / 0.2 + 0.25 * ripple(0.6 * x, 5 * y))
        colours = np.where((y > shore)[..., None], mirror, colours)
        glitter = np.exp(-((x - 0.3) ** 2) / 0.004) * (y > shore)
        colours = mix(colours, (255, 226, 150), glitter * 0.75)
        bank = y > 0.66 + 0.16 * (x - 0.45) + 0.02 * hill(3 * x, y)
        grass = ramp(_MEADOW, 0.42 + 0.55 * leaf(x, 1.6 * y) + 0.3 * hill(x, y))
        colours = np.where(bank[..., None], grass, colours)
        for cx, cy, r in ((0.84, 0.26, 0.19), (0.68, 0.36, 0.10), (0.06, 0.38, 0.11)):
            away = np.hypot(x - cx, (y - cy) * 0.9) + 0.025 * leaf(x, y)
            crown = ramp(_MEADOW, 0.25 + 0.8 * (x - cx + y - cy + r) / (2 * r) + 0.3 * leaf(y, x))
            colours = np.where((away < r)[..., None], crown, colours)
            trunk = (np.abs(x - cx - 0.01 * leaf(x, y)) < r / 11) & (y > cy) & (y < cy + 2.6 * r)
            colours = np.where((trunk & (away > r * 0.8))[..., None], (92, 56, 96), colours)
        return colours

    board = Board(size, image(np.full((8, 8, 3), (206, 196, 190))), random)
    for count, radius in ((9000, 0.0085), (26000, 0.0055), (30000, 0.0036)):
        places = random.uniform(-0.01, 1.01, (count, 2))
        wanted = scene(places[:, 0], places[:, 1])
        shade = random.normal(0, 1, (count, 1))
        colours = wanted * (1 + 0.13 * shade) + random.normal(0, 16, (count, 3))
        light = wanted.mean(1, keepdims=True)
        complement = 2 * light - wanted  # the opposite hue, as bright
        other = random.uniform(size=(count, 1))
        colours = np.where(other < 0.15, light + 1.1 * (complement - light), colours)
        colours = np.where(
            other > 0.88, 0.45 * wanted + 0.55 * _PURE[random.integers(6, size=count)], colours
        )
        board.dabs(places, radius * random.uniform(0.7, 1.15, count), colours)
    return board.picture(relief=0.35)
