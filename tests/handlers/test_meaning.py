"""What a new picture means: every case of the conversation, without a conversation."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from handlers.users.pair.meaning import Decision, Meaning, answered, meaning
from nst.choices import MOST_STYLES
from states.dialogue import Dialogue, Pair, Picture


def sent(number: int, album: str | None = None) -> Picture:
    """The picture of the message with this number."""
    return Picture(file_id=f"file-{number}", message=number, album=album)


A, B, C, D, E = (sent(number) for number in range(1, 6))
P, Q, R = (sent(number, "album") for number in range(11, 14))
STATUS = 9
NOTHING = Pair()
PHOTO = Pair(content=A)
STYLE = Pair(styles=(B,))
READY = Pair(content=A, styles=(B,), status_message=STATUS)
SWAPPED = dataclasses.replace(READY, swapped=True)
ADDING = dataclasses.replace(READY, adding=True)
FULL = Pair(content=A, styles=(B, C, D, E), status_message=STATUS)
FULL_ADDING = dataclasses.replace(FULL, adding=True)
ALBUM_BEGUN = Pair(content=P)
ALBUM_SHOWN = Pair(content=P, styles=(Q,), status_message=STATUS)
MIXED_WITH_ALBUM = Pair(content=A, styles=(B, P), status_message=STATUS, swapped=True)
FULL_ALBUM = Pair(content=A, styles=(B, C, D, P), status_message=STATUS)
CHOSEN_AND_ALBUM = Pair(content=P, styles=(B,), status_message=STATUS)

NEW = sent(20)
OTHER_ALBUM = sent(20, "another album")
CASES = {
    # what was there, the new picture: what it means, the photo and the styles afterwards
    "the first picture": (NOTHING, NEW, Decision.FIRST_PHOTO, NEW, ()),
    "the first part of an album": (NOTHING, P, Decision.FIRST_OF_ALBUM, P, ()),
    "the second picture": (PHOTO, NEW, Decision.COMPLETES, A, (NEW,)),
    "a photo for a chosen style": (STYLE, NEW, Decision.COMPLETES, NEW, (B,)),
    "an album for a chosen style": (STYLE, P, Decision.COMPLETES, P, (B,)),
    "its second part": (CHOSEN_AND_ALBUM, Q, Decision.ALBUM_GOES_ON, P, (B, Q)),
    "an album after a lonely photo": (PHOTO, P, Decision.FIRST_OF_ALBUM, P, ()),
    "an album beside a pair": (READY, P, Decision.FIRST_OF_ALBUM, P, ()),
    "another album": (ALBUM_SHOWN, OTHER_ALBUM, Decision.FIRST_OF_ALBUM, OTHER_ALBUM, ()),
    "a third picture": (READY, NEW, Decision.ASK, A, (B,)),
    "a third picture after an album": (ALBUM_SHOWN, NEW, Decision.ASK, P, (Q,)),
    "a picture beside a full mix": (FULL, NEW, Decision.ASK, A, (B, C, D, E)),
    "one more style that was asked for": (ADDING, NEW, Decision.ONE_MORE_STYLE, A, (B, NEW)),
    "an album that was asked for": (ADDING, P, Decision.ONE_MORE_STYLE, A, (B, P)),
    "asked for, and full meanwhile": (FULL_ADDING, NEW, Decision.ASK, A, (B, C, D, E)),
    "an album's second part": (ALBUM_BEGUN, Q, Decision.COMPLETES, P, (Q,)),
    "an album's third part": (ALBUM_SHOWN, R, Decision.ALBUM_GOES_ON, P, (Q, R)),
    "an album's first part, late": (
        Pair(content=Q, styles=(R,), status_message=STATUS),
        P,
        Decision.ALBUM_GOES_ON,
        P,
        (Q, R),
    ),
    "an album's second part before the first": (
        Pair(content=Q),
        P,
        Decision.COMPLETES,
        P,
        (Q,),
    ),
    "a mixed in album's second part": (
        MIXED_WITH_ALBUM,
        Q,
        Decision.ALBUM_GOES_ON,
        A,
        (B, P, Q),
    ),
    "an album's part too many": (FULL_ALBUM, Q, Decision.ALBUM_IS_FULL, A, (B, C, D, P)),
    "an earlier part of a full album": (
        Pair(content=A, styles=(B, C, D, Q), status_message=STATUS),
        P,
        Decision.ALBUM_GOES_ON,
        A,
        (B, C, D, P),
    ),
    "the photo again": (PHOTO, A, Decision.CAME_AGAIN, A, ()),
    "the photo of a pair again": (READY, A, Decision.CAME_AGAIN, A, (B,)),
    "the style of a pair again": (READY, B, Decision.CAME_AGAIN, A, (B,)),
    "an album's part again": (ALBUM_SHOWN, Q, Decision.CAME_AGAIN, P, (Q,)),
    "a wanted style again": (ADDING, B, Decision.CAME_AGAIN, A, (B,)),
}
CHOSEN = {
    "a style before the photo": (NOTHING, Decision.FIRST_STYLE, None, (NEW,)),
    "another style before the photo": (STYLE, Decision.FIRST_STYLE, None, (NEW,)),
    "a style for the photo": (PHOTO, Decision.COMPLETES, A, (NEW,)),
    "a style instead of the other": (READY, Decision.COMPLETES, A, (NEW,)),
    "a style instead of a mix": (FULL, Decision.COMPLETES, A, (NEW,)),
    "one more style that was asked for": (ADDING, Decision.ONE_MORE_STYLE, A, (B, NEW)),
    "asked for, and full meanwhile": (FULL_ADDING, Decision.COMPLETES, A, (NEW,)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_picture_that_was_sent(case: str) -> None:
    pair, new, decision, content, styles = CASES[case]
    meant = meaning(Dialogue(pair), new)
    assert meant.decision is decision
    assert (meant.dialogue.pair.content, meant.dialogue.pair.styles) == (content, styles)


@pytest.mark.parametrize("case", CHOSEN)
def test_a_style_that_was_chosen_in_the_gallery(case: str) -> None:
    pair, decision, content, styles = CHOSEN[case]
    meant = meaning(Dialogue(pair), NEW, chosen=True)
    assert meant.decision is decision
    assert (meant.dialogue.pair.content, meant.dialogue.pair.styles) == (content, styles)


def test_a_second_tap_on_a_style_changes_nothing() -> None:
    pair = meaning(Dialogue(PHOTO), NEW, chosen=True).dialogue.pair
    assert meaning(Dialogue(pair), NEW, chosen=True) == Meaning(Decision.CAME_AGAIN, Dialogue(pair))


@pytest.mark.parametrize(
    ("pair", "role", "content", "styles"),
    [
        (SWAPPED, "content", NEW, (B,)),
        (SWAPPED, "style", A, (NEW,)),
        (SWAPPED, "mix", A, (B, NEW)),
        (FULL, "mix", A, (NEW,)),  # the button is of a time when there was room
        (FULL, "style", A, (NEW,)),
        (SWAPPED, "frame", A, (NEW,)),  # forged
    ],
)
def test_the_answer_to_the_question_about_a_third_picture(
    pair: Pair, role: str, content: Picture, styles: tuple[Picture, ...]
) -> None:
    dialogue = Dialogue(pair).with_spare(30, NEW).with_spare(31, C)
    meant = answered(dialogue, 30, role)
    assert meant and meant.decision is Decision.COMPLETES
    assert (meant.dialogue.pair.content, meant.dialogue.pair.styles) == (content, styles)
    assert not meant.dialogue.pair.swapped and not meant.dialogue.spares


def test_a_question_about_a_picture_that_is_gone_has_no_answer() -> None:
    assert answered(Dialogue(READY), 30, "content") is None
    assert answered(Dialogue(PHOTO).with_spare(30, NEW), 30, "content") is None


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))])
def test_an_album_means_the_same_in_whatever_order_it_comes(order: tuple[int, ...]) -> None:
    dialogue = Dialogue()
    for number in order:
        dialogue = meaning(dialogue, (P, Q, R)[number]).dialogue
        if dialogue.pair.complete:  # it is shown by then
            shown = dataclasses.replace(dialogue.pair, status_message=STATUS)
            dialogue = dialogue.with_pair(shown)
    assert (dialogue.pair.content, dialogue.pair.styles) == (P, (Q, R))


def test_an_album_of_too_many_is_told_of_once() -> None:
    album = [sent(number, "album") for number in range(1, MOST_STYLES + 4)]
    dialogue, told = Dialogue(), []
    for number, part in enumerate(album, start=1):
        meant = meaning(dialogue, part)
        if meant.say_too_many:
            told.append(number)
        pair = dataclasses.replace(
            meant.dialogue.pair, status_message=STATUS if meant.dialogue.pair.complete else None
        )
        dialogue = meant.dialogue.with_pair(pair)
    assert told == [MOST_STYLES + 2]  # the photo, four styles, and one too many
    assert dialogue.pair.styles == tuple(album[1 : MOST_STYLES + 1])


@pytest.mark.parametrize(
    ("pair", "new", "swapped"),
    [
        (SWAPPED, sent(12, "album"), False),  # a new pair
        (MIXED_WITH_ALBUM, Q, True),
        (dataclasses.replace(ALBUM_SHOWN, swapped=True), R, False),  # sorted anew
    ],
)
def test_whether_the_pair_still_counts_as_swapped(pair: Pair, new: Picture, swapped: bool) -> None:
    assert meaning(Dialogue(pair), new).dialogue.pair.swapped is swapped


def test_every_change_of_a_pair_makes_sketches_of_it_old() -> None:
    changing = {
        Decision.COMPLETES,
        Decision.ONE_MORE_STYLE,
        Decision.ALBUM_GOES_ON,
    }
    for pair, new, decision, *_ in CASES.values():
        newer = meaning(Dialogue(pair), new).dialogue.pair.version > pair.version
        assert newer is (decision in changing)


def test_spare_pictures_outlive_only_what_leaves_the_pair_in_its_message() -> None:
    keeping = {
        Decision.ASK,
        Decision.ALBUM_GOES_ON,
        Decision.ALBUM_IS_FULL,
        Decision.CAME_AGAIN,
    }
    for pair, new, decision, *_ in CASES.values():
        kept = bool(meaning(Dialogue(pair).with_spare(30, C), new).dialogue.spares)
        assert kept is (decision in keeping)
