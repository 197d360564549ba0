"""The controls under a pair of pictures: one small page, and a page for each thing to choose."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from keyboards.button import CHOSEN, GOOD, Text, button
from keyboards.callbacks import Choose, Discard, Mix, Paint, Panel, Swap, Weigh
from nst.choices import BRUSHES, HEAVIEST, MOST_STYLES, STRENGTHS, Choices

Row = list[InlineKeyboardButton]


@dataclasses.dataclass(frozen=True, slots=True)
class Controls:
    """What the controls show."""

    choices: Choices
    size: str
    """The size as it is to be had here."""
    times: Mapping[str, str]
    """How long each offered size takes, in words, until the picture arrives."""
    pixels: Mapping[str, int]
    weights: tuple[int, ...]
    """Parts of each style of the mix."""
    view: str = "main"


def controls(text: Text, shown: Controls) -> InlineKeyboardMarkup:
    """The page of the controls that is asked for."""
    pages: dict[str, Callable[[Text, Controls], list[Row]]] = {
        "size": _size,
        "strength": _strength,
        "brush": _brush,
        "styles": _styles,
    }
    page = pages.get(shown.view, _main)
    return InlineKeyboardMarkup(inline_keyboard=page(text, shown))


def percentages(weights: tuple[int, ...]) -> list[int]:
    """Whole per cent of each style; together they are a hundred or a rounding away from it."""
    return [round(100 * weight / sum(weights)) for weight in weights]


def _main(text: Text, shown: Controls) -> list[Row]:
    choices = shown.choices
    colors = "keep" if choices.keep_colors else "change"
    other = "change" if choices.keep_colors else "keep"
    size = text("size-name", size=shown.size)
    brush = text("brush-name", brush=choices.brush)
    return [
        [button(text("button-paint", time=shown.times[shown.size]), Paint(), GOOD)],
        [
            button(text("button-size", size=size), Panel(view="size")),
            button(text("button-strength", step=choices.strength), Panel(view="strength")),
        ],
        [
            button(text("button-colors", colors=colors), Choose(what="colors", value=other)),
            button(text("button-brush", brush=brush), Panel(view="brush")),
        ],
        [
            button(text("button-swap"), Swap()),
            button(text("button-styles", styles=len(shown.weights)), Panel(view="styles")),
        ],
        [button(text("button-discard"), Discard())],
    ]


def _size(text: Text, shown: Controls) -> list[Row]:
    rows = []
    for name, pixels in shown.pixels.items():
        words = text(
            "button-size-choice",
            size=text("size-name", size=name),
            pixels=str(pixels),
            time=shown.times[name],
        )
        rows.append([_choice(text, words, Choose(what="size", value=name), name == shown.size)])
    return [*rows, _back(text)]


def _strength(text: Text, shown: Controls) -> list[Row]:
    chosen = shown.choices.strength
    rows = []
    for step in range(1, len(STRENGTHS) + 1):
        words = text("button-strength-choice", step=step)
        data = Choose(what="strength", value=str(step))
        rows.append([_choice(text, words, data, step == chosen)])
    return [*rows, _back(text)]


def _brush(text: Text, shown: Controls) -> list[Row]:
    rows = []
    for name in BRUSHES:
        words = text("button-brush-choice", brush=name)
        data = Choose(what="brush", value=name)
        rows.append([_choice(text, words, data, name == shown.choices.brush)])
    return [*rows, _back(text)]


def _styles(text: Text, shown: Controls) -> list[Row]:
    rows: list[Row] = []
    if len(shown.weights) > 1:
        for number, share in enumerate(percentages(shown.weights)):
            less = button(text("button-less"), Weigh(style=number, change="less"))
            more = button(text("button-more"), Weigh(style=number, change="more"))
            out = text("button-style-out", number=str(number + 1), percent=str(share))
            row = [button(out, Weigh(style=number, change="out"))]
            row += [less] if shown.weights[number] > 1 else []
            row += [more] if shown.weights[number] < HEAVIEST else []
            rows.append(row)
    if len(shown.weights) < MOST_STYLES:
        rows.append([button(text("button-mix"), Mix())])
    return [*rows, _back(text)]


def _choice(text: Text, words: str, data: Choose, chosen: bool) -> InlineKeyboardButton:
    return button(
        text("chosen", choice=words) if chosen else words, data, CHOSEN if chosen else None
    )


def _back(text: Text) -> Row:
    return [button(text("button-back"), Panel(view="main"))]
