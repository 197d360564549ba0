"""The pictures on a person's table, as the dialogue's data hold them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

from database.records import Request
from nst.choices import MOST_STYLES, USUAL_WEIGHT

Picture = dict[str, Any]
"""JSON in the dialogue's data: file_id; message (its id); album (its media_group_id or None);
where known width and height, and small, the file id of a smaller version; a style's weight."""


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """A photo, the styles, and the message that shows them."""

    content: Picture | None = None
    styles: tuple[Picture, ...] = ()
    status_message: int | None = None
    laid_after: int | None = None
    """The newest message that was known before it. What lies between them shows the same pair:
    where Telegram's answer gets lost, a message is sent again."""
    swapped: bool = False
    adding: bool = False
    """The person asked for one more style: the next picture is that."""
    view: str = "main"
    """The page of the controls that is shown."""
    version: int = 0
    """Grows with every change, so that a sketch of an earlier state is known as such."""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """From the dialogue's data; an earlier version had one `style`."""
        known = {field.name for field in dataclasses.fields(cls)} - {"styles"}
        styles = data.get("styles") or ([data["style"]] if data.get("style") else [])
        return cls(**{k: v for k, v in data.items() if k in known}, styles=tuple(styles))

    def data(self) -> dict[str, Any]:
        """For the dialogue's data."""
        return {**dataclasses.asdict(self), "styles": list(self.styles)}

    @classmethod
    def photo_of(cls, request: Request) -> Self:
        """The photo of an earlier painting, for another style."""
        content: Picture = _taken(request.content, request)
        if request.shape:
            content |= {"width": request.shape[0], "height": request.shape[1]}
        return cls(content=content)

    @classmethod
    def styles_of(cls, request: Request) -> Self:
        """The styles of an earlier painting, for another photo."""
        weights = request.recipe.style_weights or (float(USUAL_WEIGHT),) * len(request.styles)
        return cls(
            styles=tuple(
                {**_taken(style, request), "weight": int(weight)}
                for style, weight in zip(request.styles, weights, strict=True)
            )
        )

    @property
    def complete(self) -> bool:
        """Whether there is all that a painting needs."""
        return self.content is not None and bool(self.styles)

    @property
    def newest(self) -> int:
        """The newest message that is known here; 0 where there is none."""
        pictures = (int(part["message"]) for part in (self.content, *self.styles) if part)
        return max(self.status_message or 0, *pictures, 0)

    def is_shown_by(self, message_id: int) -> bool:
        """Whether this message shows the pair that lies here now."""
        if not self.complete or self.status_message is None:
            return False
        after = self.status_message - 1 if self.laid_after is None else self.laid_after
        return after < message_id <= self.status_message

    @property
    def weights(self) -> tuple[int, ...]:
        """Parts of each style."""
        return tuple(int(style.get("weight", USUAL_WEIGHT)) for style in self.styles)

    @property
    def albums(self) -> set[str]:
        """The albums that any of these pictures came in."""
        albums = (picture.get("album") for picture in (self.content, *self.styles) if picture)
        return {album for album in albums if album}

    @property
    def room_for_styles(self) -> bool:
        """Whether one more style may be mixed in."""
        return len(self.styles) < MOST_STYLES

    def changed(self, **changes: Any) -> Self:
        """Another state of the same table."""
        return dataclasses.replace(self, version=self.version + 1, **changes)

    def swap(self) -> Self:
        """Photo and (first) style change places."""
        assert self.content
        first, *rest = self.styles
        return self.changed(content=first, styles=(self.content, *rest), swapped=not self.swapped)

    def with_style(self, style: Picture) -> Self:
        """One more style on top."""
        return self.changed(styles=(*self.styles, style), adding=False)

    def weighed(self, number: int, by: int, heaviest: int) -> Self:
        """A style with more or less weight, within 1 and `heaviest` parts."""
        styles = list(self.styles)
        weight = min(heaviest, max(1, self.weights[number] + by))
        styles[number] = {**styles[number], "weight": weight}
        return self.changed(styles=tuple(styles))

    def without_style(self, number: int) -> Self:
        """A mix less one of its styles."""
        return self.changed(styles=self.styles[:number] + self.styles[number + 1 :])


def _taken(file_id: str, request: Request) -> Picture:
    return {"file_id": file_id, "message": request.reply_to, "album": None}
