"""The data of a dialogue: what lies between `FSMContext.get_data` and `set_data`, typed.

They are kept as JSON, also over an update of the bot. So every `read` here takes what an earlier or
a later version wrote, and drops what it can't make sense of.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

from aiogram.fsm.context import FSMContext

from nst.choices import HEAVIEST, MOST_STYLES, USUAL_WEIGHT

_MOST_QUESTIONS = 5  # of one person in one group that may be open


@dataclasses.dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a person sent or chose."""

    file_id: str
    """Telegram's reference to it."""
    message: int
    """The id of the message that shows it."""
    album: str | None = None
    """The media group that it came in."""
    width: int | None = None
    """In pixels, where Telegram told."""
    height: int | None = None
    small: str | None = None
    """The file id of a smaller version, for sketches."""
    weight: int = USUAL_WEIGHT
    """As a style: its parts of the mix, 1 to `HEAVIEST`."""

    @classmethod
    def read(cls, stored: Any) -> Self | None:
        """Read a stored picture; None without a file id and a message."""
        if not isinstance(stored, Mapping):
            return None
        file_id, message = _text(stored.get("file_id")), _whole(stored.get("message"))
        if file_id is None or message is None:
            return None
        weight = _whole(stored.get("weight"))
        return cls(
            file_id=file_id,
            message=message,
            album=_text(stored.get("album")),
            width=_whole(stored.get("width")),
            height=_whole(stored.get("height")),
            small=_text(stored.get("small")),
            weight=USUAL_WEIGHT if weight is None else min(HEAVIEST, max(1, weight)),
        )

    def data(self) -> dict[str, Any]:
        """The picture as JSON, without what isn't known of it."""
        return {key: value for key, value in dataclasses.asdict(self).items() if value is not None}

    @property
    def shape(self) -> tuple[int, int] | None:
        """Width and height in pixels, where both are known."""
        return (self.width, self.height) if self.width and self.height else None


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """A photo, its styles, and the message that shows them with the controls."""

    content: Picture | None = None
    styles: tuple[Picture, ...] = ()
    status_message: int | None = None
    """The message that shows the pair, and after the tap the painting's progress."""
    laid_after: int | None = None
    """The newest message that was known before that one.

    What lies between the two shows the same pair: where Telegram's answer to a sending gets lost,
    the message is sent again.
    """
    swapped: bool = False
    """Whether photo and style have changed places since they came."""
    adding: bool = False
    """Whether the person asked for one more style: the next picture is that."""
    view: str = "main"
    """The page of the controls that is shown."""
    version: int = 0
    """Grows with every change, so that a sketch of an earlier state is known as such."""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read the pair out of a dialogue's data; version 0.1 had one `style`."""
        styles = data.get("styles") or [data.get("style")]
        read = map(Picture.read, styles if isinstance(styles, list) else ())
        return cls(
            content=Picture.read(data.get("content")),
            styles=tuple(style for style in read if style)[:MOST_STYLES],
            status_message=_whole(data.get("status_message")),
            laid_after=_whole(data.get("laid_after")),
            swapped=data.get("swapped") is True,
            adding=data.get("adding") is True,
            view=_text(data.get("view")) or "main",
            version=_whole(data.get("version")) or 0,
        )

    def data(self) -> dict[str, Any]:
        """The pair as JSON."""
        return {
            **dataclasses.asdict(self),
            "content": self.content.data() if self.content else None,
            "styles": [style.data() for style in self.styles],
        }

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The photo, if it is there, and the styles."""
        return (*((self.content,) if self.content else ()), *self.styles)

    @property
    def complete(self) -> bool:
        """Whether there is all that a painting needs."""
        return self.content is not None and bool(self.styles)

    @property
    def newest(self) -> int:
        """The id of the newest message that belongs to the pair; 0 where there is none."""
        return max(self.status_message or 0, *(picture.message for picture in self.pictures), 0)

    def is_shown_by(self, message_id: int) -> bool:
        """Whether this message shows this pair."""
        if not self.complete or self.status_message is None:
            return False
        after = self.status_message - 1 if self.laid_after is None else self.laid_after
        return after < message_id <= self.status_message

    @property
    def weights(self) -> tuple[int, ...]:
        """The parts of each style."""
        return tuple(style.weight for style in self.styles)

    @property
    def albums(self) -> set[str]:
        """The albums that any of these pictures came in."""
        return {picture.album for picture in self.pictures if picture.album}

    @property
    def room_for_styles(self) -> bool:
        """Whether one more style may be mixed in."""
        return len(self.styles) < MOST_STYLES

    def changed(self, **changes: Any) -> Self:
        """The same pair in another state, its version one higher."""
        return dataclasses.replace(self, version=self.version + 1, **changes)

    def swap(self) -> Self:
        """The photo and the first style with their places changed."""
        assert self.content
        first, *rest = self.styles
        return self.changed(content=first, styles=(self.content, *rest), swapped=not self.swapped)

    def with_style(self, style: Picture) -> Self:
        """The pair with one more style."""
        return self.changed(styles=(*self.styles, style), adding=False)

    def weighed(self, number: int, by: int) -> Self:
        """The pair with `by` parts more of a style, kept within 1 and `HEAVIEST`."""
        styles = list(self.styles)
        weight = min(HEAVIEST, max(1, styles[number].weight + by))
        styles[number] = dataclasses.replace(styles[number], weight=weight)
        return self.changed(styles=tuple(styles))

    def without_style(self, number: int) -> Self:
        """The pair without one of its styles."""
        return self.changed(styles=self.styles[:number] + self.styles[number + 1 :])


@dataclasses.dataclass(frozen=True, slots=True)
class Dialogue:
    """The data of a private chat."""

    pair: Pair = Pair()
    spares: Mapping[int, Picture] = dataclasses.field(default_factory=dict)
    """Third pictures, by the message that asks what each of them is."""
    told_of_album: bool = False
    """Whether the person was told that their album has too many styles."""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read what `data` wrote, in this version or in another one."""
        return cls(
            pair=Pair.read(data),
            spares=_by_message(data.get("spares")),
            told_of_album=data.get("told_of_album") is True,
        )

    def data(self) -> dict[str, Any]:
        """The dialogue as JSON, flat as it has always been; nothing for one that has not begun."""
        if self == Dialogue():
            return {}
        return {
            **self.pair.data(),
            "spares": {str(message): picture.data() for message, picture in self.spares.items()},
            "told_of_album": self.told_of_album,
        }

    def with_pair(self, pair: Pair) -> Self:
        """The same dialogue about another pair, or about this one in another state."""
        return dataclasses.replace(self, pair=pair)

    def with_spare(self, question: int, picture: Picture) -> Self:
        """The dialogue with one more picture, which the message `question` asks about."""
        return dataclasses.replace(self, spares={**self.spares, question: picture})

    @classmethod
    async def load(cls, state: FSMContext) -> Self:
        """Read the dialogue that `state` keeps."""
        return cls.read(await state.get_data())

    async def save(self, state: FSMContext) -> None:
        """Have `state` keep this dialogue and nothing else."""
        await state.set_data(self.data())


@dataclasses.dataclass(frozen=True, slots=True)
class GroupDialogue:
    """The data of one person in one group."""

    questions: Mapping[int, Picture] = dataclasses.field(default_factory=dict)
    """Photos, by the message that asks for the painting to each of them."""

    @classmethod
    async def load(cls, state: FSMContext) -> Self:
        """Read the dialogue that `state` keeps."""
        return cls(questions=_by_message((await state.get_data()).get("questions")))

    async def save(self, state: FSMContext) -> None:
        """Have `state` keep this dialogue and nothing else."""
        questions = {str(message): photo.data() for message, photo in self.questions.items()}
        await state.set_data({"questions": questions})

    def with_question(self, question: int, photo: Picture) -> Self:
        """The dialogue with one more open question; the oldest of too many are forgotten."""
        newest = [*self.questions.items(), (question, photo)][-_MOST_QUESTIONS:]
        return dataclasses.replace(self, questions=dict(newest))


def _by_message(stored: Any) -> dict[int, Picture]:
    """Pictures by the id of a message, which JSON has as text."""
    found: dict[int, Picture] = {}
    for message, one in stored.items() if isinstance(stored, Mapping) else ():
        picture = Picture.read(one)
        if picture and isinstance(message, str) and message.isascii() and message.isdigit():
            found[int(message)] = picture
    return found


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
