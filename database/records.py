"""What a painting is on paper: what a person asked for, and what became of it.

States: waiting → painting → sending → done, or stopped, or failed. Pictures are never kept, only
Telegram's references to them.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Self

from nst.choices import Recipe

OPEN_STATES = ("waiting", "painting", "sending")
ENDED_STATES = ("done", "stopped", "failed")
AT_FAULT = {
    "bad_content": "content",
    "large_content": "content",
    "bad_style": "style",
    "large_style": "style",
}
"""Failures that another picture would cure, and which of the pair it is."""
REMOVE = "remove"
"""The last word of a status message whose painting arrived: it goes."""


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """What to paint. File ids outlive this machine, so any worker can take it."""

    content: str
    """Telegram file id of the photo."""
    styles: tuple[str, ...]
    """Telegram file ids of the paintings to learn from, one to four."""
    locale: str
    reply_to: int
    """The person's message with the photo; the result answers it."""
    recipe: Recipe = dataclasses.field(default_factory=Recipe)
    thread: int | None = None
    """The topic of a group that everything is sent to."""
    shape: tuple[int, int] | None = None
    """Width and height of the photo, where Telegram told; for estimates of time."""
    start: str | None = None
    """Telegram file id of an earlier painting of the same pair, to go on with at a larger size."""
    start_size: int = 0
    """The longest side of that one."""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """Read a stored request of this version, of an earlier one, or of a later one.

        Raises ValueError, naming the field, where one is missing or of the wrong type.
        """
        fields = {name: stored[name] for name in _TYPES if name in stored}
        if "style" in stored:  # version 0.1 knew exactly one
            fields["styles"] = [stored["style"]]
        for name in ("styles", "shape"):
            if isinstance(fields.get(name), list):
                fields[name] = tuple(fields[name])
        for name, fits in _TYPES.items():
            if name in fields and not fits(fields[name]):
                raise ValueError(f"{name} can't be {fields[name]!r}")
        try:
            return cls(**fields, recipe=Recipe.read(stored))
        except TypeError as error:
            raise ValueError(f"not a request: {error}") from error

    def stored(self) -> dict[str, Any]:
        """The JSON object that is kept, flat: SQL and earlier versions look for `size` in it."""
        fields = dataclasses.asdict(self)
        return {**fields.pop("recipe"), **fields}

    def resized(self, size: int) -> Self:
        """The same at another size: its longest side in pixels."""
        return dataclasses.replace(self, recipe=dataclasses.replace(self.recipe, size=size))

    def again(self, locale: str, recipe: Recipe | None = None, **changes: Any) -> Self:
        """The same pair by another recipe; by default with another seed, which is a variation."""
        seed = 1 + secrets.randbelow(2**31 - 1)
        fresh: dict[str, Any] = {"start": None, "start_size": 0, "locale": locale}
        fresh["recipe"] = recipe or dataclasses.replace(self.recipe, seed=seed)
        return dataclasses.replace(self, **(fresh | changes))


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _tuple_of(fits: Callable[[Any], bool], value: Any) -> bool:
    return isinstance(value, tuple) and all(map(fits, value))


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "content": _text,
    "styles": lambda value: _tuple_of(_text, value),
    "locale": _text,
    "reply_to": _whole,
    "thread": lambda value: value is None or _whole(value),
    "shape": lambda value: value is None or (_tuple_of(_whole, value) and len(value) == 2),
    "start": lambda value: value is None or _text(value),
    "start_size": _whole,
}
"""What each field of a stored request has to be."""


@dataclasses.dataclass(frozen=True, slots=True)
class PaintingRecord:
    """One row."""

    id: str
    user_id: int
    chat_id: int
    status_message_id: int
    request: Request
    state: str
    deaths: int
    size_limit: int | None
    width: int | None
    height: int | None
    seconds: float | None
    peak_mb: float | None
    work: float | None
    """What it took, in the units of `nst.schedule.work`."""
    file_id: str | None
    result_message_id: int | None
    failure: str | None
    last_word: str | None
    """What the status message has yet to say (a key of the texts), or `REMOVE`; None: nothing."""
    holder: str | None = None
    """Which attempt at it is the last one: only that one may deliver."""

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """From a row of the table, whose other columns are left alone."""
        fields = {field.name: row[field.name] for field in dataclasses.fields(cls)}
        return cls(**{**fields, "request": Request.read(row["request"])})

    @property
    def is_open(self) -> bool:
        """Whether the person still waits for an answer."""
        return self.state in OPEN_STATES
