"""The sizes of a painting and of its styles.

Sizes are width and height in pixels. This module imports neither torch nor Pillow.
"""

from __future__ import annotations

import math

from nst.choices import SMALLEST
from nst.schedule import fitting

ENLARGE = 2.0
"""The factor by which a photograph is enlarged at most; more would only be blur."""


def painting_size(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return the size of the painting of a photograph of `size`, with the same ratio.

    Its longest side is `longest`, or less for a small photograph (`ENLARGE`).
    """
    return fitting(size, min(longest, math.floor(max(size) * ENLARGE)))


def style_size(style: tuple[int, int], size: tuple[int, int], brush: float) -> tuple[int, int]:
    """Return the size at which to measure a style, for a painting of `size`.

    Its longest side is the painting's times the brush. For a narrow painting it has no more than
    twice the painting's pixels, or its strokes would be wider than the painting. Either side is
    at least `SMALLEST`, so that the network can process it.
    """
    longest = max(size) * brush
    width, height = fitting(style, round(longest))
    most = 2 * size[0] * size[1] * brush**2
    if width * height > most:
        width, height = fitting(style, round(longest * math.sqrt(most / (width * height))))
    return max(width, SMALLEST), max(height, SMALLEST)
