"""The buttons under a finished painting."""

from __future__ import annotations

from collections.abc import Mapping

from aiogram.types import InlineKeyboardMarkup

from keyboards.button import GOOD, Text, button
from keyboards.callbacks import Again, Compare, File, More, Reuse, ShowFigures, Vary
from nst.choices import STRENGTHS


def result(
    text: Text, painting: str, *, group: bool = False, figures: bool = False
) -> InlineKeyboardMarkup:
    """Folded: what most people want next.

    In a `group` pictures come with a command, not after a tap; `figures` are for developers.
    """
    rows = [
        [
            button(text("button-file"), File(painting=painting)),
            button(text("button-compare"), Compare(painting=painting)),
        ],
        [
            button(text("button-again"), Again(painting=painting), GOOD),
            button(text("button-other"), More(painting=painting, open=True)),
        ],
    ]
    if not group:
        rows.append(
            [
                button(text("button-new-style"), Reuse(painting=painting, side="content")),
                button(text("button-new-photo"), Reuse(painting=painting, side="styles")),
            ]
        )
    if figures:
        rows.append([button(text("button-figures"), ShowFigures(painting=painting))])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def figures_alone(text: Text, painting: str) -> InlineKeyboardMarkup:
    """What /developer offers at once."""
    row = [button(text("button-figures"), ShowFigures(painting=painting))]
    return InlineKeyboardMarkup(inline_keyboard=[row])


def other_settings(
    text: Text,
    painting: str,
    *,
    strength: int,
    times: Mapping[str, str],
    pixels: Mapping[str, int],
    larger: Mapping[str, str],
) -> InlineKeyboardMarkup:
    """Unfolded: the same pair weaker, stronger, at another size, or this very painting larger.

    `times` are of the sizes that are painted anew, `larger` of those that go on with this one.
    """
    rows = []
    steps = []
    if strength > 1:
        weaker = Vary(painting=painting, what="strength", value=str(strength - 1))
        steps.append(button(text("button-weaker"), weaker))
    if strength < len(STRENGTHS):
        stronger = Vary(painting=painting, what="strength", value=str(strength + 1))
        steps.append(button(text("button-stronger"), stronger))
    rows.append(steps)
    for name, time in larger.items():
        words = text("button-larger", pixels=str(pixels[name]), time=time)
        rows.append([button(words, Vary(painting=painting, what="larger", value=name), GOOD)])
    for name, time in times.items():
        size = text("size-name", size=name)
        words = text("button-anew", size=size, pixels=str(pixels[name]), time=time)
        rows.append([button(words, Vary(painting=painting, what="size", value=name))])
    rows.append([button(text("button-back"), More(painting=painting, open=False))])
    return InlineKeyboardMarkup(inline_keyboard=rows)
