"""``python -m nst`` as contracted: options, exit codes, one line for every failure."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from nst.__main__ import main
from nst.record import COLUMNS
from tests.nst.pictures import painting, photograph

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    photograph(96, 72).save(folder / "content.png")
    painting(80, 80).save(folder / "style.png")
    return folder


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nst", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_paints_with_every_option(files: Path, tmp_path: Path) -> None:
    content, style = files / "content.png", files / "style.png"
    done = run(
        content, style, content, "-o", tmp_path / "out.png", "--size", 64, "--strength", 0.7,
        "--keep-colors", "--style-weights", 3, 1, "--evaluations", 4, "--seed", 5, "--brush", 0.8,
        "--memory-limit", 400, "--dtype", "float32", "--preset", "painter", "--preview",
        "--losses", tmp_path / "l.csv", "--report", tmp_path / "r.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    with Image.open(tmp_path / "out.png") as image:
        assert image.size == (64, 48)
        assert json.loads(image.info["Recipe"])["style_weights"] == [0.75, 0.25]
    with (tmp_path / "l.csv").open() as file:
        rows = list(csv.reader(file))
    report = json.loads((tmp_path / "r.json").read_text())
    assert tuple(rows[0]) == COLUMNS and len(rows) == report["evaluations"] + 1
    assert report["dtype"] == "float32" and report["size"] == 64
    assert report["memory_mb"]["anonymous"] <= 400


def test_lines_are_plain_and_few_where_there_is_no_terminal(files: Path, tmp_path: Path) -> None:
    done = run(
        files / "content.png", files / "style.png", "-o", tmp_path / "out.jpg",
        "--size", 64, "--evaluations", 30, "--preset", "gatys",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert 1 <= len(lines) <= 3 and "\r" not in done.stderr and "\x1b" not in done.stderr
    assert lines[-1].startswith("100%")


def test_help_is_quick_and_loads_no_torch() -> None:
    started = time.monotonic()
    done = run("--help")
    assert done.returncode == 0 and "--strength" in done.stdout
    assert time.monotonic() - started < 2
    code = "import sys, nst.__main__; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "options",
    [
        ("--strength", "1.5"),
        ("--strength", "nan"),
        ("--style-weights", "1", "2"),
        ("--style-weights", "-1"),
        ("--size", "3"),
        ("--evaluations", "0"),
        ("--brush", "99"),
        ("--memory-limit", "-5"),
        ("--device", "cuda"),
        ("--report", "/no/such/folder/r.json"),
    ],
)
def test_senseless_options_exit_with_2_and_one_line(
    files: Path, tmp_path: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [str(files / "content.png"), str(files / "style.png")]
    code = main([*pictures, "-o", str(tmp_path / "out.png"), *options])
    captured = capsys.readouterr()
    assert code == 2 and captured.out == ""
    assert captured.err.startswith("nst: ") and captured.err.count("\n") == 1


@pytest.mark.parametrize("output", ["out.gif", "out", "no/folder/out.png"])
def test_an_output_that_can_t_be_written_exits_with_2(
    files: Path, tmp_path: Path, output: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pictures = [str(files / "content.png"), str(files / "style.png")]
    assert main([*pictures, "-o", str(tmp_path / output)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_unreadable_picture_exits_with_2_and_says_which(files: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    done = run(files / "content.png", tmp_path / "bad.png", "-o", tmp_path / "out.png")
    assert done.returncode == 2
    assert done.stderr.startswith("nst: style picture: ") and done.stderr.count("\n") == 1


def test_too_little_memory_exits_with_3_and_the_size_that_fits(files: Path, tmp_path: Path) -> None:
    photograph(96, 72).resize((2400, 1800)).save(tmp_path / "large.png")
    done = run(
        tmp_path / "large.png", files / "style.png", "-o", tmp_path / "out.png",
        "--size", 2400, "--dtype", "float32", "--memory-limit", 300,
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1 and "px would fit" in done.stderr


def test_missing_arguments_exit_with_2() -> None:
    with pytest.raises(SystemExit) as caught:
        main([])
    assert caught.value.code == 2
