"""What the sketching process is asked and what it answers, one JSON object a line."""

from __future__ import annotations

import dataclasses
import json

from nst.choices import Recipe


@dataclasses.dataclass(frozen=True, slots=True)
class SketchOrder:
    """One sketch to make. Paths are local."""

    content: str
    styles: tuple[str, ...]
    recipe: Recipe
    out: str
    """Path of the JPEG to write."""


def encode(order: SketchOrder) -> str:
    """One line, newline included."""
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
    """Whether an answer says that the sketch is there."""
    try:
        answer = json.loads(line)
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("made") is True
