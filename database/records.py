"""What a painting is on paper: what a person asked for, and what became of it.

States: waiting → painting → sending → done, or stopped, or failed. Pictures are never kept, only
Telegram's references to them.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping
from typing import Any, Self

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
