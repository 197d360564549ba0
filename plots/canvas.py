"""A canvas with lines, boxes and text: the little that a chart needs.

Everything is drawn at twice its size and shrunk at the end, which smooths every line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]
Colour = tuple[int, int, int]

PAPER: Colour = (255, 255, 255)
INK: Colour = (38, 42, 51)
GREY: Colour = (108, 116, 130)
GRID: Colour = (226, 229, 235)
# Distinguishable with colour blindness too; each line also has a dash pattern of its own.
BLUE: Colour = (31, 99, 178)
ORANGE: Colour = (207, 100, 20)
LIGHT: Colour = (168, 176, 190)

SOLID: tuple[int, ...] = ()
DASHED = (14, 7)
DOTTED = (3, 6)
_SCALE = 2


class Canvas:
    """A white canvas of `width` × `height` pixels, with the origin at its top left."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._image = Image.new("RGB", (width * _SCALE, height * _SCALE), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def picture(self) -> Image.Image:
        return self._image.resize((self.width, self.height), Image.Resampling.LANCZOS)

    def text(self, at: Point, text: str, *, size: int = 15, colour: Colour = INK,
             anchor: str = "lm") -> None:  # fmt: skip
        """Write text; `anchor` is as in Pillow: l, m, r and t, m, b (ascender, middle, bottom)."""
        font = ImageFont.load_default(size * _SCALE)
        self._draw.text(_scaled(at), text, font=font, fill=colour, anchor=anchor)

    def line(self, points: Sequence[Point], colour: Colour, *, width: float = 1.0,
             dash: tuple[int, ...] = SOLID) -> None:  # fmt: skip
        """Draw a line through `points`; `dash` is (pixels on, pixels off)."""
        pieces = [points] if not dash else _dashed(points, *dash)
        for piece in pieces:
            self._draw.line(
                [_scaled(point) for point in piece],
                fill=colour,
                width=round(width * _SCALE),
                joint="curve",
            )

    def box(self, left_top: Point, right_bottom: Point, colour: Colour) -> None:
        """Fill a rectangle, without its right and bottom edges."""
        (left, top), (right, bottom) = _scaled(left_top), _scaled(right_bottom)
        if right > left and bottom > top:
            self._draw.rectangle((left, top, right - 1, bottom - 1), fill=colour)


def _scaled(point: Point) -> Point:
    return round(point[0] * _SCALE), round(point[1] * _SCALE)


def _dashed(points: Sequence[Point], on: float, off: float) -> Iterator[list[Point]]:
    """Cut a line into pieces of `on` pixels with gaps of `off` pixels between them."""
    left, drawing, piece = float(on), True, [points[0]]
    for start, end in pairwise(points):
        length = math.dist(start, end)
        done = 0.0
        while length - done > left:
            done += left
            share = done / length
            at = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
            if drawing:
                yield [*piece, at]
            drawing, piece = not drawing, [at]
            left = float(on if drawing else off)
        left -= length - done
        if drawing:
            piece.append(end)
    if drawing and len(piece) > 1:
        yield piece


def round_steps(highest: float, most: int = 5) -> list[float]:
    """Return 0 and at most about `most` equidistant round numbers up to at least `highest`."""
    rough = max(highest, 1e-9) / most
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= rough)
    return [step * i for i in range(math.ceil(highest / step) + 1)]
