"""Texts of a painting's status messages, and the caption of its result."""

from __future__ import annotations

from database.records import Request
from nst.choices import step_of
from nst.progress import Progress
from utils.texts import Texts

_CELLS = 12  # of the progress bar
_EARLY = 0.03  # fraction until which no time is told


def describe(progress: Progress, texts: Texts) -> str:
    """The status message while painting: progress bar, percent, stage, time left."""
    if progress.stage <= 1 and progress.stages > 1:
        stage = "first"
    elif progress.stage >= progress.stages:
        stage = "last"
    else:
        stage = "middle"
    percent = min(99, int(progress.fraction * 100))
    return texts(
        "painting",
        percent=percent,
        bar=bar(progress.fraction),
        stage=texts("stage", stage=stage),
        # The first evaluations also load what the later ones only use, so they take longer.
        left=time_left(progress.seconds_left if progress.fraction > _EARLY else 0.0, texts),
    )


def bar(fraction: float) -> str:
    """A progress bar of fixed width for `fraction` in 0..1."""
    full = max(0, min(_CELLS, round(fraction * _CELLS)))
    return "▰" * full + "▱" * (_CELLS - full)


def time_left(seconds: float, texts: Texts) -> str:
    """The text for the seconds that are left, rounded to 5 seconds, or to minutes from 90 on."""
    if seconds < 3:
        return texts("left-unknown")
    if seconds < 90:
        return texts("left-seconds", seconds=max(5, 5 * round(seconds / 5)))
    return texts("left-minutes", minutes=round(seconds / 60))


def duration(seconds: float, texts: Texts) -> str:
    """The text for how long something took: in seconds, or in minutes and seconds from 90 on."""
    whole = round(seconds)
    if whole < 90:
        return texts("duration-seconds", seconds=str(whole))
    return texts("duration-minutes", minutes=str(whole // 60), seconds=str(whole % 60))


def about(seconds: float, texts: Texts) -> str:
    """The text for a time to come, rounded to 5 seconds, to minutes or to hours."""
    if seconds < 55:
        return texts("about-seconds", seconds=str(max(5, 5 * round(seconds / 5))))
    if seconds < 90 * 60:
        return texts("about-minutes", minutes=max(1, round(seconds / 60)))
    return texts("about-hours", hours=round(seconds / 3600))


def caption(request: Request, size: tuple[int, int], seconds: float, texts: Texts) -> str:
    """The caption of a finished painting: size in pixels, style, time."""
    recipe = request.recipe
    return texts(
        "result-caption",
        width=str(size[0]),
        height=str(size[1]),
        style=texts("result-style", styles=len(request.styles), step=step_of(recipe.strength)),
        colors="keep" if recipe.keep_colors else "change",
        duration=duration(seconds, texts),
    )


def queued(place: int, begins: float, texts: Texts) -> str:
    """The status message while waiting: the place in line, and in how many seconds it begins."""
    return texts("queued", place=place, time=about(begins, texts))
