"""Where the bot lives: the slug's size, the simulated dyno, a machine that vanishes, the queue.

The slug is built as Heroku builds it (about two minutes and 1.5 GB under the temporary folder). The
dyno is two cgroups of 512 MB without swap and one core each; the bot paints in it and is restarted
ten times as Heroku does it. Then one of two renderers is killed, whole, in the middle of a
painting. Then three hosts in network namespaces: one of two renderers is cut off while it paints,
and comes back while the other one is at it, a minute after that, and when its person has stopped
it there (with a painter that only copies). Last, the figures of `python -m bench scale`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Any

from bench import _dyno, _slug, scale
from bench._people import Orders, is_answer, is_picture, new_database
from bench.bot import pictures
from database.server import embedded
from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.trials import network
from tests.trials.hosts import Back, hosts

Figures = dict[str, Any]
PARTS = ("slug", "dyno", "restarts", "takeover", "hosts", "scale")
_PAINTED = 7200.0  # seconds that a painting may take on one core, slow and busy


def parser() -> argparse.ArgumentParser:
    """Options of this measurement."""
    parser = argparse.ArgumentParser(prog="python -m bench deploy", description=__doc__)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="these parts")
    parser.add_argument("--sizes", type=int, nargs="+", default=[512, 1024], help="px in the dyno")
    parser.add_argument("--restarts", type=int, default=10, help="of the dyno (10)")
    parser.add_argument("--restart-size", type=int, default=256, help="px painted meanwhile (256)")
    parser.add_argument("--content", type=Path, help="a photo (default: scikit-image's cat)")
    parser.add_argument("--style", type=Path, help="a painting (default: strokes by code)")
    return parser


def measure(options: argparse.Namespace) -> Figures:
    """All parts, or those asked for."""
    figures: Figures = {}
    with tempfile.TemporaryDirectory(prefix="bench-deploy-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        if "slug" in options.only:
            figures |= _slug.build(folder)
        dyno = {"dyno", "restarts"} & set(options.only)
        if dyno and (reason := _dyno.why_not()):
            figures["dyno: not simulated"] = reason
        elif dyno:
            figures |= asyncio.run(_dyno_figures(folder, options))
        if "takeover" in options.only:
            figures |= asyncio.run(_takeover(folder, options))
    if "hosts" in options.only:
        reason = network.why_not()
        figures |= {"hosts: not separated": reason} if reason else asyncio.run(_hosts())
    if "scale" in options.only:
        figures |= scale.measure(scale.parser().parse_args([]))
    return figures


def show(figures: Figures) -> None:
    """The figures as a table."""
    for name, value in figures.items():
        text = f"{value:.1f}" if isinstance(value, float) else str(value)
        sys.stdout.write(f"{name:<66} {text:>12}\n")


async def _dyno_figures(folder: Path, options: argparse.Namespace) -> Figures:
    figures: Figures = {}
    async with _world(folder) as (chat, url):
        pair = pictures(options)
        if "dyno" in options.only:
            for size in options.sizes:
                figures |= await _paint(chat, url, folder, pair, size)
        if "restarts" in options.only:
            database = await new_database(url, "restarts")
            orders = Orders(database, *pair)
            figures |= await _restarts(chat, database, folder, orders, options)
    return figures


@contextlib.asynccontextmanager
async def _world(folder: Path) -> AsyncIterator[tuple[LocalChat, str]]:
    """A Bot API and a PostgreSQL server outside of any dyno."""
    chat = LocalChat(folder / "chat", port=0)
    await chat.start()
    url = await embedded.start(folder / "postgres")
    try:
        yield chat, url
    finally:
        await embedded.stop(folder / "postgres")
        await chat.stop()


async def _paint(
    chat: LocalChat, url: str, folder: Path, pair: tuple[bytes, bytes], size: int
) -> Figures:
    """One painting in a fresh dyno."""
    database = await new_database(url, f"paint_{size}")
    orders = Orders(database, *pair)
    person = Person(chat, size, "Ann")
    async with _dyno.dynos(chat.url, database, folder / "dyno.log") as dynos:
        await dynos.restart()
        began = time.monotonic()
        await orders.order(person, size)
        answer = await person.wait_for(is_answer, _PAINTED)
        seconds = time.monotonic() - began
        told = [m.text for m in person.messages if "px instead" in m.text]
        told += [m.text for m in person.edits if "px instead" in m.text]
        figures = {
            f"dyno, {size} px: painted": answer.text.split(",")[0]
            if is_picture(answer)
            else f"NOT: {answer.text}",
            f"dyno, {size} px: said to be smaller": told[-1] if told else "no",
            f"dyno, {size} px: peak by the kernel's count, MB": dynos.peak_mb,
            f"dyno, {size} px: killed for lack of memory": dynos.kills,
            f"dyno, {size} px: s from the tap to the picture": seconds,
        }
    return figures


async def _restarts(
    chat: LocalChat, url: str, folder: Path, orders: Orders, options: argparse.Namespace
) -> Figures:
    """Restarts in the middle of a painting, one more waiting each time."""
    times, size = options.restarts, options.restart_size
    visitors = iter(range(10_000, 20_000))
    async with _dyno.dynos(chat.url, url, folder / "dyno.log") as dynos:
        await dynos.restart()
        for _ in range(times):
            for _ in range(2):
                await orders.order(Person(chat, next(visitors), "Ben"), size)
            await dynos.painting(_PAINTED)
            await dynos.restart()
        await orders.all_answered(_PAINTED)
        return {
            f"dyno: paintings ordered over {times} restarts": len(orders.people),
            "dyno: of them lost": orders.lost(),
            "dyno: sent twice": orders.doubles(),
            "dyno: stopped by itself within 30 s": f"{dynos.clean_stops} of {times}",
            "dyno: killed for lack of memory": dynos.kills,
        }


async def _takeover(folder: Path, options: argparse.Namespace) -> Figures:
    """Seconds from the end of one renderer, without a last word, until another one paints."""
    async with _world(folder) as (chat, url):
        database = await new_database(url, "takeover")
        orders = Orders(database, *pictures(options))
        settings = {
            "BOT_TOKEN": "42:TAKE",
            "BOT_API_BASE": chat.url,
            "DATABASE_URL": database,
            "TRY_OUT": "0",
        }

        async def begin(name: str, *program: str, **more: str) -> asyncio.subprocess.Process:
            (folder / name).mkdir()
            with (folder / f"{name}.log").open("ab") as log:
                return await asyncio.create_subprocess_exec(
                    *(sys.executable, *program),
                    cwd=_dyno.ROOT,
                    env={**os.environ, **settings, **more, "VAR_DIR": str(folder / name)},
                    stderr=log,
                )

        bot = await begin("bot", "app.py", RENDER_SLOTS="0")
        machines = {name: await begin(name, "-m", "jobs") for name in ("one", "two")}
        try:
            await orders.order(Person(chat, 77, "Eve"), 384)
            first = await _painter(folder, machines)
            machines[first].kill()
            began = time.monotonic()
            second = ({"one", "two"} - {first}).pop()
            await _painter(folder, {second: machines[second]})
            seconds = time.monotonic() - began
            await orders.all_answered(_PAINTED)
        finally:
            for process in (bot, *machines.values()):
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
                await process.wait()
        return {
            "a killed renderer: s until another one paints (at most 45)": seconds,
            "a killed renderer: paintings lost": orders.lost(),
            "a killed renderer: pictures sent twice": orders.doubles(),
        }


async def _hosts() -> Figures:
    """A renderer's host is cut off, and back at three moments."""
    figures: Figures = {}
    returns: dict[Back, float] = {"meanwhile": 0, "afterwards": 60, "stopped": 10}
    for back, longer in returns.items():
        found = await hosts(back, longer=longer)
        log = found.pop("log")
        if complaints := found.pop("complaints"):
            sys.stderr.write("\n".join(complaints) + "\n" + log[-20_000:] + "\n")
        figures |= {f"host back {back}: {name}": value for name, value in found.items()}
    return figures


async def _painter(folder: Path, machines: Collection[str]) -> str:
    """Which of these machines paints, as soon as its log says so."""
    async with asyncio.timeout(_PAINTED):
        while True:
            for name in machines:
                if "MB predicted" in (folder / f"{name}.log").read_text():
                    return name
            await asyncio.sleep(0.1)
