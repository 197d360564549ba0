"""A woodcut of the sea: few inks, carved lines that follow the water, grain of the block.

There are rows of waves from far to near. Each is a flat shape with a cusped crest (a trochoid, like
waves in deep water), and carved lines run parallel under the crest, thick in the belly of the wave
and thin at their ends. Foam is bare paper.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from data.gallery.painters.drawing import Array, Noise, grain, grid, image, mix, smooth

_PAPER = (240, 228, 200)
_INKS = np.array([(20, 38, 82), (30, 66, 122), (66, 120, 164), (146, 186, 196)], float)
_RED = (204, 70, 46)
_OCHRE = (226, 178, 104)


def paint_waves(size: int = 768, seed: int = 1) -> Image.Image:
    """Return a square painting of `size` pixels."""
    random = np.random.default_rng(seed)
    x, y = grid(size)
    wobble = Noise(random, 5)
    picture = np.broadcast_to(np.array(_PAPER, float), (size, size, 3)).copy()

    # The sky: bands of lines that thin out upwards, and a red sun.
    band = y + 0.012 * Noise(random, 2)(x, 4 * y)
    line = np.abs((band * 46) % 1 - 0.5) * 2
    picture = mix(picture, _OCHRE, smooth(0.05, 0.55, 0.62 - y) * 0.55)
    picture = mix(picture, _INKS[2], smooth(0.30, 0.12, line / (0.6 + 1.4 * y)) * 0.8)
    sun = np.hypot(x - 0.67, y - 0.2) + 0.002 * wobble(6 * x, 6 * y)
    rays = np.abs((np.arctan2(y - 0.2, x - 0.67) * 22 / np.pi) % 1 - 0.5) * 2
    picture = mix(picture, _RED, smooth(0.25, 0.12, rays) * smooth(0.26, 0.13, sun) * (sun > 0.12))
    picture = mix(picture, _RED, smooth(0.108, 0.104, sun))
    picture = mix(picture, _PAPER, smooth(0.12, 0.08, line) * (sun < 0.1) * (y > 0.19))

    rows = 8
    for row in range(rows):
        depth = row / (rows - 1)
        base = 0.34 + 0.72 * depth**1.15
        pitch = 6.5 - 3.6 * depth
        high = 0.035 + 0.10 * depth
        drift = random.uniform(0, 1)
        swell = 0.6 + 0.5 * Noise(random, 1.5, 1)(x, np.zeros_like(x) + row)
        phase = (x * pitch + drift + 0.16 * np.sin(x * 9 + row)) % 1
        lean = np.where(phase < 0.62, phase / 0.62, (1 - phase) / 0.38)  # steep on one side
        crest = base - high * swell * lean**2.1 + 0.004 * wobble(x, y)
        under = y - crest
        water = under > 0
        ink = _INKS[[2, 1, 1, 0][row % 4]] if row % 4 != 2 else _INKS[1]
        body = mix(np.broadcast_to(ink, picture.shape), _INKS[3], smooth(0.09, 0.0, under) * 0.35)
        # Carved lines, closer under the crest, bending deeper with the belly of the wave.
        spacing = 0.011 + 0.008 * depth
        bend = under * (1 + 1.3 * lean) + 0.006 * wobble(2 * x, 2 * y + row)
        cut = np.abs((bend / spacing) % 1 - 0.5) * 2
        taper = smooth(0.16 + 0.1 * depth, 0.0, under) * (0.25 + 0.65 * lean)
        body = mix(body, _PAPER, smooth(0.02, -0.05, cut - 0.62 * taper))
        cross = np.abs(((x * 1.4 + 0.8 * under + 0.01 * wobble(3 * x, 3 * y)) / 0.012) % 1 - 0.5)
        deep = smooth(0.07, 0.16, under) * (lean < 0.55)
        body = mix(body, _INKS[0], smooth(0.14, 0.08, cross) * deep)
        # Foam: paper along the crest, with fingers, and drops flying off it.
        fingers = 0.010 + 0.020 * depth * lean * (0.6 + np.sin(x * 150 + 9 * wobble(x, y)))
        body = mix(body, _PAPER, smooth(1.1, 0.8, under / np.maximum(fingers, 0.004)))
        edge = np.abs(under - np.maximum(fingers, 0.004))
        body = mix(body, _INKS[0], smooth(0.0035, 0.0015, edge))
        picture = np.where(water[..., None], body, picture)
        picture = mix(picture, _INKS[0], smooth(0.0036, 0.0018, np.abs(under)))
        _spray(picture, random, crest, size, depth)

    block = (
        1 + 0.05 * np.sin(y * 420 + 9 * Noise(random, 2)(x, 3 * y)) + 0.10 * grain(random, size, 1)
    )
    worn = grain(random, size, 1.4) > 0.80  # where the ink did not take
    return image(mix(picture * block[..., None], _PAPER, worn * 0.45))


def _spray(
    picture: Array,
    random: np.random.Generator,
    crest: Array,
    size: int,
    depth: float,
) -> None:
    """Draw drops of bare paper over the crests, each with a thin rim of ink."""
    x, y = grid(size)
    for _ in range(int(14 + 30 * depth)):
        column = int(random.integers(0, size))
        reach = random.exponential(0.022 * (0.5 + depth))
        place = ((column + 0.5) / size, float(crest[size // 2, column]) - reach)
        radius = random.uniform(0.0015, 0.006) * (0.6 + depth)
        part = np.s_[
            max(0, int((place[1] - 0.02) * size)) : max(0, int((place[1] + 0.02) * size)),
            max(0, int((place[0] - 0.02) * size)) : max(0, int((place[0] + 0.02) * size)),
        ]
        away = np.hypot(x[part] - place[0], y[part] - place[1])
        picture[part] = mix(picture[part], _INKS[0], smooth(radius + 0.003, radius + 0.001, away))
        picture[part] = mix(picture[part], _PAPER, smooth(radius + 0.001, radius - 0.001, away))
