"""A painting's life: its states, how it can fail, and what its person is told at the end.

    waiting ⇄ painting → sending → done
       └─────────┴──────────┴────→ stopped, failed

A painting is open until it is done, stopped or failed. Every transition is a method of
`database.paintings.Paintings`.

What a job ends with, other than a delivered painting, is one of these exceptions:

    Outcome
    ├── PaintingFailed         there will be no picture; says which `Failure`
    │   │                      raised by jobs.worker.fetch and jobs.worker.attempts
    │   └── ChatUnreachable    nobody can be told     raised by jobs.chat.delivery
    ├── TakenOver              another worker has it  raised by jobs.chat.delivery
    └── TryLater               the queue gives it out again
        ├── TooLargeHere       a larger machine can   raised by jobs.worker.attempts
        ├── PutOff             Telegram is away       raised by jobs.worker.worker
        └── PersonIsServed     another painting of the same person is being painted
                               raised by jobs.worker.worker

`jobs.worker.worker.RenderWorker` catches all of them; SAQ sees only `TryLater`, and retries.
"""

from __future__ import annotations

import enum
from typing import Self


class State(enum.StrEnum):
    """Where a painting stands; the values are what the database holds."""

    WAITING = "waiting"
    PAINTING = "painting"
    SENDING = "sending"
    """It is painted and its file is kept by Telegram; from here on nothing is painted twice."""
    DONE = "done"
    STOPPED = "stopped"
    """By its person, or by an admin who blocked them."""
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        """Whether the person still waits for an answer."""
        return self not in (State.DONE, State.STOPPED, State.FAILED)


OPEN = tuple(state.value for state in State if state.is_open)
"""The stored names of the open states, as SQL takes them."""
ENDED = tuple(state.value for state in State if not state.is_open)
"""The stored names of the others."""


class Picture(enum.StrEnum):
    """One of the pair that a person sends."""

    CONTENT = "content"
    STYLE = "style"


class LastWord(enum.StrEnum):
    """What an ended painting's status message has yet to say.

    The values are what the database holds: but for `REMOVE`, keys of the texts in `locales/`.
    """

    REMOVE = "remove"
    """The painting arrived: the status message is deleted."""
    STOPPED = "stopped"
    BAD_CONTENT = "failed-content"
    BAD_STYLE = "failed-style"
    LARGE_CONTENT = "failed-content-large"
    LARGE_STYLE = "failed-style-large"
    FETCH = "failed-fetch"
    KILLED = "failed-killed"
    OUT_OF_MEMORY = "failed-memory"
    WEIGHTS_MISSING = "failed-weights"
    GIVEN_UP = "failed-tries"
    TOO_SLOW = "failed-time"
    UNKNOWN = "failed-unknown"

    @property
    def text(self) -> str | None:
        """The key of the text that is said; None where the message is deleted instead."""
        return None if self is LastWord.REMOVE else self.value

    @classmethod
    def read(cls, stored: str, state: State) -> LastWord:
        """The last word with this stored name; one that this version doesn't know is the state's.

        For a failed painting that is the general text, "something went wrong".
        """
        usual = {State.DONE: cls.REMOVE, State.STOPPED: cls.STOPPED}.get(state, cls.UNKNOWN)
        return next((word for word in cls if word.value == stored), usual)


class Failure(enum.Enum):
    """Why there is no picture. The value is the name in the database, in /stats and in logs."""

    last_word: LastWord | None
    """What the person is told; None where nobody can be told."""
    fault: Picture | None
    """Which of their pictures was at fault: another one in its place would do."""
    same_pair_may_work: bool
    """Whether it is worth trying the same pair again."""

    BAD_CONTENT = "bad_content", LastWord.BAD_CONTENT, Picture.CONTENT, False
    BAD_STYLE = "bad_style", LastWord.BAD_STYLE, Picture.STYLE, False
    LARGE_CONTENT = "large_content", LastWord.LARGE_CONTENT, Picture.CONTENT, False
    LARGE_STYLE = "large_style", LastWord.LARGE_STYLE, Picture.STYLE, False
    FETCH = "fetch", LastWord.FETCH, None, False
    """Telegram no longer has the pictures."""
    KILLED = "killed", LastWord.KILLED, None, True
    """The painting process died too often."""
    OUT_OF_MEMORY = "out_of_memory", LastWord.OUT_OF_MEMORY, None, True
    WEIGHTS_MISSING = "weights_missing", LastWord.WEIGHTS_MISSING, None, True
    GIVEN_UP = "given_up", LastWord.GIVEN_UP, None, True
    """It was tried as often as a painting may be."""
    TOO_SLOW = "too_slow", LastWord.TOO_SLOW, None, True
    """Not even the smallest size can be painted within the time that a painting may take."""
    INTERNAL = "internal", LastWord.UNKNOWN, None, True
    """An unexpected error in the painting process."""
    ERROR = "error", LastWord.UNKNOWN, None, True
    """An unexpected error in the worker."""
    BLOCKED = "blocked", None, None, True
    """The person blocked the bot."""
    CHAT_GONE = "chat_gone", None, None, True

    def __new__(
        cls,
        stored: str,
        last_word: LastWord | None,
        fault: Picture | None,
        same_pair_may_work: bool,
    ) -> Self:
        """A member whose value is its stored name alone."""
        member = object.__new__(cls)
        member._value_ = stored
        member.last_word = last_word
        member.fault = fault
        member.same_pair_may_work = same_pair_may_work
        return member

    @classmethod
    def read(cls, stored: str) -> Failure:
        """The failure with this stored name; one that this version doesn't know is an `ERROR`."""
        return next((failure for failure in cls if failure.value == stored), cls.ERROR)


BAD = {Picture.CONTENT: Failure.BAD_CONTENT, Picture.STYLE: Failure.BAD_STYLE}
"""The failure when one of the pair can't be opened."""
TOO_LARGE = {Picture.CONTENT: Failure.LARGE_CONTENT, Picture.STYLE: Failure.LARGE_STYLE}
"""The failure when one of the pair is too large."""


class Interruption(enum.Enum):
    """Why a running painting's task was cancelled."""

    STOPPED = "stopped"
    """Its person stopped it, or asked to be forgotten."""
    HANDED_BACK = "handed back"
    """This process ends, or the job took too long: the queue gives the painting out again."""
    TAKEN_OVER = "taken over"
    """This machine was cut off, and another one has the painting by now."""


class Outcome(Exception):
    """A job ended otherwise than with a delivered painting."""


class PaintingFailed(Outcome):
    """There will be no picture."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        self.failure = failure
        super().__init__(detail or failure.value)


class ChatUnreachable(PaintingFailed):
    """The person blocked the bot, or the chat is gone: nothing can ever be delivered."""


class TakenOver(Outcome):
    """Another attempt has begun since: this one was given up for lost, and delivers nothing."""


class TryLater(Outcome):
    """The queue gives the painting out again."""


class TooLargeHere(TryLater):
    """It doesn't fit this machine's memory, and there is another one that may have enough."""


class PutOff(TryLater):
    """Telegram kept it from being fetched or sent."""


class PersonIsServed(TryLater):
    """Another painting of the same person is being painted."""
