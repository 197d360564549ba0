"""Pairs that begin with one half of an earlier painting."""

from __future__ import annotations

from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from data import life
from database.records import Request
from jobs.line.queue import PaintingQueue
from nst.choices import USUAL_WEIGHT
from states.dialogue import Pair, Picture


def photo_of(request: Request) -> Pair:
    """The photo of an earlier painting, for another style."""
    width, height = request.shape or (None, None)
    return Pair(
        content=Picture(
            file_id=request.content, message=request.reply_to, width=width, height=height
        )
    )


def styles_of(request: Request) -> Pair:
    """The styles of an earlier painting with their weights, for another photo."""
    weights = request.recipe.style_weights or (float(USUAL_WEIGHT),) * len(request.styles)
    return Pair(
        styles=tuple(
            Picture(file_id=style, message=request.reply_to, weight=int(weight))
            for style, weight in zip(request.styles, weights, strict=True)
        )
    )


async def left_by_a_failure(message: Message, state: FSMContext, queue: PaintingQueue) -> Pair:
    """What remains of the last pair where one picture of it could not be opened; else nothing.

    The person was asked for another one, so that is what comes next. Where they have begun anew
    instead, there is a state, and nothing remains.
    """
    assert message.from_user
    if await state.get_state() is not None:
        return Pair()
    last = await queue.paintings.latest_of(message.from_user.id, message.chat.id)
    if last is None or last.failure is None or last.failure.fault is None:
        return Pair()
    if last.failure.fault is life.Picture.STYLE:
        return photo_of(last.request)
    return styles_of(last.request)
