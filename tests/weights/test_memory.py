"""torchvision's 548 MB are imported in the memory that one tenth of them needs, if it is a zip."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.weights import files
from tests.weights.files import State

pytestmark = pytest.mark.slow


def peak_of(command: list[str]) -> int:
    """Run a command; its highest anonymous memory in bytes, looked at every few milliseconds."""
    peak = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while process.poll() is None:
            status = Path(f"/proc/{process.pid}/status").read_text()
            found = re.search(r"RssAnon:\s+(\d+) kB", status)
            peak = max(peak, int(found[1]) * 1024 if found else 0)
            time.sleep(0.003)
        assert process.returncode == 0, process.stderr and process.stderr.read()
    return peak


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize(
    ("legacy", "most"),
    [
        # The layers that are kept have 52 MB, and conv1_1 is compared with 9 MB at a time.
        (False, 110_000_000),
        # The format before 1.6 can't be mapped: the whole file, as docs/engine.md says.
        (True, 740_000_000),
    ],
    ids=["zip", "early"],
)
def test_an_import_takes_no_more_than_is_said(
    layers: State, tmp_path: Path, legacy: bool, most: int
) -> None:
    path = tmp_path / "vgg19-0123abcd.pth"
    files.save(files.as_torchvision(layers, classifier=True), path, legacy)
    assert path.stat().st_size > 574_000_000  # 548 MiB, as everybody calls it.
    torch_alone = peak_of([sys.executable, "-W", "ignore", "-c", "import torch, weights.hub"])
    peak = peak_of([sys.executable, "-m", "weights", "import", str(path)])
    print(f"{peak / 1e6:.0f} MB, of which torch {torch_alone / 1e6:.0f} MB")
    assert peak - torch_alone < most
