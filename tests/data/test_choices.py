"""What may be chosen, and what a stored choice means later."""

from __future__ import annotations

import dataclasses

import pytest

from data.choices import STRENGTHS, Choices, size_here, sizes, step_named, step_of


def test_choices_come_back_as_they_were_stored() -> None:
    chosen = Choices("poster", 5, True, "thin")
    assert Choices.read(dataclasses.asdict(chosen)) == chosen


@pytest.mark.parametrize(
    "stored",
    [{}, {"size": "huge"}, {"strength": 9}, {"strength": "3"}, {"brush": 7}, {"size": None}],
)
def test_what_makes_no_sense_any_more_is_the_default(stored: dict[str, object]) -> None:
    assert Choices.read(stored) == Choices()


def test_a_button_changes_one_choice_and_a_forged_one_none() -> None:
    assert Choices().chosen("strength", "5") == Choices(strength=5)
    assert Choices().chosen("colors", "keep") == Choices(keep_colors=True)
    for what, value in (("strength", "6"), ("strength", "12"), ("size", "9"), ("colors", "x")):
        assert Choices().chosen(what, value) is None


@pytest.mark.parametrize(
    ("most", "offered"),
    [
        (128, {"fast": 128}),
        (512, {"fast": 384, "standard": 512}),
        (700, {"fast": 384, "standard": 512, "fine": 700}),
        (4096, {"fast": 384, "standard": 512, "fine": 1024, "poster": 2048}),
    ],
)
def test_no_size_is_offered_that_may_not_be_painted(most: int, offered: dict[str, int]) -> None:
    assert sizes(most) == offered
    assert size_here(Choices("poster"), most) == list(offered)[-1]


def test_a_strength_is_the_nearest_step_and_only_a_step_is_named() -> None:
    assert [step_of(strength) for strength in STRENGTHS] == [1, 2, 3, 4, 5]
    assert (step_of(0.0), step_of(0.44), step_of(1.0)) == (1, 3, 5)
    assert [step_named(name) for name in "12345"] == [1, 2, 3, 4, 5]
    assert [step_named(name) for name in ("", "0", "6", "12", "-1", "x")] == [None] * 6
