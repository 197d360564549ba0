"""Failures on demand and the record of calls: for tests, with no way in over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from local_chat.api.errors import ApiError
from local_chat.api.store import Json

LOG_LENGTH = 2000


@dataclass
class Fault:
    """What should go wrong, with which method (``*``: any), and how many times (-1: always)."""

    method: str
    kind: Literal["error", "page", "cut", "cut_after", "half", "slow"]
    times: int = 1
    error: ApiError | None = None
    seconds: float = 0.0
    matches: Callable[[Json], bool] | None = None

    @classmethod
    def retry_after(cls, method: str, seconds: int, times: int = 1) -> Fault:
        """Answer 429 with ``retry_after``."""
        error = ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
        return cls(method, "error", times, error)

    @classmethod
    def server_error(cls, method: str, times: int = 1) -> Fault:
        """Answer 500."""
        return cls(method, "error", times, ApiError(500, "Internal Server Error"))

    @classmethod
    def refuse(cls, method: str, code: int, description: str, times: int = 1) -> Fault:
        """Answer any error."""
        return cls(method, "error", times, ApiError(code, description))

    @classmethod
    def page(cls, method: str, times: int = 1) -> Fault:
        """Answer as a proxy in between does: 502 with a page of HTML."""
        return cls(method, "page", times)

    @classmethod
    def cut(cls, method: str, times: int = 1) -> Fault:
        """Close the connection instead of doing anything."""
        return cls(method, "cut", times)

    @classmethod
    def cut_after(cls, method: str, times: int = 1) -> Fault:
        """Do it, then close the connection without an answer: was it done or not?"""
        return cls(method, "cut_after", times)

    @classmethod
    def half(cls, method: str, times: int = 1) -> Fault:
        """Do it, then send half of the answer. Of a file (method ``download``): half of it."""
        return cls(method, "half", times)

    @classmethod
    def slow(cls, method: str, seconds: float, times: int = -1) -> Fault:
        """Do it after a while."""
        return cls(method, "slow", times, seconds=seconds)


class Faults(list[Fault]):
    """The faults in force: append to it, clear it."""

    def take(self, method: str, params: Json) -> Iterator[Fault]:
        """Return the faults that apply to this call, each used up by one."""
        for fault in list(self):
            if fault.method not in ("*", method) or fault.times == 0:
                continue
            if fault.matches is not None and not fault.matches(params):
                continue
            fault.times -= 1 if fault.times > 0 else 0
            yield fault


@dataclass
class Call:
    """One call of the bot: when, what, and how it was answered (0: not yet, or cut)."""

    at: float
    method: str
    params: Json
    status: int = 0
    seconds: float = 0.0
    description: str = ""
