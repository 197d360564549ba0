"""Names that databases hold already, and the texts that people are told."""

from __future__ import annotations

import pytest

from data.life import BAD, ENDED, OPEN, TOO_LARGE, Failure, LastWord, Picture, State
from utils.texts import locales, texts


def test_the_names_in_databases_stay() -> None:
    assert OPEN == ("waiting", "painting", "sending")
    assert ENDED == ("done", "stopped", "failed")
    assert {failure.value for failure in Failure} == {
        "bad_content", "bad_style", "large_content", "large_style", "fetch", "killed",
        "out_of_memory", "weights_missing", "internal", "error", "blocked", "chat_gone",
        "given_up", "too_slow",
    }  # fmt: skip
    assert {"remove", "stopped", "failed-killed", "failed-unknown"} < {w.value for w in LastWord}


@pytest.mark.parametrize("locale", locales())
def test_every_last_word_and_failure_has_its_text(locale: str) -> None:
    for word in LastWord:
        assert (word is LastWord.REMOVE) == (word.text is None)
        if word.text:
            assert texts(locale)(word.text)
    untold = {failure for failure in Failure if failure.last_word is None}
    assert untold == {Failure.BLOCKED, Failure.CHAT_GONE}  # nobody is there to read it
    assert LastWord.REMOVE not in {failure.last_word for failure in Failure}


@pytest.mark.parametrize("stored", [failure.value for failure in Failure])
def test_a_stored_failure_is_read_as_itself(stored: str) -> None:
    assert Failure.read(stored).value == stored


def test_names_of_other_versions_become_general_ones() -> None:
    assert Failure.read("melted") is Failure.ERROR
    read = {state: LastWord.read("failed-melted", state) for state in State if not state.is_open}
    assert read == {
        State.DONE: LastWord.REMOVE,
        State.STOPPED: LastWord.STOPPED,
        State.FAILED: LastWord.UNKNOWN,
    }


def test_another_picture_cures_what_one_of_the_pair_is_at_fault_for() -> None:
    for picture in Picture:
        for failure in (BAD[picture], TOO_LARGE[picture]):
            assert failure.fault is picture and not failure.same_pair_may_work
    others = set(Failure) - {*BAD.values(), *TOO_LARGE.values()}
    assert all(failure.fault is None for failure in others)
    assert {f for f in others if not f.same_pair_may_work} == {Failure.FETCH}
