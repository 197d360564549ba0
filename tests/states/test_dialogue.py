"""What is kept of a dialogue: written and read, also what another version wrote."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import StorageKey
from aiogram.fsm.storage.memory import MemoryStorage

from nst.choices import HEAVIEST, MOST_STYLES, USUAL_WEIGHT
from states.dialogue import Dialogue, GroupDialogue, Pair, Picture

PHOTO = Picture(file_id="photo", message=3, width=800, height=600, small="thumbnail")
STYLE = Picture(file_id="style", message=4, album="album", weight=3)
WHOLE = Dialogue(
    pair=Pair(
        content=PHOTO,
        styles=(STYLE,),
        status_message=6,
        laid_after=4,
        swapped=True,
        adding=True,
        view="styles",
        version=7,
    ),
    spares={9: Picture(file_id="third", message=8)},
    told_of_album=True,
)


@pytest.fixture
def state() -> FSMContext:
    return FSMContext(MemoryStorage(), StorageKey(bot_id=1, chat_id=2, user_id=2))


@pytest.mark.parametrize("dialogue", [Dialogue(), Dialogue(Pair(content=PHOTO)), WHOLE])
async def test_what_is_saved_is_loaded_again(state: FSMContext, dialogue: Dialogue) -> None:
    await dialogue.save(state)
    assert await Dialogue.load(state) == dialogue
    assert Dialogue.read(json.loads(json.dumps(dialogue.data()))) == dialogue


def test_a_dialogue_that_has_not_begun_leaves_no_data() -> None:
    assert Dialogue().data() == {}


def test_what_version_0_5_kept_is_read() -> None:
    kept = {
        "content": {"file_id": "a", "small": "s", "width": 4, "height": 3, "message": 1}
        | {"album": None},
        "styles": [{"file_id": "b", "message": 2, "album": "x"}, {"file_id": "c", "message": 3}],
        "status_message": 5,
        "laid_after": 3,
        "swapped": False,
        "adding": False,
        "view": "main",
        "version": 2,
        "spares": {"8": {"file_id": "d", "message": 7, "album": None}},
        "told_of_album": True,
    }
    dialogue = Dialogue.read(kept)
    assert dialogue.pair.content == Picture("a", 1, width=4, height=3, small="s")
    assert dialogue.pair.styles == (Picture("b", 2, album="x"), Picture("c", 3))
    assert (dialogue.pair.status_message, dialogue.pair.version) == (5, 2)
    assert dialogue.spares == {8: Picture("d", 7)} and dialogue.told_of_album


def test_version_0_1_had_one_style() -> None:
    kept = {
        "content": {"file_id": "a", "message": 1, "album": None},
        "style": {"file_id": "b", "message": 2, "album": None},
        "status_message": 3,
        "swapped": False,
    }
    pair = Dialogue.read(kept).pair
    assert pair.styles == (Picture("b", 2),) and pair.is_shown_by(3) and not pair.is_shown_by(2)


_UNREADABLE: list[Any] = [
    None,
    "text",
    7,
    True,
    [],
    {},
    {"file_id": "a"},
    {"file_id": 7, "message": 1},
    {"file_id": "a", "message": "1"},
    {"file_id": "a", "message": True},
]


@pytest.mark.parametrize("nonsense", _UNREADABLE)
def test_what_is_no_picture_is_dropped_and_the_rest_is_kept(nonsense: Any) -> None:
    kept = WHOLE.data() | {
        "content": nonsense,
        "styles": [nonsense, STYLE.data()],
        "spares": {"9": nonsense, "x": PHOTO.data(), "10": PHOTO.data()},
    }
    dialogue = Dialogue.read(kept)
    assert dialogue.pair.content is None and dialogue.pair.styles == (STYLE,)
    assert dialogue.spares == {10: PHOTO}
    assert dialogue.pair.status_message == 6 and not dialogue.pair.complete


@pytest.mark.parametrize("nonsense", [None, "text", 1.5, [1], {"a": 1}])
def test_no_field_of_another_type_is_taken(nonsense: Any) -> None:
    dialogue = Dialogue.read(dict.fromkeys(WHOLE.data(), nonsense))
    assert dialogue.pair in (Pair(), Pair(view="text")) and not dialogue.spares
    stored = PHOTO.data() | dict.fromkeys(("album", "width", "height", "weight"), nonsense)
    picture = Picture.read(stored)
    assert picture and picture.weight == USUAL_WEIGHT and picture.shape is None


def test_weights_and_styles_stay_within_their_bounds() -> None:
    styles = [STYLE.data() | {"weight": weight} for weight in (-1, 0, 99, 2, 2, 2)]
    read = Pair.read({"styles": styles})
    assert read.weights == (1, 1, HEAVIEST, 2) and len(read.styles) == MOST_STYLES


async def test_a_group_keeps_the_latest_questions_of_a_person(state: FSMContext) -> None:
    for question in range(1, 8):
        dialogue = await GroupDialogue.load(state)
        await dialogue.with_question(question, PHOTO).save(state)
    assert list((await GroupDialogue.load(state)).questions) == [3, 4, 5, 6, 7]


@pytest.mark.parametrize("kept", [{}, {"questions": None}, {"questions": {"5": {"width": 3}}}])
async def test_questions_that_cannot_be_read_were_not_asked(
    state: FSMContext, kept: dict[str, Any]
) -> None:
    await state.set_data(kept)
    assert not (await GroupDialogue.load(state)).questions
