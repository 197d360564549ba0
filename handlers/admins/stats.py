"""/stats: people, paintings, times and memory, with a chart of the last days."""

from __future__ import annotations

import json
from dataclasses import asdict

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import BufferedInputFile, Message

from database.statistics import DAYS, PaintingNumbers, Statistics
from handlers.admins.filters import FromAdmin
from jobs.line.queue import PaintingQueue
from utils.charts import Charts
from utils.process import memory
from utils.texts import Texts


def router() -> Router:
    """The command, for admins."""
    router = Router(name="stats")
    router.message.register(stats, Command("stats"), FromAdmin())
    return router


async def stats(
    message: Message, queue: PaintingQueue, statistics: Statistics, charts: Charts, speak: Texts
) -> None:
    """Show the numbers on one screen, with the chart where it can be drawn."""
    people, paintings = await statistics.people(), await statistics.paintings()
    paused = await queue.switches.paused()
    text = "\n\n".join(
        (
            speak(
                "stats-people",
                total=str(people.total),
                fresh=str(people.new_this_week),
                today=str(people.today),
                week=str(people.this_week),
                left=str(people.left),
                russian=str(people.russian),
                blocked=str(people.blocked),
            ),
            _paintings(paintings, speak),
            speak(
                "stats-now",
                waiting=str(await queue.waiting()),
                active=str(await queue.active()),
                accepting=speak("stats-paused" if paused else "stats-accepting"),
            ),
            speak(
                "stats-memory",
                bot=_number(memory.own_mb()),
                children=" + ".join(f"{size} MB" for size in memory.children_mb()) or "–",
                typical=_number(paintings.times.peak_median),
                highest=_number(paintings.times.peak_highest),
            ),
        )
    )
    days = json.dumps([asdict(day) for day in await statistics.days()]).encode()
    if chart := await charts.draw("days", days):
        await message.answer_photo(BufferedInputFile(chart, "days.png"), caption=text)
    else:
        await message.answer(text)


def _paintings(numbers: PaintingNumbers, speak: Texts) -> str:
    outcomes, times = numbers.outcomes, numbers.times
    failures = ", ".join(f"{kind} {number}" for kind, number in numbers.failures.items())
    return speak(
        "stats-paintings",
        period=DAYS,
        painters=str(times.painters),
        done=str(outcomes.get("done", 0)),
        stopped=str(outcomes.get("stopped", 0)),
        failed=str(outcomes.get("failed", 0)) + (f" ({failures})" if failures else ""),
        median=_number(times.wait_median),
        slow=_number(times.wait_p95),
        work=_number(times.work_median),
        slowwork=_number(times.work_p95),
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"
