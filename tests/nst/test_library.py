"""The engine in somebody else's process: the examples run, and the host is left alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import nst.transfer
from data.config import ROOT
from tests.pictures import painting, photo

pytestmark = pytest.mark.slow

PAGES = ("README.md", "docs/engine.md")
EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)

HOST = """
import ctypes, os, signal, sys
asked = []

class Library:
    def __init__(self, library):
        self._library = library

    def __getattr__(self, function):
        asked.append(function)
        return getattr(self._library, function)

real = ctypes.CDLL
import torch  # loads libraries of its own
ctypes.CDLL = lambda name, *args, **kwargs: Library(real(name, *args, **kwargs))

def state():
    handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
    return (
        dict(os.environ), handlers, torch.get_num_threads(), torch.get_num_interop_threads(),
        os.nice(0), open("/proc/self/oom_score_adj").read(), os.getcwd(), sys.path[:],
        torch.is_grad_enabled(), torch.get_default_dtype(), torch.initial_seed(),
        torch.get_rng_state().tolist(),
    )

torch.set_num_threads(1)  # as no painting would have it
before = state()
from nst import StyleTransfer
from nst.settings import Settings
from tests.pictures import painting, photo
for limit in (None, 2000):
    settings = Settings(size=64, evaluations=4, memory_limit_mb=limit)
    StyleTransfer(photo(), [painting()], settings).paint()
assert state() == before
assert asked == [], asked
"""


def test_a_host_is_left_alone() -> None:
    """Its memory allocator (any call into the C library), threads, signals, environment, seeds."""
    ran = subprocess.run(
        [sys.executable, "-c", HOST], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_the_transfers_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, example = (nst.transfer.__doc__ or "").split("\n\n", 1)
    run(example, tmp_path, monkeypatch)


@pytest.mark.parametrize("page", PAGES)
def test_the_documents_examples_run(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = EXAMPLE.findall((ROOT / page).read_text())
    assert examples
    for example in examples:
        run(example, tmp_path, monkeypatch)


def run(example: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run it as it stands, only smaller, with the pictures that it names."""
    monkeypatch.chdir(folder)
    photo().save("photo.jpg")
    painting().save("painting.jpg")
    smaller = re.sub(r"\b(size=)?512\b", r"\g<1>32", example)
    names = {"content": photo(), "style": painting(), "StyleTransfer": nst.transfer.StyleTransfer}
    exec("from nst.settings import Settings\n" + smaller, names)
    assert list(folder.glob("*.png"))
