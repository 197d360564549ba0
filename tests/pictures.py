"""Pictures made by code, for tests that need some."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageDraw


def photo(width: int = 160, height: int = 120, seed: int = 1) -> Image.Image:
    """Something like a landscape: sky, hill, a house."""
    picture = Image.linear_gradient("L").resize((width, height))
    picture = Image.merge(
        "RGB", (picture, picture.point(lambda v: v // 2 + 90), picture.rotate(180))
    )
    draw = ImageDraw.Draw(picture)
    draw.ellipse((-width // 3, height // 2, width, height * 2), fill=(60, 110 + seed % 90, 50))
    left, top = width // 2 + seed % 20, height // 2
    draw.rectangle((left, top, left + width // 5, top + height // 4), fill=(170, 80, 60))
    return picture


def painting(size: int = 140, seed: int = 2) -> Image.Image:
    """Something like a painting: many short strokes of few colours."""
    picture = Image.new("RGB", (size, size), (30, 50, 110))
    draw = ImageDraw.Draw(picture)
    colours = [(230, 200, 90), (240, 240, 220), (60, 90, 160), (20, 30, 70)]
    for i in range(220):
        x, y = (i * 37 + seed * 11) % size, (i * 53 + seed * 7) % size
        draw.line((x, y, x + 12, y + (i % 9) - 4), fill=colours[i % len(colours)], width=3)
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file's bytes."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
