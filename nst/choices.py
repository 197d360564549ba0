"""What a person may choose for a painting. Choices are declared here and nowhere else.

`Choices` holds what a person chose, by name: a size in pixels would outlive a change of
`MAX_SIZE`, while a name is resolved against the current limit. `Choices.recipe` turns the names
into numbers once, when a painting is promised. From there on the `Recipe` is passed on unchanged:
in the painting's request, in the order to the process that paints, in the engine's settings. This
module imports only the standard library, so that every package may import it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Self

SIZES = {"fast": 384, "standard": 512, "fine": 1024, "poster": 2048}
"""Longest sides in pixels."""
STRENGTHS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""The engine's strength for each of the steps 1 to 5."""
BRUSHES = {"thin": 0.5, "medium": 1.0, "broad": 1.6}
"""Sizes of the strokes, 1 being as in the painting itself."""
MOST_STYLES = 4
"""How many styles may be mixed at most."""
HEAVIEST = 5
"""The most parts that one style of a mix may have."""
USUAL_WEIGHT = 2
"""The number of parts that each style of a mix has by default."""
SMALLEST = 16
"""Least pixels of the shorter side: with fewer, VGG19's poolings leave nothing at relu5_1."""


@dataclasses.dataclass(frozen=True, slots=True)
class Recipe:
    """How to paint a painting, in the engine's units."""

    size: int = 512
    """Longest side in pixels; a photograph of less than half that is only doubled."""
    strength: float = 0.5
    """From 0, almost the photograph, to 1, almost the painting's style alone."""
    keep_colors: bool = False
    """Whether every place of the photograph keeps its own colour (`nst.colors`)."""
    palette: bool = False
    """Whether the paintings' colours are matched to those of the photograph as a whole first."""
    style_weights: tuple[float, ...] = ()
    """One per style, on any positive scale; empty means equal parts."""
    brush: float = 1.0
    """Size of the styles' strokes, 0.1 to 4; 1 has the styles as large as the painting."""
    seed: int = 0
    """0 starts from the photograph alone; any other seed adds noise, which gives a variation."""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """Read a recipe from a JSON object, ignoring unknown fields.

        Raises ValueError, naming the field, for a value of the wrong type.
        """
        recipe = cls()
        changes = {
            name: _typed(name, stored[name], getattr(recipe, name))
            for name in FIELDS
            if name in stored
        }
        return dataclasses.replace(recipe, **changes)

    def fields(self) -> dict[str, Any]:
        """Return the recipe's fields by name, without those that a subclass adds."""
        return {name: getattr(self, name) for name in FIELDS}

    def shares(self, styles: int) -> list[float]:
        """Return the share of each of `styles` styles; the shares add up to 1."""
        weights = self.style_weights or (1.0,) * styles
        return [weight / sum(weights) for weight in weights]


FIELDS = tuple(field.name for field in dataclasses.fields(Recipe))


def check(recipe: Recipe, styles: int) -> None:
    """Raise ValueError with a one-line message for a recipe that is invalid for so many styles."""
    if styles < 1:
        raise ValueError("at least one style is needed")
    if recipe.style_weights and len(recipe.style_weights) != styles:
        raise ValueError(f"{len(recipe.style_weights)} style weights for {styles} styles")
    if any(not (w > 0 and math.isfinite(w)) for w in recipe.style_weights):
        raise ValueError("style weights have to be positive")
    if not 0 <= recipe.strength <= 1:
        raise ValueError("strength has to be from 0 to 1")
    if recipe.size < SMALLEST:
        raise ValueError(f"size has to be at least {SMALLEST}")
    if recipe.keep_colors and recipe.palette:
        raise ValueError("colors are the photograph's own or its palette, not both")
    if not 0.1 <= recipe.brush <= 4:
        raise ValueError("brush has to be from 0.1 to 4")


@dataclasses.dataclass(frozen=True, slots=True)
class Choices:
    """One person's choices, with defaults for what they never chose."""

    size: str = "standard"
    strength: int = 3
    """A step, 1 to 5."""
    keep_colors: bool = False
    brush: str = "medium"

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """Read stored choices, replacing values that are no longer offered by the defaults."""
        kept = {
            field: stored[field]
            for field, offered in OFFERED.values()
            if field in stored and any(_same(stored[field], value) for value in offered.values())
        }
        return cls(**kept)

    def chosen(self, what: str, value: str) -> Self | None:
        """Return these choices with one changed, both named as in `OFFERED`.

        Returns None for a choice or a value that is not offered.
        """
        if what not in OFFERED:
            return None
        field, offered = OFFERED[what]
        return dataclasses.replace(self, **{field: offered[value]}) if value in offered else None

    def recipe(self, max_size: int, weights: tuple[int, ...] = ()) -> Recipe:
        """Return the recipe for these choices, where at most `max_size` pixels are painted.

        `weights` are the parts of each style of a mix.
        """
        return Recipe(
            size=sizes(max_size)[size_here(self, max_size)],
            strength=STRENGTHS[self.strength - 1],
            keep_colors=self.keep_colors,
            style_weights=tuple(map(float, weights)) if len(set(weights)) > 1 else (),
            brush=BRUSHES[self.brush],
        )


OFFERED: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "size": ("size", {name: name for name in SIZES}),
    "strength": ("strength", {str(step): step for step in range(1, len(STRENGTHS) + 1)}),
    "colors": ("keep_colors", {"keep": True, "change": False}),
    "brush": ("brush", {name: name for name in BRUSHES}),
}
"""Maps a choice, as callback data names it, to its field of `Choices` and the values by name."""


def varied(recipe: Recipe, what: str, value: str, max_size: int) -> Recipe | None:
    """Return the recipe with its strength or size changed; None for anything not offered."""
    if what == "strength" and value in OFFERED[what][1]:
        return dataclasses.replace(recipe, strength=STRENGTHS[OFFERED[what][1][value] - 1])
    if what == "size" and value in sizes(max_size):
        return dataclasses.replace(recipe, size=sizes(max_size)[value])
    return None


def step_of(strength: float) -> int:
    """Return the step (from 1) whose strength is nearest to `strength`."""
    nearest = min(STRENGTHS, key=lambda offered: abs(offered - strength))
    return STRENGTHS.index(nearest) + 1


def sizes(max_size: int) -> dict[str, int]:
    """Return the sizes on offer by name, in pixels, none larger than `max_size`."""
    offered: dict[str, int] = {}
    for name, pixels in SIZES.items():
        offered[name] = min(pixels, max_size)
        if pixels >= max_size:
            break
    return offered


def size_here(choices: Choices, max_size: int) -> str:
    """Return the name of the chosen size, or of the largest one if that isn't offered."""
    offered = sizes(max_size)
    return choices.size if choices.size in offered else list(offered)[-1]


def _same(stored: Any, value: Any) -> bool:
    """Whether both are equal and of one type: in Python True == 1, but True is no strength step."""
    return type(stored) is type(value) and stored == value


def _typed(name: str, value: Any, default: Any) -> Any:
    """Return the value as its default's type, or raise ValueError."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match default:
        case bool() if isinstance(value, bool):
            return value
        case float() if number:
            return float(value)
        case int() if number and not isinstance(default, bool) and value == int(value):
            return int(value)
        case tuple() if isinstance(value, list | tuple):
            return tuple(_typed(name, one, 0.0) for one in value)
    raise ValueError(f"{name} can't be {value!r}")
