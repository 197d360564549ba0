"""Draws the losses of one painting over its evaluations, on a logarithmic scale."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from PIL.Image import Image

from plots.canvas import (
    BLUE,
    DASHED,
    DOTTED,
    GREY,
    GRID,
    INK,
    ORANGE,
    SOLID,
    Canvas,
    Point,
    round_steps,
)

_WIDTH, _HEIGHT = 960, 600
_LEFT, _TOP, _RIGHT, _BOTTOM = 84, 56, 856, 540
_LINES = (("total", INK, SOLID), ("style", BLUE, DASHED), ("content", ORANGE, DOTTED))
Scale = Callable[[float], float]
_APART = 20.0  # Least distance in pixels between the names at the lines' ends.


@dataclass(frozen=True, slots=True)
class _Row:
    stage: int
    size: int
    losses: dict[str, float]


def draw(lines: Iterable[str]) -> Image:
    """Draw a CSV with the columns stage, size, evaluation, content, style, total, seconds.

    Raises ValueError if it has no row with numbers.
    """
    rows = [
        _Row(
            int(row["stage"]),
            int(row["size"]),
            {name: float(row[name]) for name, _, _ in _LINES},
        )
        for row in csv.DictReader(lines)
    ]
    values = [v for row in rows for v in row.losses.values() if 0 < v < math.inf]
    if not values:
        raise ValueError("no losses to draw")
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)

    def across(evaluation: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * evaluation / max(1, len(rows) - 1)

    def down(value: float) -> float:
        share = (math.log10(value) - low) / (high - low)
        return _BOTTOM - (_BOTTOM - _TOP) * share

    canvas = Canvas(_WIDTH, _HEIGHT)
    _grid(canvas, len(rows), (low, high), across, down)
    _stages(canvas, rows, across)
    ends = []
    for name, colour, dash in _LINES:
        # Losses of different stages can't be compared, so no line connects them.
        points: list[Point] = []
        for _, stage in groupby(enumerate(rows), key=lambda numbered: numbered[1].stage):
            points = [
                (across(i), down(row.losses[name]))
                for i, row in stage
                if 0 < row.losses[name] < math.inf
            ]
            if len(points) > 1:
                canvas.line(points, colour, width=2.4, dash=dash)
        if points:
            ends.append((points[-1][1], name, colour))
    lowest = -math.inf
    for y, name, colour in sorted(ends):
        lowest = max(y, lowest + _APART)
        canvas.text((_RIGHT + 10, lowest), name, size=17, colour=colour)
    return canvas.picture()


def _grid(canvas: Canvas, count: int, decades: tuple[int, int], across: Scale, down: Scale) -> None:
    low, high = decades
    every = max(1, (high - low) // 8)
    for decade in range(low, high + 1):
        y = down(10.0**decade)
        canvas.line([(_LEFT, y), (_RIGHT, y)], GRID, width=1.2)
        if (decade - low) % every == 0:
            canvas.text((_LEFT - 10, y), f"1e{decade}", colour=GREY, anchor="rm")
    for step in round_steps(count - 1):
        if step <= count - 1:
            canvas.text((across(step), _BOTTOM + 18), f"{step:g}", colour=GREY, anchor="mm")
    canvas.line([(_LEFT, _BOTTOM), (_RIGHT, _BOTTOM)], GREY, width=1.4)
    middle = (_LEFT + _RIGHT) / 2
    canvas.text((middle, _BOTTOM + 44), "evaluation", colour=GREY, anchor="mm")


def _stages(canvas: Canvas, rows: list[_Row], across: Scale) -> None:
    """Mark where each scale begins, since losses can't be compared across scales."""
    for i, row in enumerate(rows):
        if i == 0 or row.size != rows[i - 1].size:
            x = across(i)
            canvas.line([(x, _TOP - 8), (x, _BOTTOM)], GREY, width=1.0, dash=(4, 4))
            canvas.text((x + 6, _TOP - 22), f"{row.size} px", colour=GREY)
