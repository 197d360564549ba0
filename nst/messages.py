"""The messages between a painting child and its supervisor, one JSON object per line.

The supervisor writes one `Order` to the child's standard input and keeps that pipe open. The child
answers on standard output with one `Planned`, many `Evaluated` (some with a preview picture), and
finally exactly one `Finished` or `Failed`. A child that ends without either was killed. This
module imports neither torch nor Pillow.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from typing import Any

from nst.progress import Progress
from nst.settings import Settings


class FailureKind(enum.StrEnum):
    """Why a painting could not be made, as far as the child can tell."""

    BAD_PICTURE = "bad_picture"
    TOO_LARGE = "too_large"
    OUT_OF_MEMORY = "out_of_memory"
    WEIGHTS_MISSING = "weights_missing"
    INTERNAL = "internal"


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """One painting to make. Paths are local to the machine that the child runs on."""

    content: str
    styles: tuple[str, ...]
    out_dir: str
    """An existing empty folder; the child writes its pictures, losses and report there."""
    settings: Settings = dataclasses.field(default_factory=Settings)
    """`scratch` is ignored: the child keeps its scratch files in `out_dir`."""
    start: str | None = None
    """Path of an earlier painting of the same pair, to be continued at a larger size."""
    preview_seconds: float = 0.0
    """Least seconds between previews; 0 means none."""


@dataclasses.dataclass(frozen=True, slots=True)
class Planned:
    """The pictures have been read and the work is planned."""

    width: int
    height: int
    evaluations: int
    dtype: str
    predicted_mb: float


@dataclasses.dataclass(frozen=True, slots=True)
class Evaluated:
    """Another evaluation is done."""

    progress: Progress
    preview: str | None = None
    """Path of a JPEG of the painting so far, if one was due."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finished:
    """The painting is made."""

    photo: str
    """Path of a high-quality JPEG for the chat, of at most 10 MB."""
    picture: str
    """Path of the full-quality PNG, with the recipe in its metadata."""
    losses: str
    """Path of a CSV: stage,size,evaluation,content,style,total,seconds."""
    width: int
    height: int
    seconds: float
    peak_mb: float
    """Peak anonymous memory of the child, in MB."""
    report: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Failed:
    """The painting can't be made. `detail` is for admins and holds no picture contents."""

    kind: FailureKind
    detail: str
    picture: str | None = None
    """Which picture is to blame: "content", "style", or None."""
    fitting_size: int | None = None
    """For OUT_OF_MEMORY: the longest side that would fit the limit, when there is one."""


Message = Planned | Evaluated | Finished | Failed
_TYPES: dict[str, type[Message]] = {
    cls.__name__.lower(): cls for cls in (Planned, Evaluated, Finished, Failed)
}


def encode(message: Order | Message) -> str:
    """Return the message as one line of JSON, including the newline."""
    return (
        json.dumps({"type": type(message).__name__.lower(), **dataclasses.asdict(message)}) + "\n"
    )


def decode_order(line: str) -> Order:
    """Read an `Order`; raises ValueError for anything else."""
    fields = json.loads(line)
    if not isinstance(fields, dict) or fields.pop("type", None) != "order":
        raise ValueError("not an order")
    try:
        settings = fields.pop("settings")
        settings["style_weights"] = tuple(settings["style_weights"])
        fields["styles"] = tuple(fields["styles"])
        return Order(**fields, settings=Settings(**settings))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not an order: {error}") from error


def decode(line: str) -> Message:
    """Read a child's line; raises ValueError for anything that is not a message."""
    fields = json.loads(line)
    if not isinstance(fields, dict):
        raise ValueError("not a message")
    cls = _TYPES.get(str(fields.pop("type", None)))
    if cls is None:
        raise ValueError("not a message")
    try:
        if cls is Evaluated:
            fields["progress"] = Progress.read(fields["progress"])
        if cls is Failed:
            fields["kind"] = FailureKind(fields["kind"])
        return cls(**fields)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a message: {error}") from error
