"""What Heroku would pack: the packages and the interpreter, trimmed, with the code, compressed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
Figures = dict[str, Any]


def build(folder: Path) -> Figures:
    """Install requirements.txt into `folder`, run `bin/post_compile` on it, compress; MB are 10⁶.

    The interpreter is this machine's own: Heroku's is built from the same sources.
    """
    site = folder / "site-packages"
    pip = (*(sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"),)
    subprocess.run(
        [*pip, "install", "--retries", "1", "--target", site, "-r", ROOT / "requirements.txt"],
        check=True,
    )
    whole = _compressed(folder, "site-packages")
    _post_compile(folder, site)
    trimmed = _compressed(folder, "site-packages")
    python = _compressed(
        Path(sys.base_prefix),
        *("--exclude=site-packages", "--exclude=test", "--exclude=*.a", "--exclude=__pycache__"),
        *("lib", "bin"),
    )
    code = _code()
    return {
        "slug: packages as installed, compressed MB": whole / 1e6,
        "slug: packages after bin/post_compile, compressed MB": trimmed / 1e6,
        "slug: Python itself, compressed MB": python / 1e6,
        "slug: our code, compressed MB": code / 1e6,
        "slug: in all, compressed MB (at most 300)": (trimmed + python + code) / 1e6,
    }


def _post_compile(folder: Path, site: Path) -> None:
    """As Heroku runs it: `python` is one that has these packages and no others."""
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    subprocess.run(
        [ROOT / "bin" / "post_compile", site],
        check=True,
        stdout=subprocess.DEVNULL,
        env={
            **os.environ,
            "PATH": f"{venv / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(site),
            "PYTHONNOUSERSITE": "1",
        },
    )


def _compressed(folder: Path, *what: str) -> int:
    """Bytes of a gzipped archive of `what` in `folder`."""
    return _count(["tar", "-C", str(folder), "-cf", "-", *what])


def _code() -> int:
    """Bytes of what git would push, gzipped; the folder itself where this is no checkout."""
    if (ROOT / ".git").exists():
        return _count(["git", "-C", str(ROOT), "archive", "--format=tar", "HEAD"])
    return _compressed(ROOT, "--exclude=.venv*", "--exclude=var", ".")


def _count(archive: list[str]) -> int:
    with (
        subprocess.Popen(archive, stdout=subprocess.PIPE) as packing,
        subprocess.Popen(["gzip", "-6"], stdin=packing.stdout, stdout=subprocess.PIPE) as gzip,
    ):
        assert gzip.stdout
        total = 0
        while block := gzip.stdout.read(1 << 20):
            total += len(block)
    if packing.returncode or gzip.returncode:
        raise SystemExit(f"could not pack: {' '.join(archive)}")
    return total
