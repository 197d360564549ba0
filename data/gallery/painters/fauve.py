"""Fauvism: a harbour in colours that aren't natural.

Sky, hills, water and shore are broad patches of raw colour, each brushed in a direction of its own,
with sails and roofs as single shapes. Slivers of bare canvas remain between the strokes, and a wide
brush adds dark blue contours last.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw

from data.gallery.painters.drawing import Array, Board, Noise, image, sampled

_BANDS = (
    # down to y, its colours, the direction of its strokes
    (0.13, ((250, 190, 70), (250, 214, 120), (244, 150, 110)), 0.15),
    (0.24, ((238, 110, 120), (246, 160, 90), (244, 136, 150)), -0.2),
    (0.33, ((130, 190, 196), (250, 210, 130), (160, 150, 206)), 0.1),
    (0.42, ((40, 110, 150), (96, 66, 160), (36, 140, 120)), 0.9),
    (0.50, ((220, 66, 60), (60, 150, 90), (120, 60, 150)), -0.7),
    (0.62, ((24, 120, 190), (50, 170, 190), (30, 80, 170)), 0.0),
    (0.76, ((40, 150, 190), (246, 150, 80), (20, 100, 160)), 0.05),
    (0.88, ((236, 90, 70), (248, 190, 60), (230, 100, 150)), 0.5),
    (1.10, ((50, 140, 80), (250, 200, 70), (150, 60, 140)), 1.3),
)
_SAILS = ((0.22, 0.60, 0.17), (0.47, 0.66, 0.25), (0.74, 0.58, 0.14), (0.88, 0.69, 0.21))
_SAIL_TINTS = ((252, 240, 210), (240, 96, 50), (250, 206, 60), (240, 130, 160))
_NAVY = np.array((22, 28, 86.0))


def paint_fauve(size: int = 768, seed: int = 1) -> Image.Image:
    """Return a square painting of `size` pixels."""
    random = np.random.default_rng(seed)
    roll, patch = Noise(random, 1.3), Noise(random, 2.6)
    target = Image.new("RGB", (512, 512))
    draw = ImageDraw.Draw(target)
    line = np.linspace(-0.02, 1.02, 90)
    edges, ways = [np.full(90, -0.05)], []
    for k, (bottom, tints, way) in enumerate(_BANDS):
        steep = 0.055 if 2 <= k <= 4 else 0.025
        edges.append(bottom + steep * roll(line * (1.6 if steep > 0.03 else 1), 0 * line + k))
        ways.append(way)
        for i in range(89):  # patches of its colours side by side
            tint = tints[
                int(np.floor(1.6 * patch(line[i : i + 1], np.array([bottom]))[0] + 2 * line[i] * 2))
                % 3
            ]
            box = [
                (line[i], edges[-2][i] - 0.1),
                (line[i + 1], edges[-2][i + 1] - 0.1),
                (line[i + 1], 1.1),
                (line[i], 1.1),
            ]
            draw.polygon([(a * 512, max(b, edges[-2][i]) * 512) for a, b in box], fill=tint)
    outlines = [np.stack([line, edge], 1) for edge in edges[2:-1]]
    for (x, y, high), tint in zip(_SAILS, _SAIL_TINTS, strict=True):
        sail = np.array([(x, y), (x + 0.02, y - high), (x + 0.55 * high, y - 0.02), (x, y)])
        jib = np.array(
            [
                (x - 0.015, y),
                (x + 0.005, y - 0.85 * high),
                (x - 0.36 * high, y - 0.01),
                (x - 0.015, y),
            ]
        )
        hull = np.array(
            [
                (x - 0.4 * high, y + 0.01),
                (x + 0.6 * high, y),
                (x + 0.4 * high, y + 0.05),
                (x - 0.25 * high, y + 0.05),
                (x - 0.4 * high, y + 0.01),
            ]
        )
        for shape, colour in ((sail, tint), (jib, _SAIL_TINTS[0]), (hull, (200, 40, 60))):
            draw.polygon([(float(a) * 512, float(b) * 512) for a, b in shape], fill=colour)
            outlines.append(shape)
        for k in range(7):  # the sail's reflection, broken
            across, down = x + random.uniform(-0.03, 0.3 * high), y + 0.07 + 0.018 * k
            draw.rectangle(
                (across * 512, down * 512, (across + 0.05) * 512, (down + 0.008) * 512), fill=tint
            )

    def angle(x: Array, y: Array) -> Array:
        """Return the band's direction, with a little variation."""
        band = np.searchsorted([b for b, _, _ in _BANDS[:-1]], y - 0.02 * roll(x, y))
        return np.asarray(np.array(ways)[band] + 0.45 * patch(x, y))

    board = Board(size, image(np.full((8, 8, 3), (238, 224, 196))), random)
    for strokes, width, length in ((900, 0.050, 0.11), (1900, 0.030, 0.07), (2200, 0.014, 0.04)):
        starts = random.uniform(-0.03, 1.01, (strokes, 2))
        middle = np.clip(
            starts + length / 2 * np.stack([np.cos(angle(*starts.T)), np.sin(angle(*starts.T))], 1),
            0,
            1,
        )
        tones = sampled(target, middle) * random.normal(1, 0.07, (strokes, 1))
        tones += random.normal(0, 9, (strokes, 3))
        board.strokes(starts, angle, tones, length=length, width=width, spread=0.08)
    for outline in outlines:
        _contour(board, random, outline)
    return board.picture(relief=0.55)


def _contour(board: Board, random: np.random.Generator, outline: Array) -> None:
    """Draw a dark line in several strokes of a wide brush, with gaps here and there."""
    for start, end in pairwise(outline):
        if np.hypot(*(end - start)) > 0.03:
            s = np.linspace(-0.03, 1.03, 7)[:, None]
            board.stroke(start + s * (end - start), random.uniform(0.007, 0.011), _NAVY, 0.2)
    if len(outline) > 30:
        for i in range(0, len(outline) - 7, 6):
            if random.uniform() < 0.8:
                board.stroke(
                    outline[i : i + 8] + random.normal(0, 0.0015, 2),
                    random.uniform(0.006, 0.011),
                    _NAVY,
                    0.2,
                )
