"""The conversation: how soon a person sees something, and how true what they are told is.

The bot runs as a process of its own with its embedded PostgreSQL and polls a Bot API server in
this process. Seconds are from the moment a message or a tap is in the chat until its answer is.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bench.bot import ROOT, pictures, show
from local_chat.people.person import ChatMessage, Person
from local_chat.server import LocalChat

Figures = dict[str, Any]

__all__ = ["measure", "parser", "show"]

_CHANGES = ("set:colors:keep", "set:strength:5", "set:brush:thin", "swap", "swap")
_PAINTED = 1800.0  # seconds


def parser() -> argparse.ArgumentParser:
    """Options of this measurement."""
    parser = argparse.ArgumentParser(prog="python -m bench chat", description=__doc__)
    parser.add_argument("--paintings", type=int, default=4, help="how many to be timed (4)")
    parser.add_argument("--max-size", type=int, default=512, help="the largest size (512)")
    parser.add_argument("--limit", type=int, default=1024, help="MEMORY_LIMIT_MB (1024)")
    parser.add_argument("--content", type=Path, help="a photo (default: scikit-image's cat)")
    parser.add_argument("--style", type=Path, help="a painting (default: strokes by code)")
    return parser


def measure(options: argparse.Namespace) -> Figures:
    """Everything, in some minutes."""
    return asyncio.run(_measure(options))


async def _measure(options: argparse.Namespace) -> Figures:
    pair = pictures(options)
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="bench-chat-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        chat = LocalChat(folder / "chat", port=0)
        await chat.start()
        async with _bot(chat, folder, options):
            await _sketches(chat, pair, figures)
            await _paintings(chat, pair, options.paintings, figures)
        await chat.stop()
    return figures


async def _sketches(chat: LocalChat, pair: tuple[bytes, bytes], figures: Figures) -> None:
    first, refreshed = [], []
    for number in range(5):
        person = Person(chat, 100 + number, "Ann")
        await person.send_photo(pair[0])
        await person.wait_for(_from_bot, 120)
        await asyncio.sleep(2)  # nobody finds a painting sooner
        began = time.monotonic()
        await person.send_photo(pair[1])
        status = await person.wait_for(lambda m: m.from_bot and m.kind == "photo", 60)
        first.append(time.monotonic() - began)
        for change in _CHANGES:
            seen = status["photo"][-1]["file_unique_id"]
            began = time.monotonic()
            await person.press_data(status, change)
            status = await person.wait_for(_other_picture(status.id, seen), 60)
            refreshed.append(time.monotonic() - began)
    figures["second photo to sketch, s: median of 5"] = statistics.median(first)
    figures["second photo to sketch, s: slowest"] = max(first)
    figures["control to refreshed sketch, s: median of 25"] = statistics.median(refreshed)
    figures["control to refreshed sketch, s: slowest"] = max(refreshed)


async def _paintings(
    chat: LocalChat, pair: tuple[bytes, bytes], count: int, figures: Figures
) -> None:
    deviations, edits = [], []
    for number in range(count):
        person = Person(chat, 200 + number, "Ben")
        await person.send_text("/start")
        acts = itertools.count(1)  # each thing a person does after /start
        sent = await person.send_photo(pair[0])
        next(acts)
        await person.wait_for(lambda m, sent=sent: m.reply_to == sent.id, 120)  # type: ignore[misc]
        await person.send_photo(pair[1])
        next(acts)
        status = await person.wait_for(lambda m: bool(_paint(m)), 60, after=sent.id)
        if number % 2:  # promises for more than one size
            await person.press_data(status, "set:size:fast")
            await person.wait_for(lambda m: "Size: fast" in _words(m), 60)
        current = next(m for m in person.messages if m.id == status.id)
        promised = _seconds(_paint(current))
        began = time.monotonic()
        await person.press(status, "paint")
        figures["acts from /start to a painting: photos and taps"] = next(acts)
        result = await person.wait_for(_is_result, _PAINTED, after=status.id)
        took = time.monotonic() - began
        shown = [e for e in person.edits if e.id == status.id and "%" in e.text]
        pictured = [e for e in shown if e.kind == "photo"]
        edits.append(60 * len(shown) / took)
        figures[f"painting {number + 1}"] = result.text.split(" · ")[0]
        figures[f"painting {number + 1}, promised s"] = promised
        figures[f"painting {number + 1}, took s"] = took
        figures[f"painting {number + 1}, edits with a picture"] = len(pictured)
        # The first promise of an installation is made before anything is known of it.
        deviations += [abs(promised - took) / took] if number else []
    figures["edits a minute while painting, median"] = statistics.median(edits)
    if deviations:
        deviation = 100 * statistics.median(deviations)
        figures["deviation of promised times but the first, median %"] = deviation


def _other_picture(message_id: int, seen: str):  # type: ignore[no-untyped-def]
    return lambda m: (
        m.id == message_id
        and m.kind == "photo"
        and m["photo"][-1]["file_unique_id"] != seen
        and "quick sketch" in m.text
    )


def _paint(message: ChatMessage) -> str:
    """What the button says that starts."""
    return next((text for text, data in message.buttons if data == "paint"), "")


def _words(message: ChatMessage) -> str:
    return " ".join(text for text, _ in message.buttons)


def _seconds(words: str) -> float:
    number, unit = re.findall(r"about (\d+) (s|min|h)", words)[0]
    return float(number) * {"s": 1, "min": 60, "h": 3600}[unit]


def _is_result(message: ChatMessage) -> bool:
    return message.kind == "photo" and any(data.startswith("file") for _, data in message.buttons)


def _from_bot(message: ChatMessage) -> bool:
    return message.from_bot


@contextlib.asynccontextmanager
async def _bot(chat: LocalChat, folder: Path, options: argparse.Namespace) -> AsyncIterator[None]:
    environment = {
        **os.environ,
        "BOT_TOKEN": "42:BENCH",
        "BOT_API_BASE": chat.url,
        "DATABASE_URL": "",
        "ADMINS": "",
        "VAR_DIR": str(folder),
        "MAX_SIZE": str(options.max_size),
        "RENDER_SLOTS": "1",
        "MEMORY_LIMIT_MB": str(options.limit),
        "LOG_LEVEL": "WARNING",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "app.py", cwd=ROOT, env=environment
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()
