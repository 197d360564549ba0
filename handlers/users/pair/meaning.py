"""What a new picture means, from what has come before it. Nothing here asks or tells anybody.

The first picture is the photo, the second the painting to learn from, and of a third the person is
asked what it is. The parts of an album are told apart by their order alone: Telegram brings each in
an update of its own, in any order. `tests/handlers/test_meaning.py` has the table of all cases.
"""

from __future__ import annotations

import dataclasses
import enum

from nst.choices import MOST_STYLES
from states.dialogue import Dialogue, Pair, Picture


class Decision(enum.Enum):
    """What has become of the picture, and so what its person is shown."""

    CAME_AGAIN = enum.auto()
    """It was taken before; maybe the answer to it was not given."""
    FIRST_PHOTO = enum.auto()
    """It begins a pair, as the photo."""
    FIRST_OF_ALBUM = enum.auto()
    """It does too, and the next part of its album follows at once: nothing is said."""
    FIRST_STYLE = enum.auto()
    """It begins a pair, as the style: it was chosen before there was a photo."""
    COMPLETES = enum.auto()
    """The pair is complete with it, or a complete one is another now: show it in a new message."""
    ONE_MORE_STYLE = enum.auto()
    """It is mixed in: show the pair in a new message."""
    ALBUM_GOES_ON = enum.auto()
    """The pair that is shown already has one more picture of the same album."""
    ALBUM_IS_FULL = enum.auto()
    """One style too many: it is left out, and nothing changes."""
    ASK = enum.auto()
    """A third picture: ask what it is. Once there is a question, the dialogue keeps the picture."""


@dataclasses.dataclass(frozen=True, slots=True)
class Meaning:
    """What has become of the picture, and the dialogue with it."""

    decision: Decision
    dialogue: Dialogue
    say_too_many: bool = False
    """Whether the person has to be told that styles of their album are left out."""


def meaning(dialogue: Dialogue, new: Picture, *, chosen: bool = False) -> Meaning:
    """What a picture means that came as a message, or was `chosen` as a style in the gallery."""
    pair = dialogue.pair
    if any(picture.message == new.message for picture in pair.pictures):
        return Meaning(Decision.CAME_AGAIN, dialogue)
    if pair.complete and pair.adding and pair.room_for_styles:
        return Meaning(Decision.ONE_MORE_STYLE, Dialogue(pair.with_style(new)))
    if chosen:
        if pair.content is None:
            return Meaning(Decision.FIRST_STYLE, Dialogue(Pair(styles=(new,))))
        return _completes(pair.changed(styles=(new,), swapped=False))
    if pair.content and new.album in pair.albums:
        return _album_goes_on(dialogue, pair.content, new)
    if pair.styles and not pair.content:
        return _completes(pair.changed(content=new))
    if new.album:  # its first part: an album begins a new pair, whatever is there
        return Meaning(Decision.FIRST_OF_ALBUM, Dialogue(Pair(content=new)))
    if pair.complete:
        return Meaning(Decision.ASK, dialogue)
    if pair.content:
        return _completes(pair.changed(styles=(new,)))
    return Meaning(Decision.FIRST_PHOTO, Dialogue(Pair(content=new)))


def answered(dialogue: Dialogue, question: int, role: str) -> Meaning | None:
    """What a third picture is after the answer to `question`: "content", "style" or "mix".

    None where the question is about a picture that isn't kept any more.
    """
    pair, picture = dialogue.pair, dialogue.spares.get(question)
    if picture is None or not pair.complete:
        return None
    match role:
        case "content":
            pair = pair.changed(content=picture, swapped=False)
        case "mix" if pair.room_for_styles:
            pair = dataclasses.replace(pair.with_style(picture), swapped=False)
        case _:
            pair = pair.changed(styles=(picture,), swapped=False)
    return _completes(pair)


def _completes(pair: Pair) -> Meaning:
    return Meaning(Decision.COMPLETES, Dialogue(pair))


def _album_goes_on(dialogue: Dialogue, content: Picture, new: Picture) -> Meaning:
    """Its parts are the styles, and the first one is the photo unless that came otherwise.

    The numbers of the messages give the order of the parts. Where the album came to a pair that was
    there already, that one's pictures stay, and the parts are mixed in after them.
    """
    pair = dialogue.pair
    earlier = [picture for picture in pair.pictures if picture.album == new.album]
    parts = sorted((*earlier, new), key=lambda part: part.message)
    before = [style for style in pair.styles if style not in earlier]
    photo = parts.pop(0) if content in earlier else content
    too_many = len(before) + len(parts) > MOST_STYLES
    together = pair.changed(
        content=photo,
        styles=(*before, *parts)[:MOST_STYLES],
        swapped=pair.swapped and content not in earlier,
    )
    if pair.status_message is None:
        return Meaning(Decision.COMPLETES, Dialogue(together, told_of_album=too_many), too_many)
    told = dataclasses.replace(dialogue, told_of_album=too_many or dialogue.told_of_album)
    say = too_many and not dialogue.told_of_album
    if (together.content, together.styles) == (pair.content, pair.styles):
        return Meaning(Decision.ALBUM_IS_FULL, told, say)
    return Meaning(Decision.ALBUM_GOES_ON, told.with_pair(together), say)
