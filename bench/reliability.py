"""Nothing is lost: kills, a Telegram at its worst, hostile pictures, load, soak.

Everything with real processes, a real PostgreSQL, and a Bot API server in this process. With the
engine itself the whole takes about two hours on two quiet cores; `--painter quick` puts a process
that only copies the photo in the engine's place (about forty minutes), `--quick` shortens every
part as well (about four minutes). `--only` runs some parts.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.trials.chaos import chaos
from tests.trials.crowd import load, soak
from tests.trials.kills import kills
from tests.trials.mutants import try_mutants
from tests.trials.setup import QUICK, REAL, Layout

Figures = dict[str, Any]
PARTS = ("kills", "chaos", "pictures", "load", "soak")
LAYOUTS = (Layout(slots=1), Layout(slots=0, renderers=1), Layout(0, renderers=2, server=True))


def parser() -> argparse.ArgumentParser:
    """Options of this measurement."""
    parser = argparse.ArgumentParser(prog="python -m bench reliability", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short version of every part")
    parser.add_argument("--painter", choices=("engine", "quick"), default="engine")
    parser.add_argument("--only", choices=PARTS, action="append", help="some parts alone")
    parser.add_argument("--seed", type=int, help="repeat an earlier run's dice")
    return parser


def measure(options: argparse.Namespace) -> Figures:
    """Every part, with what went wrong on standard error."""
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(10**6)
    sys.stderr.write(f"seed {seed}\n")
    short, painter = options.quick, QUICK if options.painter == "quick" else REAL
    figures: Figures = {"seed": seed, "painter": options.painter}
    parts: dict[str, Callable[[], Figures]] = {
        "chaos": lambda: asyncio.run(chaos(8 if short else 100, 0.2, seed, painter=painter)),
        "pictures": lambda: try_mutants(seed, 400 if short else 10_000),
        "load": lambda: asyncio.run(
            load(20 if short else 200, 20.0 if short else 60.0, painter=painter)
        ),
        "soak": lambda: asyncio.run(soak(5 if short else 300, painter=painter)),
    }
    for layout, share in zip(LAYOUTS, (0.5, 0.5, 1.0), strict=True):
        number = max(len(layout.kinds), round((4 if short else 50) * share))
        parts[f"kills: {layout}"] = lambda layout=layout, number=number: asyncio.run(  # type: ignore[misc]
            kills(layout, number, seed, painter=painter)
        )
    for name, part in parts.items():
        if options.only and name.split(":")[0] not in options.only:
            continue
        began = time.monotonic()
        found = part()
        log = found.pop("log", "")
        if complaints := found.pop("complaints", []):
            sys.stderr.write(f"{name}:\n" + "\n".join(complaints) + "\n" + log[-20_000:] + "\n")
        figures[name] = {**found, "took, s": time.monotonic() - began}
    return figures


def show(figures: Figures) -> None:
    """The figures as a table."""
    for name, value in figures.items():
        if not isinstance(value, dict):
            sys.stdout.write(f"{name:<52} {value!s:>20}\n")
            continue
        sys.stdout.write(f"\n{name}\n")
        for part, figure in value.items():
            text = f"{figure:.1f}" if isinstance(figure, float) else str(figure)
            sys.stdout.write(f"  {part:<50} {text:>20}\n")
