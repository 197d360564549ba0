"""Words for how far a painting is."""

from __future__ import annotations

import dataclasses

import pytest

from jobs.chat.wording import about, bar, describe, duration, queued, time_left
from nst.progress import Losses, Progress
from utils.texts import texts

HALF = Progress(
    stage=2, stages=3, size=256, evaluation=3, evaluations=9, fraction=0.5,
    seconds=30, seconds_left=31, losses=Losses(content=1, style=2),
)  # fmt: skip


def test_a_half_done_painting_says_percent_bar_stage_and_time() -> None:
    text = describe(HALF, texts("en"))
    assert "50 %" in text and bar(0.5) in text
    assert "the strokes" in text and "about 30 s left" in text


def test_nothing_is_said_of_the_time_before_it_can_be_known() -> None:
    early = dataclasses.replace(HALF, stage=1, fraction=0.01, seconds_left=400)
    assert "minutes" not in describe(early, texts("en"))


def test_a_hundred_percent_is_said_only_by_the_result() -> None:
    assert "99 %" in describe(dataclasses.replace(HALF, fraction=1.0), texts("ru"))


@pytest.mark.parametrize("fraction", [-1.0, 0.0, 0.3, 1.0, 2.0])
def test_the_bar_has_one_width(fraction: float) -> None:
    assert len(bar(fraction)) == 12


def test_times_are_rounded_as_people_do() -> None:
    speak = texts("en")
    assert time_left(4, speak) == "about 5 s left"
    assert time_left(62, speak) == "about 60 s left"
    assert time_left(200, speak) == "about 3 minutes left"
    assert duration(44.4, speak) == "44 s"
    assert duration(150, speak) == "2 min 30 s"


def test_promises_are_rounded_and_never_nothing() -> None:
    speak = texts("en")
    assert about(0, speak) == "about 5 s" and about(33, speak) == "about 35 s"
    assert about(58, speak) == "about 1 min" and about(250, speak) == "about 4 min"
    assert about(7000, speak) == "about 2 h"
    assert "number 3" in queued(3, 130, speak) and "about 2 min" in queued(3, 130, speak)
