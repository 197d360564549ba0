"""Draws paintings by day and outcome, as stacked bars."""

from __future__ import annotations

import json
from collections.abc import Iterable

from PIL.Image import Image

from plots.canvas import BLUE, GREY, GRID, LIGHT, ORANGE, Canvas, round_steps

_WIDTH, _HEIGHT = 960, 480
_LEFT, _TOP, _RIGHT, _BOTTOM = 70, 64, 930, 420
OUTCOMES = (("done", BLUE), ("stopped", LIGHT), ("failed", ORANGE))
_LABELS = 8  # About how many days are named below the bars, at most.


def draw(lines: Iterable[str]) -> Image:
    """Draw a JSON list of {"day": "2026-01-31", "done": 5, "stopped": 1, "failed": 0}, in order.

    Raises ValueError if it is empty or something else.
    """
    try:
        days = [
            (str(day["day"]), [int(day[name]) for name, _ in OUTCOMES])
            for day in json.loads("".join(lines))
        ]
    except (KeyError, TypeError) as error:
        raise ValueError("not a list of days") from error
    if not days:
        raise ValueError("no days to draw")
    canvas = Canvas(_WIDTH, _HEIGHT)
    ticks = round_steps(max(1, *(sum(counts) for _, counts in days)))
    ticks = [tick for tick in ticks if tick == int(tick)]  # Counts are whole numbers.
    height = (_BOTTOM - _TOP) / ticks[-1]
    for tick in ticks:
        y = _BOTTOM - tick * height
        canvas.line([(_LEFT, y), (_RIGHT, y)], GRID, width=1.2)
        canvas.text((_LEFT - 10, y), f"{tick:g}", colour=GREY, anchor="rm")
    room = (_RIGHT - _LEFT) / len(days)
    every = -(-len(days) // _LABELS)
    for i, (day, counts) in enumerate(days):
        x = _LEFT + i * room
        y = float(_BOTTOM)
        for (_, colour), count in zip(OUTCOMES, counts, strict=True):
            canvas.box((x + room * 0.14, y - count * height), (x + room * 0.86, y), colour)
            y -= count * height
        if (len(days) - 1 - i) % every == 0:  # The last day is always named.
            at = (x + room / 2, _BOTTOM + 20)
            canvas.text(at, f"{day[8:10]}.{day[5:7]}.", colour=GREY, anchor="mm")
    canvas.line([(_LEFT, _BOTTOM), (_RIGHT, _BOTTOM)], GREY, width=1.4)
    _legend(canvas, [sum(counts[i] for _, counts in days) for i in range(len(OUTCOMES))])
    return canvas.picture()


def _legend(canvas: Canvas, totals: list[int]) -> None:
    x = float(_LEFT)
    for (name, colour), total in zip(OUTCOMES, totals, strict=True):
        canvas.box((x, 22), (x + 16, 38), colour)
        canvas.text((x + 24, 30), f"{name} {total}", size=17, colour=GREY)
        x += 60 + 10 * len(f"{name} {total}")
