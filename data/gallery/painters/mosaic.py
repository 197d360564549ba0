"""A mosaic: small stones set in rings that spread like ripples until they meet.

Every place belongs to the nearest of a few centres; its distance from the centre gives the ring,
and its angle the stone in the ring. Each stone has its own tone and its own tilt towards the light,
and mortar all around it.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from data.gallery.painters.drawing import Noise, grain, grid, image, mix, nearest, ramp, smooth

_RINGS = (
    ((10, 70, 120), (30, 130, 160), (120, 200, 196), (236, 230, 206)),
    ((130, 32, 30), (200, 84, 44), (240, 170, 90), (250, 226, 180)),
    ((22, 84, 76), (70, 140, 90), (190, 190, 110), (240, 230, 190)),
    ((60, 36, 92), (120, 80, 140), (206, 150, 160), (246, 224, 206)),
    ((150, 98, 20), (214, 160, 50), (250, 214, 110), (255, 242, 190)),
)
_MORTAR = (58, 52, 50)


def paint_mosaic(size: int = 768, seed: int = 1) -> Image.Image:
    """Return a square painting of `size` pixels."""
    random = np.random.default_rng(seed)
    x, y = grid(size)
    warp = Noise(random, 3)
    x, y = x + 0.010 * warp(x, y), y + 0.010 * warp(y, x)
    centres = [random.uniform(0, 1, 2)]
    while len(centres) < 13:
        place = random.uniform(-0.05, 1.05, 2)
        if min(np.hypot(*(place - other)) for other in centres) > 0.21:
            centres.append(place)
    middle = np.array(centres)
    which, first, second = nearest(x, y, middle)
    high = random.uniform(0.0135, 0.0185, len(middle))[which]
    ring = np.floor(first / high)
    angle = np.arctan2(y - middle[which, 1], x - middle[which, 0]) / (2 * np.pi) + 0.5
    around = np.maximum(1, np.round(2 * np.pi * (ring + 0.5) * high / (high * 1.12)))
    shifted = angle * around + 0.37 * ring
    stone = np.floor(shifted) % around
    name = ((which * 733 + ring.astype(np.int64)) * 977 + stone.astype(np.int64)) % 65_521

    own = random.normal(0, 1, (65_521, 4))[name]
    wave = 0.5 + 0.5 * np.sin(ring * 0.9 + which * 2.1) + 0.13 * own[..., 0]
    colours = np.zeros((size, size, 3))
    for k, palette in enumerate(_RINGS):
        colours = np.where((which % len(_RINGS) == k)[..., None], ramp(palette, wave), colours)
    stray = np.abs(own[..., 3]) > 1.9
    colours = np.where(stray[..., None], ramp(_RINGS[4], 0.5 + 0.3 * own[..., 0]), colours)
    colours = colours * (1 + 0.10 * own[..., 1])[..., None]

    u = np.abs(shifted % 1 - 0.5) * 2  # 0 in a stone's middle, 1 at its sides
    v = np.abs((first / high) % 1 - 0.5) * 2
    tilt = ((shifted % 1 - 0.5) * own[..., 1] + ((first / high) % 1 - 0.5) * own[..., 2]) * 0.16
    rough = 0.10 * grain(random, size, 2) + 0.08 * grain(random, size, 0.9)
    colours = colours * (1.04 + tilt + rough)[..., None]
    colours = mix(
        colours,
        (255, 250, 236),
        smooth(0.75, 0.2, np.hypot(u - 0.3, v - 0.3) + 0.9 - 0.5 * own[..., 2]) * 0.25,
    )
    gap = np.maximum(u * (1 + 0.05 * own[..., 0]), v) + 0.05 * warp(18 * x, 18 * y)
    colours = mix(colours, _MORTAR, smooth(0.74, 0.88, gap))
    meeting = smooth(0.005, 0.002, second - first)
    return image(mix(colours, _MORTAR, meeting) * (1 + 0.04 * grain(random, size, 1.0))[..., None])
