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
from nst.machine import room
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


@pytest.mark.parametrize("kind", ["folder", "missing folder", "too long", "read-only"])
def test_an_output_that_can_not_be_written_is_told_before_anything_is_painted(
    kind: str, files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.png"
    if kind == "folder":
        output.mkdir()
    elif kind == "missing folder":
        output = tmp_path / "none" / "out.png"
    elif kind == "too long":
        output = tmp_path / f"{'o' * 300}.png"
    else:
        output = Path("/proc/out.png")
    began = time.monotonic()
    assert main([str(files / "content.png"), str(files / "style.png"), "-o", str(output)]) == 2
    assert time.monotonic() - began < 60
    said = capsys.readouterr().err
    assert said.startswith("nst: ") and said.count("\n") == 1 and "%" not in said
    assert not list(tmp_path.glob("*.part")) and not list(tmp_path.glob(".*"))


def test_a_name_as_long_as_names_may_be_and_a_link_are_written(files: Path, tmp_path: Path) -> None:
    long, link, real = (tmp_path / name for name in (f"{'o' * 251}.png", "link.png", "real.png"))
    link.symlink_to(real)
    for output in (long, link):
        done = run(
            files / "content.png", files / "style.png", "-o", output, "--size", 32,
            "--evaluations", 1,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert link.is_symlink()
    for made in (real, long):
        with Image.open(made) as image:
            assert image.size == (32, 24)
    assert len(list(tmp_path.iterdir())) == 3


def test_what_the_preset_fixes_is_refused_and_nothing_is_abbreviated(
    files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = [str(files / "content.png"), str(files / "style.png"), "-o", str(tmp_path / "o.png")]
    assert main([*pair, "--preset", "gatys", "--strength", "0.7"]) == 2
    assert "leave --strength out" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*pair, "--keep"])


def test_without_a_limit_the_memory_that_is_left_is_the_limit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    group = tmp_path / "fs" / "job"
    group.mkdir(parents=True)
    (group / "memory.max").write_text("512000000\n")
    (group / "memory.current").write_text("112000000\n")
    (group / "memory.stat").write_text("anon 5\ninactive_file 12000000\n")
    (tmp_path / "cgroup").write_text("0::/job\n")
    assert room._cgroups(tmp_path / "cgroup", tmp_path / "fs") == [412.0]
    (group / "memory.max").write_text("max\n")
    assert room._cgroups(tmp_path / "cgroup", tmp_path / "fs") == []
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:  1000000 kB\n")
    assert room._machine(tmp_path / "meminfo") == [1024.0]
    monkeypatch.setattr(room, "_cgroups", lambda: [400.0])
    monkeypatch.setattr(room, "_machine", lambda: [9000.0])
    monkeypatch.setattr(room, "anonymous_mb", lambda: 40.0)
    assert room.limit_mb() == pytest.approx(400)
    monkeypatch.setattr(room, "_cgroups", list)
    monkeypatch.setattr(room, "_machine", list)
    assert room.limit_mb() is None
