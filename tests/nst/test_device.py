"""Which device paints, and that nothing of a painting is made on another one."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from nst import StyleTransfer
from nst.machine import device, environment
from nst.machine.device import choose, foresee
from nst.memory.plan import DEVICE_BYTES, OutOfMemoryBudget, Plan, choose_dtype, make_plan
from nst.memory.storage import Storage
from nst.network.gradient import Features
from nst.network.stripes import WHOLE, Layout
from nst.network.vgg import VGG19
from nst.settings import Settings
from tests.nst.elsewhere import NAME, Elsewhere
from tests.nst.test_gradient import FUSED, TINY, noise, objective_for
from tests.pictures import painting, photo
from weights.decode import load

pytestmark = pytest.mark.slow


@pytest.fixture
def promising(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Device nodes and a torch as on a machine with a GPU, in this folder."""
    (tmp_path / "nvidia0").touch()
    (tmp_path / "version.py").write_text("debug = False\ncuda: Optional[str] = '12.6'\n")
    torch_there = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(device, "_DEV", tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: torch_there)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tmp_path


def test_cuda_is_foreseen_where_its_driver_and_its_torch_are(promising: Path) -> None:
    assert foresee("auto") == foresee("cuda") == "cuda" and foresee("cpu") == "cpu"
    assert foresee("auto", 512) == "cpu"  # CUDA's own memory would not fit the limit.
    assert foresee("cuda", 512) == foresee("auto", 8000) == "cuda"


@pytest.mark.parametrize("lacking", ["hides", "no NVIDIA GPU", "without CUDA"])
def test_what_is_lacking_is_said_where_cuda_was_asked_for(
    promising: Path, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    if lacking == "hides":
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    elif lacking == "no NVIDIA GPU":
        (promising / "nvidia0").unlink()
    else:
        (promising / "version.py").write_text("cuda: Optional[str] = None\n")
    assert foresee("auto") == choose("auto") == "cpu"
    for ask in (foresee, choose):
        with pytest.raises(ValueError, match=lacking):
            ask("cuda")


def test_a_device_that_torch_can_t_use_or_another_uses_up_is_left(
    promising: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose("auto") == "cpu"
    with pytest.raises(ValueError, match="driver"):
        choose("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(device, "free_mb", lambda: 200.0)
    assert choose("auto") == "cpu"


@pytest.mark.parametrize("foreseen", ["cpu", "cuda"])
def test_torch_is_lean_on_the_processor_and_whole_for_cuda(tmp_path: Path, foreseen: str) -> None:
    photo().save(tmp_path / "photo.png")
    code = (
        "import sys; from nst import opening; from nst.settings import Settings\n"
        "opening.foresee = lambda *_: sys.argv[2]\n"
        "opening.open_transfer(sys.argv[1], [sys.argv[1]], Settings(size=32))\n"
        "print(type(sys.modules['torch.nn']).__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "photo.png", foreseen],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.strip() == {"cpu": "_Stub", "cuda": "module"}[foreseen]


def plan(limit: float) -> Plan:
    size = (2048, 1536)
    return make_plan(size, [size], torch.bfloat16, limit, base=DEVICE_BYTES, device="cuda")


def test_cuda_computes_everything_at_once_while_its_memory_lasts() -> None:
    roomy, tight = plan(20_000), plan(1500)
    assert roomy.layout == WHOLE and roomy.history == 20
    assert tight.layout != WHOLE and tight.predicted_mb <= 1500
    assert not (roomy.spill or tight.spill) and roomy.kept == tight.kept == "some"
    with pytest.raises(OutOfMemoryBudget, match="px would fit"):
        plan(600)


@pytest.mark.parametrize("native", [True, False])
def test_bfloat16_is_only_used_where_the_gpu_has_it(
    monkeypatch: pytest.MonkeyPatch, native: bool
) -> None:
    monkeypatch.setattr("nst.memory.plan.has_bfloat16", lambda: native)
    assert choose_dtype("auto", "cuda") == (torch.bfloat16 if native else torch.float32)
    assert choose_dtype("float32", "cuda") == torch.float32
    if not native:
        with pytest.raises(ValueError, match="no bfloat16"):
            choose_dtype("bfloat16", "cuda")


def test_files_are_the_processor_s_alone(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no files"):
        Storage(tmp_path, "cuda")


def test_a_full_device_is_out_of_memory() -> None:
    full = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
    assert environment.is_out_of_memory(full)
    assert not environment.is_out_of_memory(RuntimeError("CUDA error: invalid argument"))


@pytest.mark.parametrize(
    ("layout", "dtype"), [(WHOLE, torch.float32), (FUSED, torch.bfloat16), (TINY, torch.bfloat16)]
)
def test_an_evaluation_elsewhere_makes_nothing_here(layout: Layout, dtype: torch.dtype) -> None:
    weights = load(dtype)
    pictures = [noise(1, 30, 41), noise(2, 30, 41), noise(3, 28, 36)]
    results = []
    for where in ("cpu", NAME):
        with Elsewhere() as elsewhere:
            features = Features(VGG19(weights.to(where)), layout)
            x, content, style = (picture.to(where) for picture in pictures)
            losses, g = features.gradient(x, objective_for(features, content, style))
            results.append((losses, g.cpu()))
        assert (elsewhere.operations > 100) == (where == NAME)
    assert results[0][0] == results[1][0] and torch.equal(results[0][1], results[1][1])


def test_elsewhere_refuses_to_mix() -> None:
    with Elsewhere(), pytest.raises(AssertionError, match="mixes devices"):
        torch.ones(2, device=NAME) + torch.ones(2)


@pytest.mark.parametrize(
    "options",
    [
        {"seed": 7, "dtype": "bfloat16"},
        {"keep_colors": True, "style_weights": (2.0, 1.0), "dtype": "float32"},
        {"preset": "gatys", "dtype": "float32"},
    ],
)
def test_a_painting_elsewhere_is_the_very_same(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, object]
) -> None:
    settings = Settings(size=96, evaluations=3, **options)  # type: ignore[arg-type]
    styles = [painting(), photo()][: len(settings.style_weights) or 1]
    start = photo().resize((48, 36)) if settings.preset == "gatys" else None
    # Only a processor convolves by tiles, and they round otherwise.
    monkeypatch.setattr("nst.transfer.is_quicker", lambda: False)
    here = StyleTransfer(photo(), styles, settings, start).paint()
    monkeypatch.setattr("nst.transfer.choose", lambda *_: NAME)
    monkeypatch.setattr("nst.transfer.room_mb", lambda _: 8000.0)
    monkeypatch.setattr("nst.memory.plan.has_bfloat16", lambda: True)
    with Elsewhere() as elsewhere:
        there = StyleTransfer(photo(), styles, settings, start).paint()
    assert elsewhere.operations > 1000
    assert there.tobytes() == here.tobytes()


@pytest.mark.gpu
@pytest.mark.parametrize("size", [512, 1024])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("limit", [None, 700])
def test_cuda_keeps_to_its_plan(size: int, dtype: str, limit: float | None) -> None:
    settings = Settings(size=size, evaluations=3, dtype=dtype, device="cuda", memory_limit_mb=limit)
    transfer = StyleTransfer(photo().resize((size, size * 3 // 4)), [painting()], settings)
    transfer.paint()
    assert device.peak_mb() <= transfer.plan.predicted_mb <= (limit or 1e6)


@pytest.mark.gpu
def test_cuda_paints_what_the_processor_paints() -> None:
    pictures = []
    for where in ("cpu", "cuda"):
        settings = Settings(size=96, evaluations=10, dtype="float32", device=where)
        pictures.append(StyleTransfer(photo(), [painting()], settings).paint().tobytes())
    pairs = zip(*pictures, strict=True)
    assert sum(abs(a - b) for a, b in pairs) / len(pictures[0]) < 4
