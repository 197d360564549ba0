"""Two engines' delivered losses against seconds, both on logarithmic scales."""

from __future__ import annotations

import math

from PIL import Image

from plots.canvas import BLUE, DASHED, GREY, GRID, INK, ORANGE, SOLID, Canvas

_WIDTH, _HEIGHT = 960, 560
_LEFT, _TOP, _RIGHT, _BOTTOM = 96, 64, 900, 480


def draw(
    title: str, ours: list[tuple[int, float, float]], theirs: list[tuple[int, float, float]]
) -> Image.Image:
    """Both as lists of (evaluations, seconds, delivered loss)."""
    seconds = [s for _, s, _ in ours + theirs]
    losses = [x for _, _, x in ours + theirs]
    first, last = math.log10(min(seconds)) - 0.05, math.log10(max(seconds)) + 0.05
    low, high = math.floor(math.log10(min(losses))), math.ceil(math.log10(max(losses)))

    def across(second: float) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (math.log10(second) - first) / (last - first)

    def down(loss: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * (math.log10(loss) - low) / (high - low)

    canvas = Canvas(_WIDTH, _HEIGHT)
    canvas.text((_LEFT, 30), f"Loss of the delivered picture: {title}", size=18, colour=INK)
    for decade in range(low, high + 1):
        y = down(10.0**decade)
        canvas.line([(_LEFT, y), (_RIGHT, y)], GRID, width=1.2)
        canvas.text((_LEFT - 10, y), f"1e{decade}", colour=GREY, anchor="rm")
    for second in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        if first <= math.log10(second) <= last:
            x = across(second)
            canvas.line([(x, _TOP), (x, _BOTTOM)], GRID, width=1.2)
            canvas.text((x, _BOTTOM + 18), f"{second}", colour=GREY, anchor="mm")
    canvas.text(((_LEFT + _RIGHT) / 2, _BOTTOM + 46), "seconds", colour=GREY, anchor="mm")
    for row, (name, looks, colour, dash) in enumerate(
        (
            ("pastiche 1.6.0, 100 evaluations", theirs, ORANGE, DASHED),
            ("this engine", ours, BLUE, SOLID),
        )
    ):
        canvas.line([(across(s), down(x)) for _, s, x in looks], colour, width=2.6, dash=dash)
        # In the corner that both leave free: losses fall.
        y = _TOP + 24 + 26 * row
        canvas.line([(_RIGHT - 290, y), (_RIGHT - 250, y)], colour, width=2.6, dash=dash)
        canvas.text((_RIGHT - 240, y), name, size=15, colour=colour, anchor="lm")
    return canvas.picture()
