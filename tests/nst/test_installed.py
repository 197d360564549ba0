"""`pip install .` gives the engine alone, and it paints away from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from data import VERSION
from tests.nst.pictures import painting, photograph

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
_BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", "data/__init__.py", "nst", "weights")


def test_the_engine_is_a_package_of_its_own(tmp_path: Path) -> None:
    source, site, away = tmp_path / "source", tmp_path / "site", tmp_path / "away"
    away.mkdir()
    for name in _BUILT_FROM:  # a copy: building leaves its traces where it is done
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            junk = shutil.ignore_patterns("__pycache__", "imported")
            shutil.copytree(ROOT / name, source / name, ignore=junk)
        else:
            shutil.copy(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-index"]
    offline = ["--no-deps", "--no-build-isolation", "--target", str(site), str(source)]
    subprocess.run([*pip, *offline], check=True, capture_output=True, timeout=120)
    installed = {path.name for path in site.iterdir()} - {"bin"}
    assert installed == {"nst", "weights", f"style_transfer_bot-{VERSION}.dist-info"}

    photograph(96, 72).save(away / "content.png")
    painting(80, 80).save(away / "style.png")
    done = subprocess.run(
        [site / "bin" / "nst", "content.png", "style.png", "-o", "out.png", "--size", "64"],
        env={**os.environ, "PYTHONPATH": str(site)},
        cwd=away,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    with Image.open(away / "out.png") as picture:
        assert picture.size == (64, 48)
