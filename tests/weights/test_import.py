"""Every family's file is imported exactly, whatever its container, names, layout and convention."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from nst.network.vgg import VGG19
from tests.weights import files
from tests.weights.files import State
from weights import WeightsRefused, find, packaged, store, verify
from weights.__main__ import main
from weights.decode import MEAN_BGR, SHAPES, load
from weights.importing import TORCHVISION_DEVIATION, TORCHVISION_MEAN, import_file

pytestmark = pytest.mark.slow

Captured = pytest.CaptureFixture[str]
BOTH = pytest.mark.parametrize("legacy", [True, False], ids=["early", "zip"])


def assert_in_use(layers: State) -> None:
    found = load()
    assert found.mean == MEAN_BGR
    for name in SHAPES:
        assert torch.equal(found.layers[name][0], layers[f"{name}.weight"]), name
        assert torch.equal(found.layers[name][1], layers[f"{name}.bias"]), name
        assert found.layers[name][0].is_contiguous(memory_format=torch.channels_last)


@BOTH
def test_gatys_file_keeps_its_numbers_and_convention(
    layers: State, tmp_path: Path, legacy: bool
) -> None:
    path = tmp_path / "vgg_conv.pth"
    files.save(files.with_deeper_layers(layers), path, legacy)
    source = import_file(path)
    assert source.kind == "imported" and find() == source
    assert_in_use(layers)
    about = store.metadata(source.path)
    assert about["source"] == "vgg_conv.pth" and about["source_family"] == "Gatys"
    assert about["source_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert verify(source) == hashlib.sha256(source.path.read_bytes()).hexdigest()


@pytest.mark.parametrize("style", ["old", "new", "whole"])
def test_keras_kernels_are_turned_round(layers: State, tmp_path: Path, style: str) -> None:
    path = tmp_path / "vgg19_notop.h5"
    files.save_keras(layers, path, style)
    import_file(path)
    assert_in_use(layers)


def test_keras_without_h5py_is_one_clear_line(
    layers: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    path = tmp_path / "vgg19_notop.h5"
    files.save_keras(layers, path)
    monkeypatch.setitem(sys.modules, "h5py", None)
    assert main(["import", str(path)]) == 2
    error = capsys.readouterr().err
    assert "pip install h5py==" in error and error.count("\n") == 1


def test_the_h5py_that_is_asked_for_is_the_one_that_is_tested() -> None:
    from weights.checkpoints import H5PY

    pinned = Path(__file__).parents[2] / "requirements-dev.txt"
    assert H5PY in pinned.read_text().splitlines()


def test_the_oracle_decodes_with_what_the_bot_decodes_with() -> None:
    root = Path(__file__).parents[2]
    ours = (root / "requirements.txt").read_text().splitlines()
    oracle = (root / "requirements-torchvision.txt").read_text().splitlines()
    pins = {line for line in oracle if "==" in line and not line.startswith("torch")}
    assert len(pins) == 3 and pins <= set(ours)


@BOTH
def test_torchvision_features_are_the_same_up_to_the_border(
    layers: State, tmp_path: Path, legacy: bool
) -> None:
    path = tmp_path / "vgg19-0123abcd.pth"
    files.save(files.as_torchvision(layers), path, legacy)
    import_file(path)
    generator = torch.Generator().manual_seed(1)
    rgb = torch.randint(0, 256, (1, 3, 37, 50), generator=generator).double()

    # What torchvision computes: zero padding in normalised space.
    mean = torch.tensor(TORCHVISION_MEAN, dtype=torch.float64).view(1, 3, 1, 1)
    deviation = torch.tensor(TORCHVISION_DEVIATION, dtype=torch.float64).view(1, 3, 1, 1)
    theirs = (rgb / 255 - mean) / deviation
    # What we compute: BGR, minus the mean that came with the weights, zeros around.
    net = VGG19(load())
    ours = (rgb.flip(1) - torch.tensor(net.mean, dtype=torch.float64).view(1, 3, 1, 1)).float()
    ours = F.pad(ours, (1, 1, 1, 1))
    for operation in net.operations:
        rows = (0, operation.size(ours.shape[2]))
        ours = operation.forward(ours, (0, ours.shape[2]), ours.shape[2], rows)
        if operation.name.startswith("pool"):
            theirs = F.max_pool2d(theirs, 2)
            continue
        name = operation.name.replace("relu", "conv")
        kernel, bias = layers[f"{name}.weight"].double(), layers[f"{name}.bias"].double()
        theirs = F.conv2d(theirs, kernel, bias, padding=1).relu()
        error = float((ours - theirs).abs().max() / theirs.abs().max())
        assert error < 1e-5, f"{operation.name}: {error:.1e}"


def test_original_weights_under_torchvision_s_names_keep_their_convention(tmp_path: Path) -> None:
    original = load(source=packaged()).layers
    state = {
        f"{name}.{part}": original[name][i].contiguous()
        for name in SHAPES
        for i, part in enumerate(("weight", "bias"))
    }
    files.save(files.as_torchvision(state), tmp_path / "vgg19-caffe.pth", legacy=False)
    import_file(tmp_path / "vgg19-caffe.pth")
    assert_in_use(state)

    # The same in torchvision's convention is recognised as that.
    kernel = state["conv1_1.weight"].flip(1)
    deviation = torch.tensor(TORCHVISION_DEVIATION).view(1, 3, 1, 1)
    state["conv1_1.weight"] = kernel * 255 * deviation
    files.save(files.as_torchvision(state), tmp_path / "vgg19-rgb.pth", legacy=False)
    import_file(tmp_path / "vgg19-rgb.pth")
    assert torch.allclose(load().layers["conv1_1"][0], original["conv1_1"][0], rtol=1e-6)
    assert load().mean == pytest.approx((103.53, 116.28, 123.675))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@BOTH
def test_other_precisions_parameters_and_layouts(
    layers: State, tmp_path: Path, dtype: torch.dtype, legacy: bool
) -> None:
    state = {name: tensor.to(dtype) for name, tensor in layers.items()}
    kernel = state["conv3_1.weight"].contiguous(memory_format=torch.channels_last)
    stored = {**state, "conv3_1.weight": torch.nn.Parameter(kernel)}
    files.save(stored, tmp_path / "vgg.pth", legacy)
    import_file(tmp_path / "vgg.pth")
    assert_in_use({name: tensor.float() for name, tensor in state.items()})


def test_early_pickles_of_python_2(layers: State, tmp_path: Path) -> None:
    """Its dictionaries are made of lists of pairs, its tensors without gradients' words."""

    class Early(dict):  # type: ignore[type-arg]
        def __reduce__(self) -> tuple[object, ...]:
            from collections import OrderedDict

            return OrderedDict, ([[name, tensor] for name, tensor in self.items()],)

    files.save(Early(layers), tmp_path / "vgg.pth", legacy=True)
    import_file(tmp_path / "vgg.pth")
    assert_in_use(layers)


def test_bfloat16_is_the_nearest(gatys: Path, layers: State) -> None:
    import_file(gatys)
    kernel, bias = load(torch.bfloat16).layers["conv4_2"]
    assert torch.equal(kernel, layers["conv4_2.weight"].bfloat16())
    assert torch.equal(bias, layers["conv4_2.bias"].bfloat16())


def test_loading_imported_weights_needs_no_numpy(gatys: Path) -> None:
    import_file(gatys)
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "import warnings; warnings.simplefilter('ignore')\n"
        "from weights.decode import load; assert load().layers['conv5_1'][0].abs().sum() > 0"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_pytorch_files_needs_no_numpy(gatys: Path) -> None:
    code = (
        "import sys; sys.modules['numpy'] = None\n"
        "import warnings; warnings.simplefilter('ignore')\n"
        "from weights.__main__ import main; sys.exit(main(['import', sys.argv[1]]))"
    )
    subprocess.run([sys.executable, "-c", code, str(gatys)], check=True, capture_output=True)
    assert find().kind == "imported"


def test_an_import_replaces_the_last_and_leaves_nothing_behind(
    gatys: Path, imports: Path, tmp_path: Path
) -> None:
    import_file(gatys)
    other = files.random_layers(seed=2)
    files.save(other, tmp_path / "other.pth", legacy=False)
    import_file(tmp_path / "other.pth")
    assert_in_use(other)
    assert sorted(path.suffix for path in imports.iterdir()) == [".json", ".safetensors"]


def test_a_refused_file_changes_nothing(gatys: Path, imports: Path, tmp_path: Path) -> None:
    source = import_file(gatys)
    before = sorted(imports.iterdir())
    (tmp_path / "nonsense.pth").write_bytes(b"nonsense")
    with pytest.raises(WeightsRefused):
        import_file(tmp_path / "nonsense.pth")
    assert find() == source and sorted(imports.iterdir()) == before


def test_a_folder_that_cannot_be_written_is_one_clear_line(
    gatys: Path, imports: Path, capsys: Captured
) -> None:
    imports.write_text("a file where the folder should be")
    assert main(["import", str(gatys)]) == 2
    captured = capsys.readouterr()
    assert "can't write" in captured.err and captured.err.count("\n") == 1
