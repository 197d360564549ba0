"""Wrong and hostile files: one line, exit code 2, no code run, no memory taken, nothing changed."""

from __future__ import annotations

import os
import pickle
import random
import struct
import subprocess
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.weights import files
from tests.weights.files import State
from weights import store
from weights.__main__ import main

pytestmark = pytest.mark.slow

Captured = pytest.CaptureFixture[str]
BOTH = pytest.mark.parametrize("legacy", [True, False], ids=["early", "zip"])


@pytest.fixture
def refused(capsys: Captured, imports: Path) -> Callable[[Path], str]:
    """Try to import a file; it has to be refused, properly; returns why."""

    def attempt(path: Path) -> str:
        assert main(["import", str(path)]) == 2
        captured = capsys.readouterr()
        assert captured.out == "" and captured.err.count("\n") == 1, captured
        assert len(captured.err) < 600 and captured.err.startswith("weights: ")
        assert not imports.exists() or list(imports.iterdir()) == []
        return captured.err

    return attempt


class Code:
    """Pickles as a call of `os.mkdir`."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self._marker),)


@BOTH
def test_code_in_a_pickle_is_not_run(
    layers: State, tmp_path: Path, refused: Callable[[Path], str], legacy: bool
) -> None:
    marker = tmp_path / "ran"
    path = tmp_path / "vgg_conv.pth"
    files.save({**layers, "extra": Code(marker)}, path, legacy)
    assert "none of it was run" in refused(path)
    assert not marker.exists()
    # The file would have done it: whoever loads it without care runs it.
    torch.load(path, weights_only=False)
    assert marker.exists()


@pytest.mark.parametrize("place", range(5))
def test_code_in_any_pickle_of_the_early_format_is_not_run(
    tmp_path: Path, refused: Callable[[Path], str], place: int
) -> None:
    marker = tmp_path / "ran"
    parts: list[Any] = [0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, OrderedDict(), []]
    start = pickle.dumps(parts[0], protocol=2)
    parts[place] = Code(marker)
    data = b"".join(pickle.dumps(part, protocol=2) for part in parts)
    path = tmp_path / "vgg.pth"
    path.write_bytes(data if place else start[:-1] + data)
    refused(path)
    assert not marker.exists()


def test_a_bare_pickle_is_not_even_opened(tmp_path: Path, refused: Callable[[Path], str]) -> None:
    path = tmp_path / "vgg.pth"
    path.write_bytes(pickle.dumps(Code(tmp_path / "ran")))
    assert "neither" in refused(path)
    assert not (tmp_path / "ran").exists()


@BOTH
@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("conv3_2.weight", torch.zeros(256, 256, 3, 2), "conv3_2.weight is 256×256×3×2, not"),
        ("conv1_1.bias", torch.zeros(64, 1), "conv1_1.bias is 64×1, not 64"),
        ("conv1_1.bias", torch.tensor(1.0), "one number, not 64"),
        ("conv1_1.bias", torch.full((64,), torch.nan), "no numbers"),
        ("conv1_1.weight", torch.full((64, 3, 3, 3), torch.inf), "no numbers"),
        ("conv1_1.bias", torch.full((64,), 1e300, dtype=torch.float64), "no numbers"),
        ("conv1_1.bias", torch.zeros(64, dtype=torch.int64), ""),
        ("conv1_1.bias", [0.0] * 64, "no tensor of floating point numbers"),
        ("conv2_2.weight", None, "no tensor of floating point numbers"),
        ("conv4_4.weight", ..., "lacks conv4_4.weight"),
    ],
)
def test_layers_that_are_not_vgg19_s(
    layers: State,
    tmp_path: Path,
    refused: Callable[[Path], str],
    *,
    key: str,
    value: object,
    why: str,
    legacy: bool,
) -> None:
    state: dict[str, object] = {**layers, key: value}
    if value is ...:
        del state[key]
    path = tmp_path / "vgg_conv.pth"
    files.save(state, path, legacy)
    assert why in refused(path)


@BOTH
@pytest.mark.parametrize(
    "state",
    [
        [torch.zeros(3)],
        torch.zeros(3),
        {},
        {"state_dict": {"conv1_1.weight": torch.zeros(64, 3, 3, 3)}},
        {1: torch.zeros(3)},
    ],
    ids=["list", "tensor", "empty", "nested", "numbered"],
)
def test_states_that_are_something_else(
    tmp_path: Path, refused: Callable[[Path], str], state: object, legacy: bool
) -> None:
    files.save(state, tmp_path / "other.pth", legacy)
    refused(tmp_path / "other.pth")


@BOTH
def test_vgg16_and_batch_normalisation_are_not_taken_for_vgg19(
    tmp_path: Path, refused: Callable[[Path], str], legacy: bool
) -> None:
    vgg16 = {}
    into = 3
    for index, out in zip((0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28), (64,) * 2 + (128,) * 2 + (256,) * 3 + (512,) * 6, strict=True):  # fmt: skip
        vgg16[f"features.{index}.weight"] = torch.zeros(out, into, 3, 3)
        vgg16[f"features.{index}.bias"] = torch.zeros(out)
        into = out
    files.save(vgg16, tmp_path / "vgg16.pth", legacy)
    assert "lacks features.16.weight" in refused(tmp_path / "vgg16.pth")
    batch = {
        "features.0.weight": torch.zeros(64, 3, 3, 3),
        "features.0.bias": torch.zeros(64),
        "features.1.running_mean": torch.zeros(64),
    }
    files.save(batch, tmp_path / "vgg19_bn.pth", legacy)
    assert "lacks features.2.weight" in refused(tmp_path / "vgg19_bn.pth")


@pytest.mark.parametrize("share", [0.0, 0.00001, 0.0001, 0.3, 0.9999999])
@pytest.mark.parametrize("kind", ["early", "zip", "keras"])
def test_truncated_files(
    layers: State, tmp_path: Path, refused: Callable[[Path], str], kind: str, share: float
) -> None:
    path = tmp_path / "cut"
    if kind == "keras":
        files.save_keras(layers, path)
    else:
        files.save(layers, path, legacy=kind == "early")
    os.truncate(path, int(path.stat().st_size * share))
    refused(path)


def test_what_is_no_file(gatys: Path, tmp_path: Path, refused: Callable[[Path], str]) -> None:
    assert "no such file" in refused(tmp_path / "missing")
    assert "folder" in refused(tmp_path)
    (tmp_path / "link.pth").symlink_to(gatys)
    assert "symbolic link" in refused(tmp_path / "link.pth")
    os.mkfifo(tmp_path / "pipe")
    assert "pipe" in refused(tmp_path / "pipe")
    assert "device" in refused(Path("/dev/zero"))
    assert "no file's name" in refused(Path("a\0b"))
    refused(Path("x" * 400))


@pytest.mark.parametrize("data", [b"", b"\x80", b"<html>404</html>", os.urandom(5000), bytes(99)])
def test_what_is_no_container(tmp_path: Path, refused: Callable[[Path], str], data: bytes) -> None:
    (tmp_path / "vgg.pth").write_bytes(data)
    assert "neither" in refused(tmp_path / "vgg.pth")


def test_absurd_sizes(gatys: Path, tmp_path: Path, refused: Callable[[Path], str]) -> None:
    path = tmp_path / "vgg.pth"
    with path.open("wb") as file:
        file.write(gatys.read_bytes()[:10_000])
        file.truncate(1 << 40)
    assert "1,099.5 GB" in refused(path)


def test_zips_that_pytorch_did_not_write(
    layers: State, tmp_path: Path, refused: Callable[[Path], str]
) -> None:
    made = tmp_path / "made.pth"
    files.save({"conv1_1.weight": layers["conv1_1.weight"]}, made, legacy=False)

    def rewritten(compression: int, data_pkl: bytes | None = None, more: int = 0) -> Path:
        path = tmp_path / "rewritten.pth"
        with zipfile.ZipFile(made) as old, zipfile.ZipFile(path, "w", compression) as new:
            for name in old.namelist():
                data = old.read(name)
                new.writestr(name, data_pkl if data_pkl and name.endswith("data.pkl") else data)
            for number in range(more):
                new.writestr(f"made/data/x{number}", b"")
        return path

    assert "did not write" in refused(rewritten(zipfile.ZIP_DEFLATED))
    assert "did not write" in refused(rewritten(zipfile.ZIP_STORED, more=2000))
    assert "far too much" in refused(rewritten(zipfile.ZIP_STORED, bytes(2 << 20)))
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("readme.txt", "hello")
    assert "not one of PyTorch's" in refused(tmp_path / "other.zip")


# torch.jit is on its way out and says so, which is no matter here.
@pytest.mark.filterwarnings("ignore")
def test_a_torchscript_archive(tmp_path: Path, refused: Callable[[Path], str]) -> None:
    torch.jit.script(torch.nn.Conv2d(3, 64, 3)).save(str(tmp_path / "script.pth"))
    refused(tmp_path / "script.pth")


def early(state: bytes, order: bytes = pickle.dumps([], protocol=2), data: bytes = b"") -> bytes:
    """The early format around hand-made pickles."""
    return (
        pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)
        + pickle.dumps(1001, protocol=2)
        + pickle.dumps({"little_endian": True}, protocol=2)
        + state
        + order
        + data
    )


# A few bytes that make an unpickler allocate gigabytes.
BOMBS = {
    "bytearray": b"\x80\x05\x96" + struct.pack("<Q", 1 << 34) + b".",
    "bytes": b"\x80\x04\x8e" + struct.pack("<Q", 1 << 34) + b".",
    "text": b"\x80\x02X" + struct.pack("<I", (1 << 32) - 1) + b".",
    "number": b"\x80\x02\x8b" + struct.pack("<i", (1 << 31) - 1) + b".",
    "memo": b"\x80\x02}r" + struct.pack("<I", (1 << 32) - 1) + b".",
    "depth": b"\x80\x02" + b"]" * 900_000 + b"a" * 899_999 + b".",
    "text as a number": b"I" + b"9" * 1_000_000 + b"\n.",
}


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@BOTH
def test_pickles_that_ask_for_gigabytes(tmp_path: Path, legacy: bool) -> None:
    paths = []
    for name, bomb in BOMBS.items():
        paths.append(tmp_path / f"{name}.pth")
        if legacy:
            paths[-1].write_bytes(early(bomb))
            continue
        with zipfile.ZipFile(paths[-1], "w") as archive:
            archive.writestr("bomb/data.pkl", bomb[: 1 << 20])
            archive.writestr("bomb/version", b"3\n")
            archive.writestr("bomb/byteorder", b"little")
    code = (
        "import re, sys\n"
        "from weights.__main__ import main\n"
        "for path in sys.argv[1:]:\n"
        "    assert main(['import', path]) == 2\n"
        "    status = open('/proc/self/status').read()\n"
        "    peak = int(re.search(r'VmHWM:\\s+(\\d+)', status)[1]) // 1024\n"
        "    assert peak < 500, (path, peak)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *map(str, paths)],
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stderr.count("\n") == len(paths)


def storage(key: str, length: int) -> object:
    class Named:
        pass

    named = Named()
    named.pid = ("storage", torch.FloatStorage, key, "cpu", length, None)  # type: ignore[attr-defined]
    return named


@pytest.mark.parametrize(
    ("length", "told", "stride"),
    [
        (1728, 1 << 40, 27),  # The data say that there is more.
        (1 << 40, 1 << 40, 27),  # Both do, and the file ends before.
        (100, 100, 27),  # Too little for the tensor.
        (1728, 1728, 1 << 60),  # The tensor reaches out of its storage.
        (-5, -5, 27),
    ],
)
def test_storages_that_lie(
    layers: State,
    tmp_path: Path,
    refused: Callable[[Path], str],
    *,
    length: int,
    told: int,
    stride: int,
) -> None:
    import io

    class Pickler(pickle.Pickler):
        def persistent_id(self, value: object) -> object:
            return getattr(value, "pid", None)

    class Placed:
        def __init__(self, key: str, size: tuple[int, ...], first: int, count: int) -> None:
            self.args = (storage(key, count), 0, size, (first, 9, 3, 1)[: len(size)])

        def __reduce__(self) -> tuple[object, ...]:
            return torch._utils._rebuild_tensor, self.args

    state = OrderedDict()
    for name, tensor in layers.items():
        state[name] = Placed("0", tuple(tensor.shape), stride, length)
    buffer = io.BytesIO()
    Pickler(buffer, protocol=2).dump(state)
    order = pickle.dumps(["0"], protocol=2)
    data = struct.pack("<q", told) + bytes(max(0, 4 * min(length, 5000)))
    path = tmp_path / "lies.pth"
    path.write_bytes(early(buffer.getvalue(), order, data))
    refused(path)


@pytest.mark.parametrize("kind", ["external link", "soft link", "compressed", "external", "other"])
def test_keras_files_that_reach_elsewhere(
    layers: State, tmp_path: Path, refused: Callable[[Path], str], kind: str
) -> None:
    import h5py

    good, path = tmp_path / "good.h5", tmp_path / "bad.h5"
    files.save_keras(layers, good)
    files.save_keras(layers, path)
    with h5py.File(path, "r+") as file:
        group = file["block1_conv1"]
        numbers = group["block1_conv1_W_1:0"][()]
        del group["block1_conv1_W_1:0"]
        name = "block1_conv1_W_1:0"
        if kind == "external link":
            group[name] = h5py.ExternalLink(str(good), f"/block1_conv1/{name}")
        elif kind == "soft link":
            group[name] = h5py.SoftLink("/block1_conv1/nowhere")
        elif kind == "compressed":
            group.create_dataset(name, data=numbers, compression="gzip")
        elif kind == "external":
            (tmp_path / "raw").write_bytes(numbers.tobytes())
            group.create_dataset(
                name, numbers.shape, "f4", external=[(str(tmp_path / "raw"), 0, numbers.nbytes)]
            )
        else:
            group.create_dataset(name, data=numbers.astype("i4"))
    refused(path)


@pytest.mark.parametrize("kind", ["early", "zip", "keras"])
def test_flipped_bytes_never_end_in_a_traceback(
    layers: State, tmp_path: Path, capsys: Captured, kind: str
) -> None:
    """Bytes of what describes the tensors: the numbers themselves can't be told from others."""
    path = tmp_path / "flipped"
    if kind == "keras":
        files.save_keras(layers, path)
    else:
        files.save(layers, path, legacy=kind == "early")
    whole = path.read_bytes()
    chosen = random.Random(7)
    # The zip's directory is at its end.
    spans = [(0, 3000), (len(whole) - 3000, len(whole))] if kind == "zip" else [(0, 6000)]
    for _ in range(5 if kind == "keras" else 12):
        data = bytearray(whole)
        first, last = chosen.choice(spans)
        for _ in range(chosen.randint(1, 3)):
            data[chosen.randrange(first, last)] = chosen.randrange(256)
        path.write_bytes(data)
        code = main(["import", str(path)])
        captured = capsys.readouterr()
        assert code in (0, 2)
        assert code == 0 or captured.err.count("\n") == 1
    store.forget()
