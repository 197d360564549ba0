"""What the paintings look like: sheets to be looked at, and what can be counted in them.

Four photographs in four manners; then one pair at several strengths, with the photograph's colours,
with broad and thin strokes, mixed with a second painting, and from another seed. Everything is
painted at the recipe's own number of evaluations, one painting after another in this process.

Beside the sheets, for each painting: the part of its values at 0 or 255 ("clipped"); how much its
outermost rows and columns differ from their neighbours, relative to all others ("border": about 1
where there is no frame); and how much single pixels stick out of their eight neighbours, relative
to the photograph ("speckle").
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from bench._photos import photos
from data.gallery.painters import PAINTERS
from nst import StyleTransfer
from nst.images import fit
from nst.machine import environment
from nst.settings import Settings

Figures = dict[str, Any]
_STYLES = ("whirls", "glass", "waves", "dots")
_VAR = Path(__file__).resolve().parent.parent / "var" / "artifacts"
_GAP, _PAPER = 8, (250, 248, 244)


@dataclasses.dataclass(frozen=True)
class _Choice:
    """One way to paint the pair of the second sheet."""

    name: str
    settings: dict[str, Any]
    styles: tuple[str, ...] = ("whirls",)


_CHOICES = (
    *(_Choice(f"strength {s}", {"strength": s}) for s in (0.1, 0.3, 0.5, 0.7, 0.9)),
    _Choice("its own colours", {"keep_colors": True}),
    _Choice("broad strokes", {"brush": 2.0}),
    _Choice("thin strokes", {"brush": 0.5}),
    _Choice("mixed with glass", {"style_weights": (0.5, 0.5)}, ("whirls", "glass")),
    _Choice("seed 1", {"seed": 1}),
)
_COLUMNS = 5


def parser() -> argparse.ArgumentParser:
    """Options of this measurement."""
    parser = argparse.ArgumentParser(prog="python -m bench sheet", description=__doc__)
    parser.add_argument("--size", type=int, default=512, help="longest side in pixels (512)")
    parser.add_argument("--pairs", type=Path, default=_VAR / "pairs.jpg", help="first sheet")
    parser.add_argument("--choices", type=Path, default=_VAR / "choices.jpg", help="second")
    parser.add_argument("--only", choices=("pairs", "choices"), help="one sheet alone")
    parser.add_argument("--cell", type=int, default=240, help="pixels of a picture there (240)")
    return parser


def measure(options: argparse.Namespace) -> Figures:
    """Both sheets."""
    environment.settle()
    for sheet in (options.pairs, options.choices):
        sheet.parent.mkdir(parents=True, exist_ok=True)
    figures: Figures = {}
    contents = {name: fit(photo, options.size) for name, photo in photos().items()}
    styles = {name: PAINTERS[name](max(768, options.size), 1) for name in _STYLES}
    if options.only != "choices":
        cells: list[Image.Image] = [Image.new("RGB", (1, 1), _PAPER), *styles.values()]
        for name, photo in contents.items():
            cells.append(photo)
            for manner, style in styles.items():
                painted, figures[f"{name}, {manner}"] = _paint(photo, [style], options.size, {})
                cells.append(painted)
        _lay_out(cells, len(styles) + 1, options.cell).save(options.pairs, quality=88)
    if options.only != "pairs":
        cells = []
        photo = contents["astronaut"]
        for choice in _CHOICES:
            chosen = [styles[name] for name in choice.styles]
            painted, figures[choice.name] = _paint(photo, chosen, options.size, choice.settings)
            cells.append(painted)
        _lay_out(cells, _COLUMNS, options.cell).save(options.choices, quality=88)
    return figures


def show(figures: Figures) -> None:
    """The figures as a table."""
    sys.stdout.write(f"{'':<24}{'s':>8}{'clipped':>10}{'border':>9}{'speckle':>9}\n")
    for name, of in figures.items():
        sys.stdout.write(
            f"{name:<24}{of['s']:>8.1f}{of['clipped']:>10.2%}{of['border']:>9.2f}"
            f"{of['speckle']:>9.2f}\n"
        )


def _paint(
    photo: Image.Image, styles: list[Image.Image], size: int, chosen: dict[str, Any]
) -> tuple[Image.Image, Figures]:
    began = time.perf_counter()
    looked_at = [fit(style, size) for style in styles]
    settings = Settings(size=size, **chosen)
    painted = StyleTransfer(photo, looked_at, settings, own_process=True).paint()
    seconds = time.perf_counter() - began
    values = np.asarray(painted)
    return painted, {
        "s": seconds,
        "clipped": float(((values == 0) | (values == 255)).mean()),
        "border": _border(values),
        "speckle": _speckle(painted) / max(1e-6, _speckle(photo.resize(painted.size))),
    }


def _border(values: np.ndarray[Any, Any]) -> float:
    """Mean step from the outermost rows and columns inwards, relative to all other steps."""
    down = np.abs(np.diff(values.astype(float), axis=0)).mean(axis=(1, 2))
    across = np.abs(np.diff(values.astype(float), axis=1)).mean(axis=(0, 2))
    outer = (down[0] + down[-1] + across[0] + across[-1]) / 4
    return float(outer / ((down[1:-1].mean() + across[1:-1].mean()) / 2))


def _speckle(picture: Image.Image) -> float:
    """Mean distance of a pixel from the median of its neighbourhood, in levels."""
    smooth = np.asarray(picture.filter(ImageFilter.MedianFilter(3)), dtype=float)
    return float(np.abs(np.asarray(picture, dtype=float) - smooth).mean())


def _lay_out(pictures: list[Image.Image], columns: int, cell: int) -> Image.Image:
    """The pictures in rows, each in the middle of a square."""
    rows = -(-len(pictures) // columns)
    step = cell + _GAP
    sheet = Image.new("RGB", (columns * step + _GAP, rows * step + _GAP), _PAPER)
    for i, picture in enumerate(pictures):
        small = fit(picture, cell)
        x = _GAP + i % columns * step + (cell - small.width) // 2
        y = _GAP + i // columns * step + (cell - small.height) // 2
        sheet.paste(small, (x, y))
    return sheet
