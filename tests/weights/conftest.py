"""Random VGG19 weights in the dress of everybody's files, and a folder of imports of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.weights import files
from tests.weights.files import State


@pytest.fixture(autouse=True)
def imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of imported weights, empty."""
    folder = tmp_path / "imports"
    monkeypatch.setenv("WEIGHTS_DIR", str(folder))
    return folder


@pytest.fixture(scope="session")
def layers() -> State:
    """conv1_1.weight, conv1_1.bias and so on, as Gatys' file calls them."""
    return files.random_layers()


@pytest.fixture(scope="session")
def gatys(layers: State, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file like Gatys', of PyTorch's early format."""
    path = tmp_path_factory.mktemp("gatys") / "vgg_conv.pth"
    files.save(files.with_deeper_layers(layers), path, legacy=True)
    return path
