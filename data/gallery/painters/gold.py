"""Art nouveau in gold: leaf, spirals, and small bright ornaments, densely set.

The ground is gold leaf in squares of slightly different tones. On it are spirals of a single line,
rings like peacocks' eyes, fields of triangles and of black and silver blocks, and flowers in
corners: first large ornaments, then small ones in the gaps.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from data.gallery.painters.drawing import Noise, grain, grid, image, mix, nearest, ramp, smooth

_LEAF = ((140, 88, 22), (190, 134, 38), (222, 172, 62), (246, 212, 112))
_DARK = (46, 30, 22)
_BRIGHT = (
    *((24, 92, 110), (196, 52, 40), (232, 224, 204), (30, 30, 40)),
    *((92, 58, 120), (60, 132, 84), (222, 120, 36), (180, 184, 190)),
)
_TWICE = 2


def paint_gold(size: int = 768, seed: int = 1) -> Image.Image:
    """Return a square painting of `size` pixels."""
    random = np.random.default_rng(seed)
    x, y = grid(size)
    cells = np.stack(np.meshgrid(np.arange(17), np.arange(17)), -1).reshape(-1, 2) / 16
    leaf, _, _ = nearest(x, y, cells + random.normal(0, 0.006, cells.shape))
    shine = random.uniform(-0.22, 0.22, len(cells))[leaf] + 0.25 * Noise(random, 2)(x, y)
    ground = ramp(
        _LEAF, 0.56 + shine + 0.16 * grain(random, size, 2) + 0.1 * grain(random, size, 0.8)
    )

    full = size * _TWICE
    picture = image(ground).resize((full, full), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    taken: list[tuple[float, float, float]] = []
    for radius, tries in ((0.12, 60), (0.075, 160), (0.045, 500), (0.026, 1500), (0.014, 3500)):
        for _ in range(tries):
            px, py = random.uniform(-0.03, 1.03, 2)
            r = radius * random.uniform(0.8, 1.15)
            if all(np.hypot(px - a, py - b) > (r + c) * 0.97 for a, b, c in taken):
                taken.append((px, py, r))
                _ornament(draw, random, px * full, py * full, r * full)
    flat = np.asarray(picture.reduce(_TWICE), float)
    hammered = 1 + 0.16 * grain(random, size, 1.6) + 0.08 * Noise(random, 40, 2)(x, y)
    vignette = 1.06 - 0.35 * smooth(0.45, 0.85, np.hypot(x - 0.5, y - 0.5))
    return image(
        mix(
            flat * (hammered * vignette)[..., None],
            (255, 236, 160),
            (grain(random, size, 0.9) > 0.8) * 0.5,
        )
    )


def _ornament(
    draw: ImageDraw.ImageDraw, random: np.random.Generator, x: float, y: float, r: float
) -> None:
    kind = random.uniform()
    if kind < 0.42:
        _spiral(draw, random, x, y, r)
    elif kind < 0.72:
        _eye(draw, random, x, y, r)
    elif kind < 0.88:
        _blocks(draw, random, x, y, r)
    else:
        _flower(draw, random, x, y, r)


def _spiral(
    draw: ImageDraw.ImageDraw, random: np.random.Generator, x: float, y: float, r: float
) -> None:
    turns = 2.2 + r / 60
    t = np.linspace(0.02, 1, int(40 * turns))
    a = random.uniform(0, 6.28) + random.choice([-1, 1]) * t * turns * 2 * np.pi
    points = list(zip(x + r * 0.95 * t * np.cos(a), y + r * 0.95 * t * np.sin(a), strict=True))
    width = max(3, round(r / 11))
    dark = random.uniform() < 0.6
    draw.line(points, fill=_DARK if dark else (255, 232, 150), width=width + 2, joint="curve")
    draw.line(
        points,
        fill=(104, 62, 20) if dark else (252, 214, 96),
        width=max(1, width - 2),
        joint="curve",
    )


def _eye(
    draw: ImageDraw.ImageDraw, random: np.random.Generator, x: float, y: float, r: float
) -> None:
    squeeze = random.uniform(0.6, 1)
    for k, part in enumerate((0.97, 0.78, 0.6, 0.42, 0.2)):
        tint = (
            _DARK if k == 0 else (240, 200, 96) if k % 2 else _BRIGHT[random.integers(len(_BRIGHT))]
        )
        draw.ellipse(
            (x - r * part * squeeze, y - r * part, x + r * part * squeeze, y + r * part),
            fill=tint,
            outline=_DARK,
            width=2,
        )


def _blocks(
    draw: ImageDraw.ImageDraw, random: np.random.Generator, x: float, y: float, r: float
) -> None:
    """Draw a patch of upright blocks or of triangles."""
    step = max(6.0, r / 2.6)
    triangles = random.uniform() < 0.5
    for left in np.arange(-r * 0.7, r * 0.7 - step / 2, step):
        for top in np.arange(-r * 0.7, r * 0.7 - step / 2, step):
            tint = _BRIGHT[random.choice([2, 3, 3, 7, 0, 1])]
            a, b = x + left, y + top
            if triangles:
                draw.polygon([(a, b + step), (a + step / 2, b), (a + step, b + step)], fill=tint)
            else:
                draw.rectangle(
                    (a + 1, b + 1, a + step * 0.8, b + step * random.uniform(0.5, 0.95)),
                    fill=tint,
                    outline=_DARK,
                )


def _flower(
    draw: ImageDraw.ImageDraw, random: np.random.Generator, x: float, y: float, r: float
) -> None:
    petals, tint = int(random.integers(5, 9)), _BRIGHT[random.choice([1, 2, 4, 6, 0])]
    for k in range(petals):
        a = 2 * np.pi * k / petals
        px, py, pr = x + 0.55 * r * np.cos(a), y + 0.55 * r * np.sin(a), r * 0.36
        draw.ellipse((px - pr, py - pr, px + pr, py + pr), fill=tint, outline=_DARK, width=2)
    draw.ellipse(
        (x - r * 0.3, y - r * 0.3, x + r * 0.3, y + r * 0.3),
        fill=(250, 206, 80),
        outline=_DARK,
        width=2,
    )
