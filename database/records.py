"""What a person asked for, and what became of it.

Pictures are never kept, only Telegram's references to them.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Self

from data.life import Failure, LastWord, State
from nst.choices import Recipe


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


class UnreadableRecord(ValueError):
    """A row that another version of the bot wrote, in a way that this one can't read."""


@dataclasses.dataclass(frozen=True, slots=True)
class PaintingRecord:
    """One row of the table of paintings."""

    id: str
    user_id: int
    chat_id: int
    status_message_id: int
    request: Request
    state: State
    tries: int
    """How often a worker began with it, this time included; those don't count that ended because
    the process did, or because another painting or machine had to come first."""
    deaths: int
    """How often its child was killed."""
    size_limit: int | None
    """The longest side in pixels that memory allowed; None until it was short."""
    width: int | None
    height: int | None
    seconds: float | None
    peak_mb: float | None
    """The child's highest anonymous memory, in MB (10⁶ bytes)."""
    work: float | None
    """What it took, in the units of `nst.schedule.work`."""
    file_id: str | None
    """Telegram's, of the painting in full quality."""
    result_message_id: int | None
    failure: Failure | None
    last_word: LastWord | None
    """What the status message has yet to say; None where it has said everything."""
    holder: str | None = None
    """The attempt at it that began last: only that one may deliver."""

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """The record in a row of the table, whose other columns are ignored.

        A failure or a last word that this version doesn't know becomes a general one. Raises
        `UnreadableRecord` for anything else that it doesn't know.
        """
        try:
            fields = {field.name: row[field.name] for field in dataclasses.fields(cls)}
            fields["request"] = Request.read(row["request"])
            fields["state"] = state = State(row["state"])
            if row["failure"] is not None:
                fields["failure"] = Failure.read(row["failure"])
            if row["last_word"] is not None:
                fields["last_word"] = LastWord.read(row["last_word"], state)
            return cls(**fields)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnreadableRecord(f"{type(error).__name__}: {error}") from error

    @property
    def is_open(self) -> bool:
        """Whether the person still waits for an answer."""
        return self.state.is_open
