"""The child as its supervisor meets it: a real process, one order in, messages out."""

from __future__ import annotations

import csv
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from nst import messages
from nst.machine.environment import CHILD_ENVIRONMENT
from nst.messages import Evaluated, Failed, FailureKind, Finished, Message, Order, Planned
from nst.record import COLUMNS
from nst.settings import Settings
from tests.nst.pictures import painting, photograph

pytestmark = pytest.mark.slow

ORDERED = {field.name for field in dataclasses.fields(Order)}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    photograph(96, 72).save(folder / "content.png")
    painting(80, 80).save(folder / "style.png")
    return folder


def order(files: Path, out: Path, **changes: Any) -> Order:
    fields: dict[str, Any] = {
        "content": str(files / "content.png"),
        "styles": (str(files / "style.png"),),
        "out_dir": str(out),
    }
    asked = {"size": 96, "evaluations": 6}
    for name, value in changes.items():
        (fields if name in ORDERED else asked)[name] = value
    return Order(**fields, settings=Settings(**asked))


def start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "nst.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **CHILD_ENVIRONMENT},
    )


def run(line: str) -> tuple[int, list[Message]]:
    """Send one line and keep standard input open, as a supervisor does, until the child ends."""
    with start() as child:
        assert child.stdin and child.stdout
        child.stdin.write(line)
        child.stdin.flush()
        said = [messages.decode(text) for text in child.stdout]
        return child.wait(timeout=60), said


@pytest.fixture(scope="module")
def painted(
    files: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, list[Message], Path]]:
    out = tmp_path_factory.mktemp("out")
    # A seed as "Paint again" has one: its noise comes from a leanly imported torch, too.
    code, said = run(messages.encode(order(files, out, preview_seconds=0.001, seed=7)))
    yield code, said, out


def test_says_planned_then_progress_then_finished(
    painted: tuple[int, list[Message], Path],
) -> None:
    code, said, _ = painted
    assert code == 0
    assert isinstance(said[0], Planned) and isinstance(said[-1], Finished)
    assert (said[0].width, said[0].height) == (96, 72)
    progress = said[1:-1]
    assert len(progress) == said[0].evaluations
    assert all(isinstance(message, Evaluated) for message in progress)


def test_fraction_only_grows_and_ends_at_one(painted: tuple[int, list[Message], Path]) -> None:
    fractions = [m.progress.fraction for m in painted[1] if isinstance(m, Evaluated)]
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    last = [m.progress for m in painted[1] if isinstance(m, Evaluated)][-1]
    assert last.seconds_left == 0.0


def test_losses_fall(painted: tuple[int, list[Message], Path]) -> None:
    progress = [m.progress for m in painted[1] if isinstance(m, Evaluated)]
    assert progress[-1].losses.total < 0.5 * progress[0].losses.total


def test_result_files_are_pictures_of_the_planned_size(
    painted: tuple[int, list[Message], Path],
) -> None:
    done = painted[1][-1]
    assert isinstance(done, Finished)
    for path, kind in ((done.photo, "JPEG"), (done.picture, "PNG")):
        with Image.open(path) as image:
            image.load()
            assert image.size == (96, 72) == (done.width, done.height)
            assert image.format == kind
    with Image.open(done.picture) as image:
        recipe = json.loads(image.info["Recipe"])
    assert recipe["seed"] == 7 and recipe["size"] == 96
    assert str(painted[2]) not in json.dumps(recipe)


def test_an_earlier_painting_is_continued(
    painted: tuple[int, list[Message], Path], files: Path, tmp_path: Path
) -> None:
    done = painted[1][-1]
    assert isinstance(done, Finished)
    code, said = run(messages.encode(order(files, tmp_path, size=128, start=done.picture)))
    assert code == 0 and isinstance(said[-1], Finished)
    assert {m.progress.size for m in said if isinstance(m, Evaluated)} == {128}
    assert said[-1].report["continued"] is True


def test_losses_file_has_a_line_for_each_evaluation(
    painted: tuple[int, list[Message], Path],
) -> None:
    done = painted[1][-1]
    assert isinstance(done, Finished)
    with Path(done.losses).open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(painted[1]) - 2
    assert float(rows[-1]["total"]) > 0


def test_report_says_what_was_done(painted: tuple[int, list[Message], Path]) -> None:
    done = painted[1][-1]
    assert isinstance(done, Finished)
    report = json.loads((painted[2] / "report.json").read_text())
    assert report == done.report
    assert report["dtype"] in ("bfloat16", "float32")
    assert {"content", "style", "total"} <= set(report["losses"])
    assert 100 < report["memory_mb"]["anonymous"] < report["memory_mb"]["total"]
    assert report["plan"]["units"][0]["maps"] in ("stored", "recomputed")
    assert sum(stage["evaluations"] for stage in report["stages"]) == report["evaluations"]


def test_previews_are_pictures_and_only_the_last_two_stay(
    painted: tuple[int, list[Message], Path],
) -> None:
    shown = [m.preview for m in painted[1] if isinstance(m, Evaluated) and m.preview]
    assert len(shown) > 2
    assert len(list(painted[2].glob("preview-*.jpg"))) == 2
    with Image.open(shown[-1]) as image:
        assert image.format == "JPEG"


def test_same_order_gives_the_same_picture(
    files: Path, tmp_path: Path, painted: tuple[int, list[Message], Path]
) -> None:
    code, said = run(messages.encode(order(files, tmp_path, seed=7)))
    assert code == 0
    before, after = painted[1][-1], said[-1]
    assert isinstance(before, Finished) and isinstance(after, Finished)
    assert Path(before.picture).read_bytes() == Path(after.picture).read_bytes()


def fail(line: str) -> Failed:
    code, said = run(line)
    assert code != 0 and len(said) == 1
    assert isinstance(said[0], Failed)
    assert "\n" not in said[0].detail
    return said[0]


@pytest.mark.parametrize("blamed", ["content", "style"])
def test_a_bad_picture_is_named(files: Path, tmp_path: Path, blamed: str) -> None:
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"not a picture")
    change = {"content": str(bad)} if blamed == "content" else {"styles": (str(bad),)}
    failed = fail(messages.encode(order(files, tmp_path, **change)))
    assert (failed.kind, failed.picture) == (FailureKind.BAD_PICTURE, blamed)


def test_a_picture_too_narrow_to_paint_is_a_bad_picture(files: Path, tmp_path: Path) -> None:
    Image.new("RGB", (900, 9)).save(tmp_path / "line.png")
    failed = fail(messages.encode(order(files, tmp_path, content=str(tmp_path / "line.png"))))
    assert (failed.kind, failed.picture) == (FailureKind.BAD_PICTURE, "content")


def test_too_little_memory_is_refused_with_the_size_that_fits(files: Path, tmp_path: Path) -> None:
    photograph(96, 72).resize((1200, 900)).save(tmp_path / "large.png")
    failed = fail(
        messages.encode(
            order(
                files, tmp_path, content=str(tmp_path / "large.png"), size=1200,
                memory_limit_mb=214, dtype="bfloat16",
            )
        )
    )  # fmt: skip
    assert failed.kind is FailureKind.OUT_OF_MEMORY
    assert failed.fitting_size is not None and 64 <= failed.fitting_size < 1200


def test_an_order_that_is_none_is_an_internal_failure() -> None:
    assert fail("paint something\n").kind is FailureKind.INTERNAL
    assert fail('{"type": "order"}\n').kind is FailureKind.INTERNAL


def first_progress(child: subprocess.Popen[str]) -> None:
    assert child.stdout
    for text in child.stdout:
        if isinstance(messages.decode(text), Evaluated):
            return
    pytest.fail("the child said no progress")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
def test_child_is_the_first_to_go_and_the_last_to_be_served(files: Path, tmp_path: Path) -> None:
    with start() as child:
        assert child.stdin
        child.stdin.write(messages.encode(order(files, tmp_path, evaluations=500)))
        child.stdin.flush()
        first_progress(child)
        assert Path(f"/proc/{child.pid}/oom_score_adj").read_text().strip() == "1000"
        assert os.getpriority(os.PRIO_PROCESS, child.pid) >= 10
        child.kill()


def test_child_stops_when_its_supervisor_lets_go(files: Path, tmp_path: Path) -> None:
    with start() as child:
        assert child.stdin
        child.stdin.write(messages.encode(order(files, tmp_path, evaluations=500)))
        child.stdin.flush()
        first_progress(child)
        child.stdin.close()
        assert child.wait(timeout=20) != 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
def test_child_dies_with_a_killed_supervisor(files: Path, tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'nst.child'], stdin=subprocess.PIPE,"
        " stdout=subprocess.DEVNULL)\n"
        "child.stdin.write(sys.argv[1].encode()); child.stdin.flush()\n"
        "print(child.pid, flush=True); time.sleep(60)\n"
    )
    line = messages.encode(order(files, tmp_path, evaluations=5000))
    with subprocess.Popen(
        [sys.executable, "-c", script, line], stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdout
        pid = int(supervisor.stdout.readline())
        time.sleep(1.0)
        os.kill(supervisor.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return
        time.sleep(0.1)
    pytest.fail("the child outlived its supervisor")
