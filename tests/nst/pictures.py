"""A photograph and a painting, drawn by code, alike on every machine."""

from __future__ import annotations

import math

from PIL import Image


def photograph(width: int, height: int) -> Image.Image:
    """A sky, a hill and a bright disc: smooth areas and edges."""
    image = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            u, v = x / width, y / height
            color = (90 + int(60 * v), 140 + int(40 * u), 220 - int(60 * v))
            if v > 0.6 + 0.1 * math.sin(7 * u):
                color = (60, 120 - int(50 * u), 50)
            if math.hypot(u - 0.7, v - 0.3) < 0.15:
                color = (250, 220, 120)
            image.putpixel((x, y), color)
    return image


def painting(width: int, height: int) -> Image.Image:
    """Curved strokes in blue and yellow."""
    image = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            u, v = x / 24, y / 24
            wave = math.sin(6 * (u + math.sin(v)) + 2 * math.cos(3 * v + u))
            image.putpixel(
                (x, y), (int(120 + 110 * wave), int(120 + 70 * wave), int(130 - 90 * wave))
            )
    return image
