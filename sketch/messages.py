"""The orders to the sketching process and its answers, one JSON object per line."""

from __future__ import annotations

import dataclasses
import json

from nst.choices import Recipe


@dataclasses.dataclass(frozen=True, slots=True)
class SketchOrder:
    """One sketch to make. Paths are local to this machine."""

    content: str
    styles: tuple[str, ...]
    recipe: Recipe
    out: str
    """Path of the JPEG to write."""


def encode(order: SketchOrder) -> str:
    """Return the order as one line of JSON, including the newline."""
    return json.dumps(dataclasses.asdict(order)) + "\n"


def decode(line: str) -> SketchOrder:
    """Read an order; raises ValueError for anything else."""
    try:
        fields = json.loads(line)
        fields["styles"] = tuple(fields["styles"])
        fields["recipe"] = Recipe.read(fields["recipe"])
        return SketchOrder(**fields)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not an order: {error}") from error


def made(line: str) -> bool:
    """Return whether an answer says that the sketch was made."""
    try:
        answer = json.loads(line)
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("made") is True
