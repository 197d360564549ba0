"""Ink wash: mountains in mist, a pine, and much untouched paper.

Each ridge is dark along its edge and fades downwards into mist; nearer ridges are blacker. Where
the brush ran dry the paper's grain shows through. Grass and branches are single strokes of varying
width. There is one red seal.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from data.gallery.painters.drawing import Array, Board, Noise, grain, grid, image, mix, smooth

_PAPER = (240, 233, 216)
_INK = (26, 27, 32)
_SEAL = (178, 44, 34)


def paint_ink(size: int = 768, seed: int = 1) -> Image.Image:
    """Return a square painting of `size` pixels."""
    random = np.random.default_rng(seed)
    x, y = grid(size)
    fibre = grain(random, size, 1.0) + grain(random, size, 3.0)
    bloom = Noise(random, 4, 4)
    tone = 0.05 + 0.05 * bloom(x, y) + 0.03 * fibre
    sun = np.hypot(x - 0.24, y - 0.17)
    tone = tone + 0.26 * smooth(0.15, 0.085, sun) * smooth(0.066, 0.072, sun)  # paper left as moon
    for row in range(7):
        depth = row / 6
        base = 0.25 + 0.62 * depth**0.9
        shape = Noise(random, 1.7 + 0.5 * depth, 5)
        peak = 0.55 * np.exp(-(((x - random.uniform(0.1, 0.9)) / 0.2) ** 2)) + 0.4
        ridge = base - 0.17 * (1 - 0.35 * depth) * peak * (0.7 + shape(x, 0 * x + row))
        ridge = ridge + 0.004 * bloom(7 * x, 7 * y)
        under = y - ridge
        reach = (0.05 + 0.09 * depth) * (1 + 0.6 * bloom(2 * x, 0.5 * y))
        wash = np.where(under > 0, np.exp(-under / np.maximum(reach, 0.02)), 0)
        # Texture strokes run down the slopes: the same noise, squeezed across and drawn out along.
        creases = np.abs(shape(9 * x + 2.4 * under, 2.2 * y + row))
        crease = smooth(0.22, 0.03, creases) * smooth(0.0, 0.02, under) * wash
        dry = smooth(-0.3, 0.5, grain(random, size, 1.3) + 0.8 - 1.5 * wash)
        strength = 0.16 + 0.62 * depth**1.4
        layer = strength * (
            wash * (0.75 + 0.25 * bloom(3 * x, 3 * y)) + 0.8 * crease * (1 - 0.7 * dry)
        )
        rim = smooth(0.006, 0.001, np.abs(under - 0.002)) * strength * 0.7
        tone = np.where(under > 0, tone * (0.35 + 0.5 * (1 - wash)), tone)
        tone = tone + layer + rim
    painting = mix(
        np.broadcast_to(np.array(_PAPER, float), (size, size, 3)), _INK, np.clip(tone, 0, 1)
    )
    painting = painting * (1 + 0.035 * fibre)[..., None]

    board = Board(size, image(painting), random)
    ink = np.array(_INK, float)
    _pine(board, random, ink, np.array((0.99, 0.60)), angle=-2.75, width=0.022, length=0.30)
    for _ in range(230):  # reeds in the foreground, from the lower edge
        foot = np.array([random.beta(0.8, 1.6) * 0.75, 1.02])
        lean, high = random.normal(0.25, 0.35), random.uniform(0.06, 0.26)
        s = np.linspace(0, 1, 7)[:, None]
        blade = (
            foot + s * high * np.array([np.sin(lean), -np.cos(lean)]) + s**2 * [[lean * 0.08, 0]]
        )
        board.stroke(blade, random.uniform(0.002, 0.006), ink + random.uniform(0, 110), 0.1)
    drops = random.uniform(0, 1, (90, 2))
    board.dabs(drops, random.exponential(0.0013, 90), ink + random.uniform(0, 120, (90, 1)))
    picture = np.asarray(board.picture(relief=0.12), float)
    inside = np.maximum(np.abs(x - 0.9), np.abs(y - 0.1)) + 0.002 * bloom(9 * x, 9 * y)
    carved = np.minimum(np.abs((x - 0.9) * 90 % 2 - 1), np.abs((y - 0.1) * 70 % 2 - 1)) < 0.28
    stamp = (inside < 0.034) & ~(carved & (inside < 0.028)) & (fibre > -0.9)
    return image(mix(picture, _SEAL, stamp * 0.9))


def _pine(
    board: Board,
    random: np.random.Generator,
    ink: Array,
    foot: Array,
    *,
    angle: float,
    width: float,
    length: float,
    age: int = 0,
) -> None:
    """Draw a branch that bends, forks, and carries fans of needles."""
    path = [foot]
    for _ in range(6):
        angle += random.normal(0, 0.22)
        path.append(path[-1] + np.array([np.cos(angle), np.sin(angle)]) * length / 6)
    board.stroke(np.array(path), width, ink, 0.25)
    for place in path[2:]:
        if age < 2:
            turn = random.choice([-1, 1]) * random.uniform(0.4, 1.1)
            twig = {"angle": angle + turn, "width": width * 0.5, "length": length * 0.55}
            _pine(board, random, ink, place, **twig, age=age + 1)
        if age > 0:
            for needle in np.linspace(-2.7, -0.4, 13):
                s = np.linspace(0, 1, 4)[:, None]
                reach = random.uniform(0.022, 0.04)
                fan = place + s * reach * np.array([np.cos(needle), np.sin(needle)])
                board.stroke(fan, 0.0022, ink + random.uniform(0, 50), 0.1)
