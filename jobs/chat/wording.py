"""Words for how far a painting is."""

from __future__ import annotations

from database.records import Request
from nst.choices import step_of
from nst.progress import Progress
from utils.texts import Texts

_CELLS = 12
_EARLY = 0.03


def describe(progress: Progress, texts: Texts) -> str:
    """The status message while painting: bar, percent, stage, time left."""
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
        # The first evaluations also load and warm up what the others only use: too early to say.
        left=time_left(progress.seconds_left if progress.fraction > _EARLY else 0.0, texts),
    )


def bar(fraction: float) -> str:
    """A progress bar of fixed width for `fraction` in 0..1."""
    full = max(0, min(_CELLS, round(fraction * _CELLS)))
    return "▰" * full + "▱" * (_CELLS - full)


def time_left(seconds: float, texts: Texts) -> str:
    """Rounded as a person would: to 5 seconds, then to minutes."""
    if seconds < 3:
        return texts("left-unknown")
    if seconds < 90:
        return texts("left-seconds", seconds=max(5, 5 * round(seconds / 5)))
    return texts("left-minutes", minutes=round(seconds / 60))


def duration(seconds: float, texts: Texts) -> str:
    """How long something took."""
    whole = round(seconds)
    if whole < 90:
        return texts("duration-seconds", seconds=str(whole))
    return texts("duration-minutes", minutes=str(whole // 60), seconds=str(whole % 60))


def about(seconds: float, texts: Texts) -> str:
    """A time to come, rounded as an honest person would promise it."""
    if seconds < 55:
        return texts("about-seconds", seconds=str(max(5, 5 * round(seconds / 5))))
    if seconds < 90 * 60:
        return texts("about-minutes", minutes=max(1, round(seconds / 60)))
    return texts("about-hours", hours=round(seconds / 3600))


def caption(request: Request, size: tuple[int, int], seconds: float, texts: Texts) -> str:
    """Under a finished painting: size, style, time."""
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
    """The status message while waiting: the place, and when it is one's turn."""
    return texts("queued", place=place, time=about(begins, texts))
