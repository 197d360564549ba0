"""The bot as a whole: memory at rest, time to the first answer, answers while painting.

The bot runs as a process of its own with its embedded PostgreSQL, inside a memory cgroup of
512 MB where this machine lets one be made, and polls a Bot API server in this process.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from local_chat.people.person import ChatMessage, Person
from local_chat.server import LocalChat
from tests.trials import tree

ROOT = Path(__file__).resolve().parent.parent
Figures = dict[str, Any]

_AT_REST = 65.0  # seconds; the bot tidies up once a minute


def parser() -> argparse.ArgumentParser:
    """Options of this measurement."""
    parser = argparse.ArgumentParser(prog="python -m bench bot", description=__doc__)
    parser.add_argument("--size", type=int, default=512, help="longest side of the painting (512)")
    parser.add_argument("--limit", type=int, default=512, help="the cgroup's memory in MB (512)")
    parser.add_argument("--content", type=Path, help="a photo (default: scikit-image's cat)")
    parser.add_argument("--style", type=Path, help="a painting (default: strokes by code)")
    return parser


def measure(options: argparse.Namespace) -> Figures:
    """Everything, in a minute or a few."""
    return asyncio.run(_measure(options))


def show(figures: Figures) -> None:
    """The figures as a table."""
    for name, value in figures.items():
        text = f"{value:.2f}" if isinstance(value, float) else str(value)
        sys.stdout.write(f"{name:<58} {text:>12}\n")


async def _measure(options: argparse.Namespace) -> Figures:
    pair = pictures(options)
    figures: Figures = {}
    with (
        tempfile.TemporaryDirectory(prefix="bench-bot-") as name,
        tree.cgroup(options.limit) as group,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        chat = LocalChat(folder / "chat", port=0)
        await chat.start()
        figures["cgroup limit, MB"] = options.limit if group else "none"
        starts = []
        for number in range(6):
            person = Person(chat, 100 + number, "Ann")
            began = time.monotonic()
            async with _bot(chat, folder, group, options):
                await person.send_text("/start")
                await person.wait_for(_from_bot, 60)
                starts.append(time.monotonic() - began)
        # The first start makes the database and reads everything from the disk.
        figures["start to first answer, s: first ever"] = starts[0]
        figures["start to first answer, s: median of 5, warm"] = statistics.median(starts[1:])
        async with _bot(chat, folder, group, options) as pid:
            await _conversation(chat, pid, folder, pair, figures)
        if group:
            figures["whole tree, peak by the kernel's count, MB"] = tree.cgroup_peak_mb(group)
            figures["killed for lack of memory"] = tree.cgroup_kills(group)
        await chat.stop()
    return figures


async def _conversation(
    chat: LocalChat, pid: int, folder: Path, pair: tuple[bytes, bytes], figures: Figures
) -> None:
    ann, visitors = Person(chat, 1, "Ann"), itertools.count(1000)
    await _answer_times(chat, 3, visitors)
    await asyncio.sleep(_AT_REST)
    figures["bot process at rest, RSS MB"] = tree.status_mb(pid, "VmRSS")
    figures["bot process at rest, anonymous MB"] = tree.status_mb(pid, "RssAnon")
    postgres = int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    figures["embedded PostgreSQL at rest, PSS MB"] = sum(map(tree.pss_mb, tree.below(postgres)))
    idle = await _answer_times(chat, 200, visitors)
    figures["/help at rest, p50 ms"], figures["/help at rest, p99 ms"] = _percentiles(idle)

    await ann.send_photo(pair[0])
    await ann.wait_for(_from_bot)
    await ann.send_photo(pair[1])
    status = await ann.wait_for(lambda m: any(d.startswith("paint") for _, d in m.buttons))
    began = time.monotonic()
    await ann.press(status, "paint")
    await ann.wait_for(lambda m: m.id == status.id and "%" in m.text, 120)
    watching = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.peak", str(pid), str(postgres)),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    busy = await _answer_times(chat, 300, visitors)
    painted = _is_result(ann)
    while not painted and time.monotonic() - began < 1800:
        busy += await _answer_times(chat, 20, visitors)
        painted = _is_result(ann)
    figures["/help while painting, p50 ms"], figures["/help while painting, p99 ms"] = _percentiles(
        busy
    )
    if not painted:
        raise SystemExit(f"no painting after half an hour: {ann.messages[-1]}")
    figures["tap to painting through the chat, s"] = time.monotonic() - began
    figures["painting"] = painted.text.split(",")[0]
    peak = json.loads((await watching.communicate(b""))[0])
    figures["whole tree while painting, peak PSS MB"] = peak["total_mb"]
    figures["painting child, peak anonymous MB"] = peak["child_mb"]
    figures["bot process after it, RSS MB"] = tree.status_mb(pid, "VmRSS")

    await ann.press(painted, "again")
    status = await ann.wait_for(lambda m: "%" in m.text, 120, after=painted.id)
    began = time.monotonic()
    await ann.press(status, "stop")
    await ann.wait_for("Stopped", 60, after=painted.id)
    figures["tap on stop to stopped while painting, s"] = time.monotonic() - began


@contextlib.asynccontextmanager
async def _bot(
    chat: LocalChat, folder: Path, group: Path | None, options: argparse.Namespace
) -> AsyncIterator[int]:
    enter = f"echo $$ > {group}/cgroup.procs; " if group else ""
    environment = {
        **os.environ,
        "BOT_TOKEN": "42:BENCH",
        "BOT_API_BASE": chat.url,
        "DATABASE_URL": "",
        "ADMINS": "",
        "VAR_DIR": str(folder),
        "MAX_SIZE": str(options.size),
        "RENDER_SLOTS": "1",
        "MEMORY_LIMIT_MB": "" if group else str(options.limit),
        "LOG_LEVEL": "WARNING",
    }
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", f"{enter}exec {sys.executable} app.py"), cwd=ROOT, env=environment
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


async def _answer_times(chat: LocalChat, times: int, visitors: Iterator[int]) -> list[float]:
    """Seconds from sending /help until the answer is in the chat, one after another.

    Each by another person: to look for an answer in a long chat would take longer than to give it.
    """
    taken = []
    for visitor in itertools.islice(visitors, times):
        person = Person(chat, visitor, "Ben")
        began = time.monotonic()
        await person.send_text("/help")
        await person.wait_for(_from_bot, 60)
        taken.append(time.monotonic() - began)
        person.leave()
        await asyncio.sleep(0.05)
    return taken


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    """p50 and p99 in ms."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return cuts[49] * 1000, cuts[98] * 1000


def _from_bot(message: ChatMessage) -> bool:
    return message.from_bot


def _is_result(person: Person) -> ChatMessage | None:
    for message in person.messages:
        # Sketches and previews are photos too; a file is to be had of the painting alone.
        if message.kind == "photo" and any(data.startswith("file") for _, data in message.buttons):
            return message
        if message.from_bot and any(data.startswith("again") for _, data in message.buttons):
            raise SystemExit(f"no painting: {message}")
    return None


def pictures(options: argparse.Namespace) -> tuple[bytes, bytes]:
    """The two given pictures, or free ones that come with a package or are drawn here."""
    if options.content:
        content = options.content.read_bytes()
    else:
        from bench._photos import photo

        content = _jpeg(photo("cat").resize((1024, 681)))
    if options.style:
        return content, options.style.read_bytes()
    from data.gallery.painters import PAINTERS

    return content, _jpeg(PAINTERS["whirls"](768, 1))


def _jpeg(picture: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()
