"""Fetches a painting's pictures from Telegram."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest

from data.life import TOO_LARGE, Failure, PaintingFailed, Picture
from database.records import Request
from utils.telegram.download import download


@dataclasses.dataclass(frozen=True, slots=True)
class Pictures:
    """The files of a painting's pictures on this machine."""

    content: Path
    styles: tuple[Path, ...]
    start: Path | None
    """The earlier painting to go on with."""


async def fetch(bot: Bot, request: Request, folder: Path) -> Pictures:
    """Download the pictures into `folder`; raises `PaintingFailed` when they can't be had.

    Network errors are raised as they are: the queue tries again.
    """
    content = await _fetch(bot, request.content, folder / "content", Picture.CONTENT)
    styles = []
    for number, style in enumerate(request.styles):
        target = folder / (f"style-{number}" if number else "style")
        styles.append(await _fetch(bot, style, target, Picture.STYLE))
    start = None
    if request.start:
        start = await _fetch(bot, request.start, folder / "start", None)
    return Pictures(content, tuple(styles), start)


async def _fetch(bot: Bot, file_id: str, target: Path, picture: Picture | None) -> Path:
    try:
        await download(bot, file_id, target)
    except TelegramBadRequest as error:
        if picture and "too big" in error.message:
            raise PaintingFailed(TOO_LARGE[picture]) from error
        raise PaintingFailed(Failure.FETCH) from error
    return target
