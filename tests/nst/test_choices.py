"""What may be chosen, and what a stored choice means later."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from database.records import Request
from nst.choices import (
    FIELDS,
    OFFERED,
    STRENGTHS,
    Choices,
    Recipe,
    size_here,
    sizes,
    step_of,
    varied,
)
from nst.messages import Order, decode_order, encode
from nst.settings import Settings
from sketch import messages as sketch_messages
from sketch.messages import SketchOrder


def test_choices_come_back_as_they_were_stored() -> None:
    chosen = Choices("poster", 5, True, "thin")
    assert Choices.read(dataclasses.asdict(chosen)) == chosen


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"size": "huge"},
        {"strength": 9},
        {"strength": "3"},
        {"strength": True},
        {"keep_colors": 1},
        {"brush": 7},
        {"size": None},
    ],
)
def test_what_makes_no_sense_any_more_is_the_default(stored: dict[str, object]) -> None:
    assert Choices.read(stored) == Choices()


def test_a_button_changes_one_choice_and_a_forged_one_none() -> None:
    assert Choices().chosen("strength", "5") == Choices(strength=5)
    assert Choices().chosen("colors", "keep") == Choices(keep_colors=True)
    for what, value in (
        ("strength", "6"),
        ("strength", ""),
        ("size", "9"),
        ("colors", "x"),
        ("x", "1"),
    ):
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


def test_a_strength_is_the_nearest_step() -> None:
    assert [step_of(strength) for strength in STRENGTHS] == [1, 2, 3, 4, 5]
    assert (step_of(0.0), step_of(0.44), step_of(1.0)) == (1, 3, 5)


def test_a_painting_is_varied_by_what_buttons_say_alone() -> None:
    recipe = Recipe(seed=7, brush=1.6)
    assert varied(recipe, "strength", "5", 512) == dataclasses.replace(recipe, strength=0.9)
    assert varied(recipe, "size", "fine", 700) == dataclasses.replace(recipe, size=700)
    for what, value in (("strength", "6"), ("size", "poster"), ("brush", "thin"), ("x", "1")):
        assert varied(recipe, what, value, 700) is None


recipes = st.builds(
    Recipe,
    size=st.integers(16, 4096),
    strength=st.floats(0, 1),
    keep_colors=st.booleans(),
    style_weights=st.lists(st.floats(0.1, 9), max_size=4).map(tuple),
    brush=st.floats(0.1, 4),
    seed=st.integers(0, 2**31),
)


@given(recipes)
def test_a_recipe_goes_whole_from_the_request_to_the_engine(recipe: Recipe) -> None:
    request = Request(content="photo", styles=("art",), locale="en", reply_to=1, recipe=recipe)
    promised = Request.read(json.loads(json.dumps(request.stored())))
    assert promised == request
    order = Order("photo", ("art",), "out", Settings.of(promised.recipe, memory_limit_mb=300))
    settings = decode_order(encode(order)).settings
    assert settings.fields() == recipe.fields() and settings.memory_limit_mb == 300
    sketch = SketchOrder("photo", ("art",), promised.recipe, "out.jpg")
    assert sketch_messages.decode(sketch_messages.encode(sketch)).recipe == recipe


def test_every_choice_changes_the_recipe() -> None:
    for what, (field, offered) in OFFERED.items():
        recipes = {Choices().chosen(what, value).recipe(4096) for value in offered}  # type: ignore[union-attr]
        assert len(recipes) == len(offered), field


@pytest.mark.parametrize("field", FIELDS)
def test_a_stored_value_of_another_type_is_named(field: str) -> None:
    with pytest.raises(ValueError, match=field):
        Recipe.read({field: {"a": "thing"}})
