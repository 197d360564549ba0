"""Tools for the painters: noise, fields to follow, and a board that takes thick paint.

Coordinates run from 0 to 1 over the board, y downwards; colours are arrays of three, 0..255.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Array = NDArray[Any]
Field = Callable[[Array, Array], Array]
"""`field(x, y)` returns a number for each point."""

_FINE = 2  # The board is drawn at twice its size, because Pillow doesn't antialias lines.


class Noise:
    """Smooth random heights of about -1..1: the sum of waves of random directions and phases."""

    def __init__(
        self, random: np.random.Generator, frequency: float, octaves: int = 3, waves: int = 7
    ) -> None:
        """There are `frequency` hills across the board; each octave is half as wide and high."""
        octave = np.repeat(np.arange(octaves), waves)
        angle = random.uniform(0, 2 * np.pi, octave.size)
        pitch = frequency * 2.0**octave * random.uniform(0.6, 1.4, octave.size) * 2 * np.pi
        self._kx, self._ky = pitch * np.cos(angle), pitch * np.sin(angle)
        self._phase = random.uniform(0, 2 * np.pi, octave.size)
        self._height = 0.5**octave / np.sqrt(waves / 2) / 1.6

    def __call__(self, x: Array, y: Array) -> Array:
        """Return the height at each point."""
        total = np.zeros(np.broadcast(x, y).shape)
        for kx, ky, phase, height in zip(
            self._kx, self._ky, self._phase, self._height, strict=True
        ):
            total += height * np.sin(kx * x + ky * y + phase)
        return total


def grid(size: int) -> tuple[Array, Array]:
    """Return x and y of every pixel's centre."""
    line = (np.arange(size) + 0.5) / size
    x, y = np.meshgrid(line, line)
    return x, y


def grain(random: np.random.Generator, size: int, blur: float) -> Array:
    """Return a fine texture of about -1..1, with grains of `blur` thousandths of the board."""
    raw = Image.fromarray(random.integers(0, 256, (size, size), dtype=np.uint8))
    soft = np.asarray(raw.filter(ImageFilter.GaussianBlur(blur * size / 1000)), float)
    soft -= soft.mean()
    return np.asarray(soft / (3 * soft.std()))


def smooth(low: float, high: float, value: Array) -> Array:
    """Return 0 below `low`, 1 above `high`, and a smooth step between (falling if low > high)."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def ramp(palette: Sequence[Sequence[int]], t: Array) -> Array:
    """Return colours along a palette for t in 0..1, blended between neighbours."""
    colours = np.asarray(palette, float)
    place = np.clip(t, 0, 1) * (len(colours) - 1)
    low = np.minimum(place.astype(int), len(colours) - 2)
    part = (place - low)[..., None]
    return np.asarray(colours[low] * (1 - part) + colours[low + 1] * part)


def mix(a: Array, b: Array | Sequence[int], t: Array) -> Array:
    """Return a blend: `a` where t is 0, `b` where t is 1."""
    part = np.asarray(t)[..., None]
    return np.asarray(a * (1 - part) + np.asarray(b, float) * part)


def nearest(x: Array, y: Array, seeds: Array) -> tuple[NDArray[np.int64], Array, Array]:
    """Voronoi: the nearest seed's number, its distance, and the distance of the second nearest."""
    which = np.empty(x.shape, np.int64)
    first, second = np.empty(x.shape), np.empty(x.shape)
    for row in range(x.shape[0]):  # one row at a time keeps the memory small
        d = np.hypot(x[row][:, None] - seeds[:, 0], y[row][:, None] - seeds[:, 1])
        pair = np.argpartition(d, 1, axis=1)[:, :2]
        near = np.take_along_axis(d, pair, axis=1)
        swap = near[:, 0] > near[:, 1]
        pair[swap], near[swap] = pair[swap][:, ::-1], near[swap][:, ::-1]
        which[row], first[row], second[row] = pair[:, 0], near[:, 0], near[:, 1]
    return which, first, second


def image(colours: Array) -> Image.Image:
    """Return an array of colours as a picture."""
    return Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8))


class Board:
    """Takes strokes of a bristle brush, and shades them by the thickness of the paint."""

    def __init__(self, size: int, ground: Image.Image, random: np.random.Generator) -> None:
        """`ground` shows where no stroke covers it."""
        self.size = size
        self._full = size * _FINE
        self._random = random
        self._paint = ground.resize((self._full, self._full), Image.Resampling.BICUBIC)
        self._height = Image.new("L", (self._full, self._full), 90)
        self._draw = ImageDraw.Draw(self._paint)
        self._pile = ImageDraw.Draw(self._height)

    def strokes(
        self,
        starts: Array,
        angle: Field,
        colours: Array,
        *,
        length: float,
        width: float,
        spread: float = 0.12,
    ) -> None:
        """Paint strokes from `starts` along a field of angles, one colour each.

        `spread` is the variation of the tones within a stroke.
        """
        steps = 6
        points = [starts]
        for _ in range(steps):
            x, y = points[-1].T
            a = angle(x, y)
            points.append(points[-1] + np.stack([np.cos(a), np.sin(a)], 1) * length / steps)
        paths = np.stack(points, 1)
        sizes = self._random.uniform(0.65, 1.2, len(starts))
        for path, colour, size in zip(paths, colours, sizes, strict=True):
            self.stroke(path, width * size, colour, spread)

    def stroke(self, path: Array, width: float, colour: Array, spread: float = 0.12) -> None:
        """One stroke: bristles side by side, each with its own tone, load of paint and reach."""
        px = path * self._full
        across = np.gradient(px, axis=0)[:, ::-1] * (-1, 1)
        across /= np.maximum(np.hypot(*across.T), 1e-6)[:, None]
        thick = width * self._full
        bristles = int(np.clip(thick / 4, 2, 12))
        offsets = np.linspace(-0.5, 0.5, bristles) * thick * 0.86
        tones = 1 + self._random.normal(0, spread, bristles)
        loads = self._random.integers(70, 256, bristles)
        reach = self._random.integers(0, 2, (bristles, 2))
        line = max(2, round(thick / bristles * 1.5))
        for k in self._random.permutation(bristles):
            # The outer bristles lift off earlier: a stroke's ends are round and ragged.
            edge = int(abs(2 * k / max(1, bristles - 1) - 1) > 0.7)
            run = px + across * offsets[k]
            run = run[edge * reach[k, 0] : len(run) - edge * reach[k, 1]]
            points = [(float(a), float(b)) for a, b in run]
            tint = tuple(int(c) for c in np.clip(colour * tones[k], 0, 255))
            self._draw.line(points, fill=tint, width=line, joint="curve")
            self._pile.line(points, fill=int(loads[k]), width=line, joint="curve")

    def dabs(self, places: Array, radii: Array, colours: Array) -> None:
        """Paint round dabs, a little lighter where the paint is thick."""
        for (x, y), r, colour in zip(places * self._full, radii * self._full, colours, strict=True):
            tint = tuple(int(c) for c in np.clip(colour, 0, 255))
            self._draw.ellipse((x - r, y - r, x + r, y + r), fill=tint)
            self._pile.ellipse((x - r, y - r, x + r, y + r), fill=150)
            self._pile.ellipse((x - r * 0.5, y - r * 0.5, x + r * 0.5, y + r * 0.5), fill=235)

    def picture(self, relief: float = 0.5) -> Image.Image:
        """Return the painting, lit from the upper left so that thick paint casts small shadows."""
        colours = np.asarray(self._paint.reduce(_FINE), float)
        height = np.asarray(self._height.filter(ImageFilter.GaussianBlur(1.2)).reduce(_FINE), float)
        down, right = np.gradient(height)
        slope = (right + down) / 60 * relief
        lit = colours * np.clip(1 + slope, 0.55, 1.5)[..., None]
        shine = np.clip(slope - 0.28, 0, 1)[..., None] * 150
        return image(lit + shine)


def sampled(target: Image.Image, places: Array) -> Array:
    """Return the target's colour at each place."""
    pixels = np.asarray(target, float)
    across = np.clip((places * target.width).astype(int), 0, target.width - 1)
    return np.asarray(pixels[across[:, 1], across[:, 0]])
