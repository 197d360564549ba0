"""What a person asked for, and what became of it.

Pictures are never kept, only Telegram's references to them.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping
from typing import Any, Self

from data.life import Failure, LastWord, State
from database.checking import check_types


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
    thread: int | None = None
    """The topic of a group that everything is sent to."""
    size: int = 512
    """Longest side in pixels."""
    seed: int = 0
    strength: float = 0.5
    keep_colors: bool = False
    brush: float = 1.0
    style_weights: tuple[float, ...] = ()
    """One per style; empty means equal parts."""
    shape: tuple[int, int] | None = None
    """Width and height of the photo, where Telegram told; for estimates of time."""
    start: str | None = None
    """Telegram file id of an earlier painting of the same pair, to go on with at a larger size."""
    start_size: int = 0
    """The longest side of that one."""

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """From a row, also one of an earlier version or, as far as may be, of a later one."""
        known = {field.name for field in dataclasses.fields(cls)}
        fields = {name: value for name, value in stored.items() if name in known}
        if "style" in stored:  # version 0.1 knew exactly one
            fields["styles"] = (stored["style"],)
        for name in ("styles", "style_weights", "shape"):
            if fields.get(name) is not None:
                fields[name] = tuple(fields[name])
        return cls(**fields)

    def again(self, locale: str, **changes: Any) -> Self:
        """The same pair with another seed: a variation, not the same picture twice."""
        seed = 1 + secrets.randbelow(2**31 - 1)
        fresh: dict[str, Any] = {"seed": seed, "start": None, "start_size": 0, "locale": locale}
        return dataclasses.replace(self, **(fresh | changes))


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
            record = cls(**fields)
            check_types(record)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnreadableRecord(f"{type(error).__name__}: {error}") from error
        return record

    @property
    def is_open(self) -> bool:
        """Whether the person still waits for an answer."""
        return self.state.is_open
