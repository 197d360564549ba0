"""Torch imported leanly paints the same picture in less memory; an unknown torch is left alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.nst.pictures import painting, photograph

pytestmark = pytest.mark.slow


def paint(folder: Path, lean: bool, *options: str) -> tuple[bytes, dict[str, Any]]:
    """The picture and the report of one painting by a process of its own."""
    out, report = folder / f"{lean}.png", folder / f"{lean}.json"
    photograph(96, 72).save(folder / "photo.png")
    painting(80, 80).save(folder / "style.png")
    command = [sys.executable, "-m", "nst", folder / "photo.png", folder / "style.png"]
    command += ["-o", out, "--size", "96", "--evaluations", "3", "--report", report, *options]
    environment = {**os.environ, "LEAN_TORCH": str(int(lean))}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return out.read_bytes(), json.loads(report.read_text())


def test_it_paints_the_same_in_less_memory(tmp_path: Path) -> None:
    lean, report = paint(tmp_path, lean=True)
    whole, other = paint(tmp_path, lean=False)
    assert lean == whole
    assert report["memory_mb"]["anonymous"] < other["memory_mb"]["anonymous"] - 30


@pytest.mark.parametrize(
    "options",
    [
        ["--seed", "3", "--keep-colors", "--dtype", "float32"],
        ["--preset", "gatys", "--dtype", "float32", "--memory-limit", "245"],
        ["--start", "PHOTO", "--brush", "0.5", "--strength", "0.9"],
    ],
)
def test_every_option_paints(tmp_path: Path, options: list[str]) -> None:
    """Torch imports more on first use, and what an option needs may have been left out."""
    options = [str(tmp_path / "photo.png") if option == "PHOTO" else option for option in options]
    lean, _ = paint(tmp_path, True, *options)
    assert lean[:8] == b"\x89PNG\r\n\x1a\n"


def answer(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_a_version_that_nobody_looked_through_is_imported_whole() -> None:
    code = (
        "from nst.machine import lean_torch; lean_torch.VERSION = '0.0.0'; "
        "print(lean_torch.import_torch()); import torch; print(torch.nn.Linear(2, 3))"
    )
    assert answer(code).splitlines() == [
        "False",
        "Linear(in_features=2, out_features=3, bias=True)",
    ]


def test_numpy_is_there_afterwards_for_whoever_wants_it() -> None:
    code = "from nst.machine import lean_torch; print(lean_torch.import_torch()); import numpy; print(numpy.ones(2).sum())"
    assert answer(code).split() == ["True", "2.0"]
