"""How many renderers so many paintings a day need, and what gives way first.

A day is simulated on a model of the line (`bench/_line.py`); first the model is held against the
real line on PostgreSQL, painting by painting, and PostgreSQL's own pace is measured. The seconds
of a painting are measured ones, see SECONDS; the day's shape, the mix and the prices are
assumptions, named as such.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import _line
from bench._people import new_database
from database.line import Line
from database.paintings import Paintings
from database.records import PaintingRecord, Request
from database.server import embedded
from database.server.pool import connect
from jobs.line.queue import PaintingQueue

Figures = dict[str, Any]
SECONDS = {"fast 512 px": 12.0, "512 px": 26.0, "1024 px": 110.0, "2048 px": 480.0}
"""Measured on two cores with AVX512-BF16: README (512 px) and docs/engine.md."""
SHARES = {"fast 512 px": 0.15, "512 px": 0.70, "1024 px": 0.12, "2048 px": 0.03}  # assumed
LOADS = (100, 10_000, 1_000_000)
GOAL = 60.0  # seconds of waiting that 19 of 20 paintings stay below
PEAK_ONLY = 100_000  # paintings a day from which only the evening is simulated
EVENING = range(19, 22)
# Calls of the Bot API for one painting: answers to photo and painting, the place, "preparing", the
# file, the picture, the status removed; and an edit of the progress every 3 s.
MESSAGES, OTHER_CALLS, EDIT_EVERY = 3, 5, 3.0
MESSAGES_A_SECOND = 30  # for one bot, by Telegram's FAQ; edits are not named there
# Assumed prices in US dollars a month, November 2026; pace relative to the machine of SECONDS.
MACHINES = (
    ("Heroku Basic dyno, 512 MB, one shared core", 7.0, 26 / 45),
    ("rented virtual server, 2 cores, 4 GB", 8.0, 0.8),
    ("cloud, 2 cores on demand, 4 GB", 62.0, 1.0),
    ("cloud, the same as spare capacity", 22.0, 1.0),
)
_JOBS = 400
_HIGHEST = 120.0  # seconds; the plot's upper edge


def parser() -> argparse.ArgumentParser:
    """Options of this measurement."""
    parser = argparse.ArgumentParser(prog="python -m bench scale", description=__doc__)
    parser.add_argument("--plot", type=Path, help="write the picture of docs/scale.md here")
    return parser


def measure(options: argparse.Namespace) -> Figures:
    """The model proved, PostgreSQL measured, the days simulated; a minute or two."""
    figures = asyncio.run(_database())
    mix = [(SHARES[kind], SECONDS[kind]) for kind in SECONDS]
    mean = sum(share * seconds for share, seconds in mix)
    figures["a painting of the mix, s (mean)"] = mean
    days = {}
    for load in LOADS:
        count, orders = needed(load, mix)
        days[load] = (count, orders)
        waits = [order.waited for order in orders]
        name = f"{load:,} a day"
        figures[f"{name}: renderers for p95 of waiting below {GOAL:.0f} s"] = count
        figures[f"{name}: waiting, p50 / p95 / longest s"] = " / ".join(
            f"{x:.0f}" for x in (statistics.median(waits), p95(waits), max(waits))
        )
        peak = load / _line.DAY * max(_line.HOURS) / (sum(_line.HOURS) / 24)
        figures[f"{name}: paintings a second in the busiest hour"] = peak
        figures[f"{name}: messages a second then (one bot: {MESSAGES_A_SECOND})"] = peak * MESSAGES
        calls = MESSAGES + OTHER_CALLS + mean / EDIT_EVERY
        figures[f"{name}: Bot API calls a second then, edits included"] = peak * calls
        for machine, dollars, pace in MACHINES:
            monthly = math.ceil(count / pace) * dollars
            figures[f"{name}: $ per 1000 paintings, {machine}"] = monthly / (load * 30) * 1000
    per_bot = MESSAGES_A_SECOND / MESSAGES / (max(_line.HOURS) / (sum(_line.HOURS) / 24))
    figures["one bot's messages suffice for paintings a day"] = round(per_bot * _line.DAY)
    if options.plot:
        _plot(days, options.plot)
    return figures


def show(figures: Figures) -> None:
    """The figures as a table."""
    for name, value in figures.items():
        text = f"{value:,.2f}" if isinstance(value, float) else str(value)
        sys.stdout.write(f"{name:<88} {text:>16}\n")


def needed(load: int, mix: list[tuple[float, float]]) -> tuple[int, list[_line.Order]]:
    """The fewest renderers that keep the goal, and the day with them."""
    hours = EVENING if load >= PEAK_ONLY else range(24)

    def day(renderers: int) -> list[_line.Order]:
        # Small days are a matter of luck: a month of them is looked at.
        runs = max(1, min(30, 10_000 // load))
        return [
            order
            for seed in range(runs)
            for order in _line.run(_line.orders(load, mix, hours, seed), renderers)
        ]

    # From what they would need if nobody ever waited.
    busiest = load / _line.DAY * max(_line.HOURS[hour] for hour in hours)
    busiest *= sum(share * seconds for share, seconds in mix) / (sum(_line.HOURS) / 24)
    low, high = int(busiest * 0.7), max(1, int(busiest * 1.05))
    while p95([order.waited for order in day(high)]) >= GOAL:
        low, high = high, int(high * 1.3) + 1
    while high - low > max(1, high // 100):
        middle = (low + high) // 2
        if p95([order.waited for order in day(middle)]) < GOAL:
            high = middle
        else:
            low = middle
    return high, day(high)


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


async def _database() -> Figures:
    with tempfile.TemporaryDirectory(prefix="bench-scale-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        url = await embedded.start(folder / "postgres")
        try:
            same = await prove_model(await new_database(url, "proof"))
            return {"model and real line gave out alike": f"{same} of {same}"} | await _pace(
                await new_database(url, "pace")
            )
        finally:
            await embedded.stop(folder / "postgres")


async def prove_model(url: str, steps: int = 120) -> int:
    """The same orders and ends to both, in random turns; RuntimeError where they differ."""
    chance = random.Random(7)
    pool = await connect(url)
    queue = PaintingQueue(pool, Paintings(pool))
    await queue.connect()
    real, model = queue.line, _line.Line()
    running: list[tuple[str, _line.Order]] = []
    ours: dict[str, _line.Order] = {}
    given = 0
    try:
        for step in range(steps):
            turn = chance.random()
            if turn < 0.5:
                person = chance.randrange(12)
                made = await queue.promise(person, person, step, _REQUEST)
                if isinstance(made, PaintingRecord):
                    # Whole seconds in the real line: its clock is set to the step's number.
                    await _set_time(queue, made.id, step)
                    ours[made.id] = _line.Order(float(step), person, 1.0)
                    model.add(ours[made.id])
            elif turn < 0.75 or not running:
                key, expected = await take(real), model.take()
                if (ours[key] if key else None) is not expected:
                    raise RuntimeError(f"step {step}: the model differs from the real line")
                if key and expected:
                    running.append((key, expected))
                    given += 1
            else:
                key, order = running.pop(chance.randrange(len(running)))
                await queue.paintings.done(key)
                job = await real.job(key)
                assert job
                await job.finish("complete")  # type: ignore[arg-type]
                model.end(order, float(step))
    finally:
        await pool.close()
    return given


async def take(line: Line) -> str | None:
    """What the real line gives out now."""
    line._waiting += 1
    try:
        await line._dequeue()
        return None if line._job_queue.empty() else str(line._job_queue.get_nowait().key)
    finally:
        line._waiting -= 1


async def _set_time(queue: PaintingQueue, key: str, second: int) -> None:
    async with queue.pool.connection() as connection:
        await connection.execute("UPDATE saq_jobs SET scheduled = %s WHERE key = %s", (second, key))


async def _pace(url: str) -> Figures:
    """Promises, takings and idle looks a second on the embedded server, eight at a time."""
    pool = await connect(url)
    queue = PaintingQueue(pool, Paintings(pool))
    await queue.connect()

    async def spread(work: Any) -> float:
        todo = iter(range(1, _JOBS + 1))

        async def some() -> None:
            for number in todo:
                await work(number)

        began = time.monotonic()
        await asyncio.gather(*(some() for _ in range(8)))
        return _JOBS / (time.monotonic() - began)

    async def promise(number: int) -> None:
        await queue.promise(number, number, number, _REQUEST)

    lines = [Line(pool=pool, name="paintings") for _ in range(8)]

    async def one(number: int) -> None:
        line = lines[number % 8]
        key = await take(line)
        job = await line.job(key) if key else None
        if job:
            await line.finish(job, "complete")  # type: ignore[arg-type]

    async def look(number: int) -> None:
        await take(lines[number % 8])

    try:
        capacity = "jobs.line.queue.CAPACITY"
        figures = {"PostgreSQL (embedded): promises a second": await spread(promise)}
        figures["PostgreSQL (embedded): taken and finished a second"] = await spread(one)
        figures["PostgreSQL (embedded): idle looks a second"] = await spread(look)
        figures[f"{capacity} (waiting at most)"] = float(_capacity())
    finally:
        await pool.close()
    return figures


def _capacity() -> int:
    from jobs.line.queue import CAPACITY

    return CAPACITY


_REQUEST = Request(content="photo", styles=("art",), locale="en", reply_to=7)


def _plot(days: dict[int, tuple[int, list[_line.Order]]], target: Path) -> None:
    """Waiting by the hour of the day: median and p95 of each quarter of an hour."""
    from PIL import Image, ImageDraw, ImageFont

    width, height, left, top = 1000, 300, 90, 50
    picture = Image.new("RGB", (width, height * len(days)), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(16)
    for row, (load, (count, orders)) in enumerate(days.items()):
        base, tall = row * height + height - 45, height - 45 - top

        def place(hour: float, wait: float, base: int = base, tall: int = tall) -> Any:
            x = left + hour / 24 * (width - left - 30)
            return (x, base - min(1.0, wait / _HIGHEST) * tall)

        title = f"{load:,} paintings a day, {count:,} renderers: seconds of waiting, p95 and median"
        draw.text((left, row * height + 18), title, "black", font)
        for seconds in (0, 30, 60, 90, 120):
            draw.line(
                (place(0, seconds), place(24, seconds)), "#dd3333" if seconds == 60 else "#ddd"
            )
            draw.text((left - 45, place(0, seconds)[1] - 9), f"{seconds} s", "#555", font)
        for hour in range(0, 25, 3):
            draw.text((place(hour, 0)[0] - 18, base + 8), f"{hour:02}:00", "#555", font)
        slots: dict[int, list[float]] = {}
        for order in orders:
            slots.setdefault(int(order.at / 900), []).append(order.waited)
        for color, pick in (("#3366cc", p95), ("#55aa55", statistics.median)):
            points = [place((s + 0.5) / 4, pick(w)) for s, w in sorted(slots.items())]
            draw.line(points, color, 3)
    picture.save(target)
