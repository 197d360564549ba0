"""/status: how the bot is doing."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from handlers.admins.filters import FromAdmin
from jobs.line.queue import PaintingQueue
from utils.notice import StartNotice


def router() -> Router:
    """The command, for admins."""
    router = Router(name="status")
    router.message.register(status, Command("status"), FromAdmin())
    return router


async def status(message: Message, queue: PaintingQueue, notice: StartNotice) -> None:
    """Show the start-up notice and what is going on now."""
    totals = await queue.paintings.totals()
    counts = ", ".join(f"{state} {number}" for state, number in sorted(totals.items())) or "none"
    await message.answer(
        f"{notice.text()}\n\nPaintings: {counts}\n"
        f"In line: {await queue.waiting()}, being painted: {await queue.active()}"
    )
