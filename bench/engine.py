"""The engine against pastiche 1.6.0, on the picture that people get.

Both paint the same pairs in turns on the same machine, at the same longest side, with the very
same objective (`--preset gatys`), each in a process of its own. What counts is the delivered 8-bit
picture: its loss by pastiche's own loss function, in float32. Figures: seconds an evaluation;
seconds until our delivered picture is at least as good as pastiche's after 25, 50 and 100
evaluations; the loss at our default number of them; peak memory; and how near an evaluation comes
to the machine's own matrix-multiply rate. Four pairs at 512 px take about twelve minutes.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from bench._photos import photos
from bench._versus import draw
from nst.images import fit, load
from nst.memory.plan import choose_dtype

Figures = dict[str, Any]
Look = tuple[int, float, float]
"""Evaluations, seconds, delivered loss."""
_GFLOP = 284.0 / (512 * 384)  # a pixel: forward and input gradient, relu1_1…relu5_1
_MARKS = (25, 50, 100)
_ROOT = Path(__file__).resolve().parent.parent


def parser() -> argparse.ArgumentParser:
    """Options of this measurement."""
    parser = argparse.ArgumentParser(prog="python -m bench engine", description=__doc__)
    parser.add_argument("--size", type=int, default=512, help="longest side in pixels (512)")
    parser.add_argument("--peer", type=int, default=100, help="pastiche's evaluations (100)")
    parser.add_argument("--dtype", default="auto", choices=("auto", "float32", "bfloat16"))
    parser.add_argument("--pairs", type=int, default=4, help="how many of the pairs (4)")
    parser.add_argument("--quick", action="store_true", help="256 px, two pairs: two minutes")
    parser.add_argument("--plot", type=Path, help="draw the first pair's losses against seconds")
    parser.add_argument("--content", type=Path, help="a photo of your own; with --style, alone")
    parser.add_argument("--style", type=Path, help="a painting of your own")
    return parser


def measure(options: argparse.Namespace) -> Figures:
    """All pairs, one after another: the peer, then the engine."""
    if options.quick:
        options.size, options.pairs = 256, 2
    figures: Figures = {"size": options.size, "dtype": options.dtype, "pairs": {}}
    if (options.content is None) != (options.style is None):
        raise SystemExit("--content and --style belong together")
    for name, content, style in _own(options) or _pairs()[: options.pairs]:
        pair, ours, theirs = _pair(fit(content, options.size), fit(style, options.size), options)
        if options.plot and not figures["pairs"]:
            draw(f"{name}, {options.size} px", ours, theirs).save(options.plot)
        figures["pairs"][name] = pair
    last = f"times faster, {options.peer}"
    ratios = [pair[last] for pair in figures["pairs"].values()]
    known = [ratio for ratio in ratios if ratio is not None]
    figures["slowest pair, times faster"] = min(known) if len(known) == len(ratios) else None
    figures["GEMM, GFLOP/s"] = _gemm(options.dtype)
    best = max(pair["GFLOP/s"] for pair in figures["pairs"].values())
    figures["best pair, of the GEMM rate"] = best / figures["GEMM, GFLOP/s"]
    return figures


def show(figures: Figures) -> None:
    """The figures as tables."""
    for name, pair in figures["pairs"].items():
        sys.stdout.write(f"\n{name}\n")
        for key, value in pair.items():
            sys.stdout.write(f"  {key:<52} {_number(value):>12}\n")
    sys.stdout.write("\n")
    for key, value in figures.items():
        if key != "pairs":
            sys.stdout.write(f"{key:<54} {_number(value):>12}\n")


def _number(value: Any) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else str(value)


def _pair(
    content: Image.Image, style: Image.Image, options: argparse.Namespace
) -> tuple[Figures, list[Look], list[Look]]:
    with tempfile.TemporaryDirectory(prefix="bench-engine-") as name:
        folder = Path(name)
        content.save(folder / "content.png")
        style.save(folder / "style.png")
        theirs, their_peak = _race("peer", folder, options)
        ours, our_peak = _race("ours", folder, options)
        judge = _Judge(folder)
        rated_theirs = [(n, s, judge.loss(path)) for n, s, path in theirs]
        rated_ours = [(n, s, judge.loss(path)) for n, s, path in ours]
    width, height = content.size
    figures: Figures = {
        "width × height": f"{width} × {height}",
        "pastiche: s an evaluation": theirs[-1][1] / options.peer,
        "pastiche: peak RSS, MB": their_peak,
    }
    for mark in (m for m in _MARKS if m <= options.peer):
        their_seconds, their_loss = next((s, x) for n, s, x in rated_theirs if n == mark)
        reached = next((s for _, s, x in rated_ours if x <= their_loss), None)
        figures[f"pastiche: s for {mark} evaluations"] = their_seconds
        figures[f"pastiche: delivered loss, {mark}"] = their_loss
        figures[f"s to a delivered picture as good, {mark}"] = reached
        figures[f"times faster, {mark}"] = their_seconds / reached if reached else None
    # The last evaluations are full ones at the finest scale.
    evaluation = (ours[-1][1] - ours[-11][1]) / 10
    figures |= {
        "s in all": ours[-1][1],
        "delivered loss in the end": rated_ours[-1][2],
        "of pastiche's": rated_ours[-1][2] / rated_theirs[-1][2],
        "s an evaluation": evaluation,
        "GFLOP/s": _GFLOP * width * height / evaluation,
        "peak RSS, MB": our_peak,
    }
    return figures, rated_ours, rated_theirs


def _race(
    who: str, folder: Path, options: argparse.Namespace
) -> tuple[list[tuple[int, float, str]], float]:
    """One engine's looks (evaluations, seconds, picture) and its peak RSS in MB."""
    race = (who, folder, options.size, options.peer, options.dtype)
    command = [sys.executable, "-m", "bench._racer", *map(str, race)]
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout.splitlines()[-1])
    return [(n, s, path) for n, s, path in said["looks"]], said["peak_mb"]


class _Judge:
    """The peer's loss function."""

    def __init__(self, folder: Path) -> None:
        from pastiche import pastiche

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(folder / "style.png") as style:
                size = [style.height, style.width]
            self._module = pastiche
            self._artist = pastiche.PasticheArtist(
                str(folder / "content.png"), [str(folder / "style.png")], style_size=size
            )

    def loss(self, path: str) -> float:
        """Its loss of an 8-bit picture, in float32."""
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._artist.pastiche.data = self._module.load_image(path)
            return float(self._artist._calc_loss())


def _own(options: argparse.Namespace) -> list[tuple[str, Image.Image, Image.Image]]:
    """The pair that was named, or none."""
    if options.content is None:
        return []
    name = f"{options.content.stem}, {options.style.stem}"
    return [(name, load(options.content, options.size), load(options.style, options.size))]


def _pairs() -> list[tuple[str, Image.Image, Image.Image]]:
    """Photographs, and paintings by our own code."""
    from data.gallery.painters import PAINTERS

    photo = photos()
    night, day = PAINTERS["whirls"](768, 1), PAINTERS["whirls"](768, 4)
    return [
        ("cat, whirls 1", photo["cat"], night),
        ("coffee, whirls 4", photo["coffee"], day),
        ("astronaut, whirls 1", photo["astronaut"], night),
        ("rocket, whirls 4", photo["rocket"], day),
    ]


def _gemm(dtype: str) -> float:
    """GFLOP/s of the machine's own matrix product, the best of a few.

    Through both libraries that torch multiplies with: the one behind `@` is slow in float32 on some
    processors, where oneDNN's product (a 1 × 1 convolution) is not.
    """
    kind = choose_dtype(dtype)
    rows, inner, columns = 2304, 4096, 2048
    a, b = torch.randn(rows, inner).to(kind), torch.randn(inner, columns).to(kind)
    pixels = a.reshape(1, 48, 48, inner).permute(0, 3, 1, 2)  # channels last, as `@` has it
    kernel = b.t().reshape(columns, inner, 1, 1).contiguous(memory_format=torch.channels_last)
    best = math.inf
    products: tuple[Callable[[], Tensor], ...] = (
        lambda: a @ b,
        lambda: torch.conv2d(pixels, kernel),
    )
    for product in products:
        for _ in range(12):
            began = time.perf_counter()
            product()
            best = min(best, time.perf_counter() - began)
    return 2 * rows * inner * columns / best / 1e9
