"""Cubist facets: straight lines cut the board into planes, each shaded as if folded.

A facet is the set of places on the same sides of all lines. It has one colour of an earthy palette
and is shaded from its edges, light on one side and dark on the other, so that the planes seem to
overlap (Cubists called this *passage*). Short parallel dabs, in a different direction in each
facet, cover everything.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from data.gallery.painters.drawing import (
    Array,
    Board,
    Noise,
    grain,
    grid,
    image,
    mix,
    sampled,
    smooth,
)

_EARTH = np.array(
    [
        *((214, 190, 146), (188, 152, 98), (146, 106, 62), (92, 66, 46)),
        *((226, 214, 186), (124, 132, 116), (86, 104, 110), (58, 74, 90)),
        *((178, 98, 58), (206, 138, 78), (44, 40, 44), (160, 158, 142)),
    ],
    float,
)


def paint_facets(size: int = 768, seed: int = 1) -> Image.Image:
    """Return a square painting of `size` pixels."""
    random = np.random.default_rng(seed)
    x, y = grid(size)
    drift = Noise(random, 2)
    number = np.zeros((size, size), np.int64)
    shade = np.zeros((size, size))
    ink = np.zeros((size, size))
    # Lines lean in a few directions only, as the planes of one still life do.
    leans = random.choice([0.35, 1.15, 1.95, 2.75], 17) + random.normal(0, 0.14, 17)
    for k, lean in enumerate(leans):
        through = random.uniform(0.12, 0.88, 2)
        across = (x - through[0]) * np.cos(lean) + (y - through[1]) * np.sin(lean)
        along = (y - through[1]) * np.cos(lean) - (x - through[0]) * np.sin(lean)
        here = np.abs(along) < random.uniform(0.25, 0.6)  # Lines have ends.
        number = number * 2 + ((across > 0) & here)
        number %= 1_000_003
        shade += here * np.where(across > 0, 1, -0.75) * np.exp(-np.abs(across) / 0.055) * 0.62
        ink = np.maximum(
            ink, here * smooth(0.0042, 0.0014, np.abs(across)) * (0.55 + 0.4 * (k % 2))
        )
    for cx, cy, r in (
        (0.42, 0.34, 0.13),
        (0.62, 0.62, 0.18),
        (0.3, 0.72, 0.09),
        (0.72, 0.25, 0.08),
    ):
        ring = np.hypot(x - cx, y - cy) - r  # a guitar's sound hole, a bottle, a glass
        arc = np.sin(np.arctan2(y - cy, x - cx) * 1.5 + 9 * r) > -0.4
        number = (number * 2 + ((ring < 0) & arc)) % 1_000_003
        shade += arc * np.where(ring < 0, -0.8, 0.8) * np.exp(-np.abs(ring) / 0.03) * 0.5
        ink = np.maximum(ink, arc * smooth(0.0048, 0.0016, np.abs(ring)))
    _, facet = np.unique(number, return_inverse=True)
    facet = facet.reshape(size, size)
    count = int(facet.max()) + 1
    centre = np.exp(-((x - 0.5) ** 2 + (y - 0.48) ** 2) / 0.12)
    colours = _EARTH[random.integers(0, len(_EARTH), count)][facet]
    colours = mix(colours, (232, 216, 180), 0.24 * centre)
    target = colours * (1 + 0.42 * np.tanh(shade) + 0.08 * drift(x, y))[..., None]
    target = target * (0.80 + 0.3 * centre)[..., None]
    base = image(target)

    board = Board(size, base, random)
    turns = random.choice([0.2, 0.75, 1.3, 2.0, 2.6], count) + random.normal(0, 0.1, count)

    def angle(px: Array, py: Array) -> Array:
        column = np.clip((px * size).astype(int), 0, size - 1)
        row = np.clip((py * size).astype(int), 0, size - 1)
        return np.asarray(turns[facet[row, column]])

    for strokes, width, length in ((5200, 0.016, 0.034), (6500, 0.009, 0.022)):
        starts = random.uniform(0, 1, (strokes, 2))
        tones = sampled(base, starts) * random.normal(1, 0.09, (strokes, 1))
        board.strokes(starts, angle, tones, length=length, width=width, spread=0.08)
    painted = np.asarray(board.picture(relief=0.5), float)
    worn = 0.85 + 0.3 * grain(random, size, 1.5)
    return image(mix(painted, (34, 28, 28), ink * np.clip(worn, 0, 1)))
