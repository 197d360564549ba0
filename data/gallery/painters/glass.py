"""Stained glass: a rose window.

Seeds on rings around a centre give Voronoi cells that look like petals, with lead lines between
them. Every pane has a colour of its ring, and a tone and streaks of its own as mouth-blown glass
has, and is lit from behind the centre.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

from data.gallery.painters.drawing import Array, Noise, grain, grid, image, mix, nearest, smooth

_JEWELS = np.array(
    [
        *((16, 42, 150), (22, 78, 196), (40, 130, 214), (12, 24, 98)),  # cobalt
        *((176, 14, 34), (214, 40, 38), (128, 8, 44)),  # ruby
        *((240, 168, 28), (252, 206, 72), (226, 112, 22)),  # amber
        *((14, 122, 76), (60, 164, 92), (8, 84, 92)),  # emerald
        *((104, 34, 138), (238, 232, 206)),  # violet, and a little clear glass
    ],
    float,
)
_RINGS = ((0.0, 1), (0.055, 6), (0.12, 12), (0.19, 12), (0.25, 24), (0.325, 24), (0.385, 48))
_FAMILIES = ((7, 10), (4, 7), (7, 10), (0, 4), (10, 13), (4, 7), (0, 4))


def paint_glass(size: int = 768, seed: int = 1) -> Image.Image:
    """Return a square painting of `size` pixels."""
    random = np.random.default_rng(seed)
    seeds, colours = [], []
    for ring, (radius, count) in enumerate(_RINGS):
        for k in range(count):
            angle = 2 * np.pi * (k + 0.5 * (ring % 2)) / count
            seeds.append((0.5 + radius * np.cos(angle), 0.5 + radius * np.sin(angle)))
            low, high = _FAMILIES[ring]
            colours.append(
                _JEWELS[low + (k % (high - low) if ring % 2 else random.integers(high - low))]
            )
    while len(seeds) < 400:  # around the rose: panes at random, but never crowded
        place = random.uniform(-0.05, 1.05, 2)
        if (
            np.hypot(*(place - 0.5)) > 0.43
            and min(np.hypot(*(place - other)) for other in np.array(seeds)) > 0.028
        ):
            seeds.append(tuple(place))
            colours.append(_JEWELS[random.choice(15, p=_chances(place))])
    x, y = grid(size)
    warp = Noise(random, 3)
    pane, first, second = nearest(x + 0.006 * warp(x, y), y + 0.006 * warp(y, x), np.array(seeds))

    count = len(seeds)
    tone = random.uniform(0.62, 1.22, count)[pane]
    turn = random.uniform(0, np.pi, count)[pane]
    streaks = np.sin(
        (x * np.cos(turn) + y * np.sin(turn)) * 260 + 5 * Noise(random, 9)(x, y) + pane
    )
    light = 0.92 + 0.55 * np.exp(-(((x - 0.5) ** 2 + (y - 0.5) ** 2) / 0.09))
    inside = 1 - np.clip(first / 0.05, 0, 1) * 0.42  # brighter in a pane's middle
    glass = (
        np.array(colours)[pane]
        * (tone * light * inside * (1 + 0.10 * streaks + 0.22 * grain(random, size, 2.2)))[
            ..., None
        ]
    )
    bubbles = grain(random, size, 1.1) > 0.86
    glass = mix(glass, (255, 250, 225), bubbles * 0.4)

    edge = second - first
    thick = np.where(np.hypot(x - 0.5, y - 0.5) > 0.43, 0.0085, 0.0075)
    frame = np.abs(np.hypot(x - 0.5, y - 0.5) - 0.43)
    glass = mix(glass, (18, 16, 20), smooth(1.25, 0.85, edge / thick))
    glass = mix(glass, (84, 80, 84), smooth(0.35, 0.0, edge / thick) * 0.55)  # the lead's ridge
    glass = mix(glass, (18, 16, 20), smooth(0.014, 0.010, frame))
    glass = mix(glass, (96, 88, 80), smooth(0.004, 0.0, frame) * 0.7)

    picture = image(glass)
    glow = np.asarray(picture.filter(ImageFilter.GaussianBlur(size / 50)), float)
    return image(np.asarray(picture, float) + 0.3 * glow)


def _chances(place: Array) -> Array:
    """Return the colours' weights: mostly blue in the upper corners, more green and amber below."""
    low = place[1]
    weights = np.array([3.0] * 4 + [1.0] * 3 + [0.5 + low] * 3 + [0.4 + 2 * low] * 3 + [0.9, 0.3])
    return np.asarray(weights / weights.sum())
