"""The controls under a pair: everything that may be chosen has its button, in every language."""

from __future__ import annotations

from typing import get_args

import pytest

from keyboards.callbacks import Choose, Panel
from keyboards.controls import Controls, controls
from nst.choices import OFFERED, Choices, sizes
from utils.texts import locales, texts

PAGES = get_args(Panel.model_fields["view"].annotation)


def buttons(locale: str, choices: Choices) -> dict[str, str]:
    """The callback data and the words of every button on every page."""
    found = {}
    for page in PAGES:
        shown = Controls(
            choices=choices,
            size=choices.size,
            times=dict.fromkeys(sizes(2048), "1 min"),
            pixels=sizes(2048),
            weights=(2, 2),
            view=page,
        )
        for row in controls(texts(locale), shown).inline_keyboard:
            found |= {str(button.callback_data): button.text for button in row}
    return found


@pytest.mark.parametrize("locale", locales())
def test_every_choice_and_every_page_has_its_button(locale: str) -> None:
    offered = [
        (what, value)
        for what, (_, values) in OFFERED.items()
        for value in values
        if what != "colors"
    ]
    here = buttons(locale, Choices())
    for what, value in offered:
        assert Choose(what=what, value=value).pack() in here  # type: ignore[arg-type]
    for page in PAGES:
        assert Panel(view=page).pack() in here


@pytest.mark.parametrize("locale", locales())
def test_what_is_chosen_is_marked(locale: str) -> None:
    for what, (_, values) in OFFERED.items():
        for value in values:
            choices = Choices().chosen(what, value)
            assert choices is not None
            if what == "colors":  # one button that says how it is, and changes it
                others = set(values) - {value}
                assert all(f"set:colors:{other}" in buttons(locale, choices) for other in others)
                assert f"set:colors:{value}" not in buttons(locale, choices)
            else:
                words = buttons(locale, choices)[f"set:{what}:{value}"]
                assert words.startswith("✓"), (what, value, words)
