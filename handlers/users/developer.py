"""Developer mode: /developer, and the button that tells how a painting was made."""

from __future__ import annotations

from typing import Any

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import BufferedInputFile, CallbackQuery, Message

from database.figures import Figures, PaintingFigures
from database.people import People
from jobs.line.queue import PaintingQueue
from keyboards.callbacks import ShowFigures
from keyboards.result import figures_alone
from utils.charts import Charts
from utils.telegram.answer import answer
from utils.texts import Texts


def router() -> Router:
    """The command, for anybody; the button, for the painting's person and for admins."""
    router = Router(name="developer")
    router.message.register(switch, Command("developer"))
    router.callback_query.register(show, ShowFigures.filter())
    return router


async def switch(message: Message, people: People, figures: Figures, speak: Texts) -> None:
    """Turn the mode on or off; turned on, it offers the figures of the latest painting."""
    assert message.from_user
    if not await people.toggle_developer(message.from_user.id):
        await message.answer(speak("developer-off"))
        return
    latest = await figures.latest_of(message.from_user.id)
    keyboard = figures_alone(speak, latest) if latest else None
    await message.answer(speak("developer-on"), reply_markup=keyboard)


async def show(
    query: CallbackQuery,
    callback_data: ShowFigures,
    *,
    queue: PaintingQueue,
    figures: Figures,
    charts: Charts,
    admins: tuple[int, ...],
    speak: Texts,
) -> None:
    """Send the losses of this painting as a chart and a table, and the other figures in words."""
    record = await queue.paintings.get(callback_data.painting)
    if record and record.user_id != query.from_user.id and query.from_user.id not in admins:
        await answer(query, speak("not-yours"), alert=True)
        return
    found = await figures.of(callback_data.painting)
    if record is None or found is None or not isinstance(query.message, Message):
        await answer(query, speak("figures-gone"), alert=True)
        return
    await answer(query)
    caption = describe(found, speak)
    chart = await charts.draw("losses", found.losses)
    if chart:
        await query.message.reply_photo(BufferedInputFile(chart, "losses.png"), caption=caption)
    await query.message.reply_document(
        BufferedInputFile(found.losses, "losses.csv"),
        caption=speak("figures-table") if chart else caption,
    )


def describe(figures: PaintingFigures, speak: Texts) -> str:
    """The figures in words; what an older engine did not report is a dash."""
    report = figures.report
    memory = report.get("memory_mb") or {}
    return speak(
        "figures-caption",
        size=f"{report.get('width', '–')} × {report.get('height', '–')}",
        dtype=str(report.get("dtype", "–")),
        evaluations=str(report.get("evaluations", "–")),
        seconds=_number(report.get("seconds"), 1),
        stages=", ".join(_stage(stage) for stage in report.get("stages") or ()) or "–",
        anonymous=_number(memory.get("anonymous")),
        total=_number(memory.get("total")),
        predicted=_number(memory.get("predicted")),
        bound=_number(memory.get("limit")),
        plan=_plan(report.get("plan") or {}),
    )


def _stage(stage: dict[str, Any]) -> str:
    return f"{stage.get('size')} px {stage.get('evaluations')}"


def _plan(plan: dict[str, Any]) -> str:
    """Blocks of the network × stripes of the picture, as each part of them is computed."""
    parts = []
    for unit in plan.get("units") or ():
        blocks = unit.get("blocks") or ["?"]
        span = f"{blocks[0]}–{blocks[-1]}" if len(blocks) > 1 else f"{blocks[0]}"
        parts.append(f"{span} × {unit.get('stripes', '?')} {unit.get('maps', '')}".rstrip())
    return ", ".join(parts) or "–"


def _number(value: Any, digits: int = 0) -> str:
    return f"{value:.{digits}f}" if isinstance(value, int | float) else "–"
