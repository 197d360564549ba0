"""Thick brush strokes that follow a field of vortices, under a few glowing lights."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

_NIGHT = np.array([(13, 27, 62), (22, 52, 110), (38, 88, 150), (92, 140, 180), (150, 185, 190)])
_LIGHT = np.array([(196, 120, 30), (236, 176, 50), (250, 224, 120), (255, 246, 200)])
_LAYERS = ((2600, 26, 60), (4200, 15, 44), (7000, 8, 30), (9000, 4, 22))
"""Number of strokes, their width and length in pixels of a picture 1000 wide; large ones first."""


def paint_whirls(size: int = 768, seed: int = 1) -> Image.Image:
    """Return a square painting of `size` pixels."""
    random = np.random.default_rng(seed)
    centres = random.uniform(0.08, 0.92, (7, 2))
    turns = random.choice([-1.0, 1.0], 7) * random.uniform(0.7, 1.4, 7)
    radii = random.uniform(0.05, 0.17, 7)
    glowing = random.uniform(size=7) < 0.72

    def direction(x: float, y: float) -> tuple[float, float]:
        """Return the flow's unit vector: a breeze and every vortex's swirl (Rankine-like)."""
        dx, dy = x - centres[:, 0], y - centres[:, 1]
        distance2 = dx * dx + dy * dy
        swirl = turns * np.exp(-distance2 / (2 * radii**2)) / (np.sqrt(distance2) + 0.02)
        u = 0.9 + 0.5 * np.sin(7 * y + 1.3) + float((-dy * swirl).sum()) * 9
        v = 0.45 * np.sin(5 * x + 2 * y) + float((dx * swirl).sum()) * 9
        length = float(np.hypot(u, v)) or 1.0
        return float(u) / length, float(v) / length

    def colour(x: float, y: float) -> tuple[int, int, int]:
        """Return the colour: of the night by height and chance, or of rings near a vortex."""
        dx, dy = x - centres[:, 0], y - centres[:, 1]
        nearness = np.where(glowing, np.hypot(dx, dy) / radii, 9.0)
        i = int(nearness.argmin())
        near = float(nearness[i])
        if near < 0.42:
            base = _LIGHT[min(3, int(3.6 - near * 7 + random.normal(0, 0.5)) if near < 0.5 else 0)]
        elif near < 1.15 and random.uniform() < 0.85 - 0.55 * near:
            base = _LIGHT[int(random.integers(0, 3))]
        else:
            depth = 2.4 - 2.2 * y + 0.9 * np.sin(9 * x + 11 * y) + random.normal(0, 0.75)
            base = _NIGHT[int(np.clip(round(float(depth)), 0, 4))]
        return tuple(int(c) for c in np.clip(base + random.normal(0, 11, 3), 0, 255))  # type: ignore[return-value]

    picture = Image.new("RGB", (size, size), (20, 44, 96))
    draw = ImageDraw.Draw(picture)
    for strokes, width, length in _LAYERS:
        thick = max(2, round(width * size / 1000))
        for _ in range(strokes * size // 1000):
            x, y = random.uniform(-0.05, 1.05, 2)
            paint = colour(x, y)
            points = [(x * size, y * size)]
            for _ in range(6):
                u, v = direction(x, y)
                x, y = x + u * length / 6000, y + v * length / 6000
                points.append((x * size, y * size))
            _stroke(draw, points, thick, paint, random)
    return picture.filter(ImageFilter.UnsharpMask(2, 60, 2))


def _stroke(
    draw: ImageDraw.ImageDraw,
    points: list[tuple[float, float]],
    width: int,
    paint: tuple[int, int, int],
    random: np.random.Generator,
) -> None:
    """Draw a stroke with a shadow edge and a few bristles of lighter and darker paint."""
    dark = tuple(int(c * 0.72) for c in paint)
    draw.line([(x + 1, y + 2) for x, y in points], fill=dark, width=width, joint="curve")
    draw.line(points, fill=paint, width=width, joint="curve")
    for _ in range(width // 4):
        offset = random.uniform(-width / 2.6, width / 2.6)
        tone = random.uniform(0.82, 1.2)
        bristle = tuple(min(255, int(c * tone)) for c in paint)
        draw.line([(x + offset * 0.3, y + offset) for x, y in points], fill=bristle, width=1)
