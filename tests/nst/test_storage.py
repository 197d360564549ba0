"""Tensors in files: they hold what is written, take no anonymous memory, and leave nothing."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from nst.machine import environment
from nst.memory.storage import MEMORY, Storage


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.uint8])
def test_what_is_written_is_read(tmp_path: Path, dtype: torch.dtype) -> None:
    numbers = torch.arange(60).to(dtype).view(3, 4, 5)
    kept = Storage(tmp_path).empty((3, 4, 5), dtype)
    kept.copy_(numbers)
    assert torch.equal(kept, numbers)


@pytest.mark.parametrize("storage", ["memory", "files"])
def test_a_map_is_channels_last(tmp_path: Path, storage: str) -> None:
    made = (MEMORY if storage == "memory" else Storage(tmp_path)).map(4, 5, 6, torch.float32)
    assert made.shape == (1, 4, 5, 6)
    assert made.is_contiguous(memory_format=torch.channels_last)


def test_no_file_is_seen_even_while_it_is_used(tmp_path: Path) -> None:
    kept = Storage(tmp_path).empty((1000,)).fill_(7)
    assert list(tmp_path.iterdir()) == []
    assert float(kept.sum()) == 7000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_it_takes_no_anonymous_memory_and_gives_its_disk_back(tmp_path: Path) -> None:
    before = environment.anonymous_mb()
    kept = Storage(tmp_path).empty((20_000_000,)).fill_(1.0)
    assert environment.anonymous_mb() < before + 8
    mapped = [line for line in Path("/proc/self/maps").read_text().splitlines() if "/nst-" in line]
    assert len(mapped) == 1
    del kept
    gc.collect()
    assert "/nst-" not in Path("/proc/self/maps").read_text()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="limits are POSIX")
def test_no_room_on_the_disk_is_an_error_and_no_death(tmp_path: Path) -> None:
    code = (
        "import resource, signal, sys; from pathlib import Path; from nst.memory.storage import Storage\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "try: Storage(Path(sys.argv[1])).empty((1 << 20,))\n"
        "except OSError as error: print(type(error).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "OSError"
    assert list(tmp_path.iterdir()) == []
