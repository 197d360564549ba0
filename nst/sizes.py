"""How large a painting becomes, and how large a style is looked at.

Sizes are width and height in pixels. Free of torch and Pillow.
"""

from __future__ import annotations

import math

from nst.choices import SMALLEST
from nst.schedule import fitting

ENLARGE = 2.0
"""A photograph is enlarged at most so much: beyond it there is nothing to paint but blur."""


def painting_size(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Width and height of the painting: the ratio is kept, and small photographs stay small."""
    return fitting(size, min(longest, math.floor(max(size) * ENLARGE)))


def style_size(style: tuple[int, int], size: tuple[int, int], brush: float) -> tuple[int, int]:
    """Width and height at which a style is looked at, for a painting of `size`.

    As long as the painting's longer side, times the brush; a narrow painting gets no more than
    twice its own pixels of it, or its strokes would be wider than the painting. Never so small
    that the network can't look at it.
    """
    longest = max(size) * brush
    width, height = fitting(style, round(longest))
    most = 2 * size[0] * size[1] * brush**2
    if width * height > most:
        width, height = fitting(style, round(longest * math.sqrt(most / (width * height))))
    return max(width, SMALLEST), max(height, SMALLEST)
