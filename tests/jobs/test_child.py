"""The supervisor and a real child: messages, deaths, cancellation."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import pytest

from data.config import ROOT
from jobs.worker import child
from jobs.worker.child import ChildDied, paint
from nst.messages import Evaluated, Failed, FailureKind, Finished, Order, Planned
from nst.settings import Settings
from tests.pictures import encoded, painting, photo
from tests.trials.tree import status_mb

pytestmark = pytest.mark.slow


def order(folder: Path, content: bytes | None = None, size: int = 64) -> Order:
    (folder / "content").write_bytes(encoded(photo()) if content is None else content)
    (folder / "style").write_bytes(encoded(painting()))
    out = folder / "out"
    out.mkdir()
    return Order(str(folder / "content"), (str(folder / "style"),), str(out), Settings(size=size))


async def test_a_child_tells_its_plan_its_progress_and_its_result(tmp_path: Path) -> None:
    said = [message async for message in paint(order(tmp_path))]
    assert isinstance(said[0], Planned) and isinstance(said[-1], Finished)
    fractions = [message.progress.fraction for message in said if isinstance(message, Evaluated)]
    assert fractions == sorted(fractions) and len(fractions) > 10
    for path in (said[-1].photo, said[-1].picture, said[-1].losses):
        assert Path(path).stat().st_size > 0


async def test_a_broken_picture_is_one_typed_failure(tmp_path: Path) -> None:
    said = [message async for message in paint(order(tmp_path, b"not a picture"))]
    assert len(said) == 1 and isinstance(said[0], Failed)
    assert said[0].kind is FailureKind.BAD_PICTURE and said[0].picture == "content"


async def test_a_killed_child_is_told_from_one_that_failed(tmp_path: Path) -> None:
    with pytest.raises(ChildDied) as caught:
        async for message in paint(order(tmp_path, size=512)):
            if isinstance(message, Planned):
                os.kill(_only_child(), signal.SIGKILL)
    assert caught.value.returncode == -signal.SIGKILL and "SIGKILL" in str(caught.value)


HOLDS_MUCH = """
import sys
if "nst.child" in sys.orig_argv:
    import time
    from nst.messages import Planned, encode
    sys.stdout.write(encode(Planned(64, 48, 20, "none", 1.0)))
    sys.stdout.flush()
    held = b"x" * 150_000_000
    time.sleep(3600)
"""


async def test_what_a_child_took_between_two_messages_is_known_when_it_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that says one thing, takes much memory and is never heard of again."""
    (tmp_path / "sitecustomize.py").write_text(HOLDS_MUCH)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    with pytest.raises(ChildDied) as caught:
        async for _ in paint(order(tmp_path)):
            pid = _only_child()
            async with asyncio.timeout(60):
                while status_mb(pid, "RssAnon") * 1.048576 < 150:
                    await asyncio.sleep(0.02)
            await asyncio.sleep(
                3 * child._LOOK_EVERY
            )  # its looks come in this loop: one is due first
            os.kill(pid, signal.SIGKILL)
    assert caught.value.planned and caught.value.peak_mb >= 150


async def test_leaving_kills_the_child_at_once(tmp_path: Path) -> None:
    started = asyncio.Event()

    async def watch() -> None:
        async with contextlib.aclosing(paint(order(tmp_path, size=512))) as messages:
            async for _ in messages:
                started.set()

    task = asyncio.create_task(watch())
    await asyncio.wait_for(started.wait(), 60)
    pid = _only_child()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert not Path(f"/proc/{pid}").exists()


async def test_a_child_that_hangs_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_SILENCE", 0.01)
    with pytest.raises(ChildDied, match="silent"):
        async for _ in paint(order(tmp_path)):
            pass


async def test_the_child_never_sees_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "42:SECRET")
    async with contextlib.aclosing(paint(order(tmp_path))) as messages:
        async for _ in messages:
            assert b"SECRET" not in Path(f"/proc/{_only_child()}/environ").read_bytes()
            break


def _only_child() -> int:
    """The painting child of this test process."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
                if int(parent) == os.getpid() and b"nst.child" in (entry / "cmdline").read_bytes():
                    return int(entry.name)
    raise AssertionError("no child")
