"""Charts: drawn from their numbers by a process of their own, refused in one line otherwise."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import pytest
from PIL import Image

from plots import days, losses
from plots.canvas import BLUE, LIGHT, ORANGE, PAPER, Canvas, round_steps
from utils.charts import Charts

HEADER = "stage,size,evaluation,content,style,total,seconds\n"


def table(count: int = 60) -> str:
    rows = [
        f"{1 + i // 30},{128 << (i // 30)},{i % 30},{4e3 + i},{9e5 / (i % 30 + 1)},"
        f"{4e3 + i + 9e5 / (i % 30 + 1)},{i / 9:.3f}"
        for i in range(count)
    ]
    return HEADER + "\n".join(rows) + "\n"


def week() -> list[dict[str, object]]:
    return [
        {"day": f"2026-02-{i:02}", "done": 4 * i, "stopped": i % 3, "failed": i % 2}
        for i in range(1, 8)
    ]


def close(picture: Image.Image, colour: tuple[int, int, int]) -> int:
    """How many pixels have about this colour."""
    return sum(
        number
        for number, pixel in picture.convert("RGB").getcolors(1 << 24) or ()
        if math.dist(pixel, colour) < 12  # type: ignore[arg-type]
    )


async def test_losses_become_a_picture_in_another_process(artifacts: Path) -> None:
    png = await Charts().draw("losses", table().encode())
    assert png
    picture = Image.open(io.BytesIO(png))
    assert picture.format == "PNG" and picture.size == (960, 600)
    for colour in (BLUE, ORANGE):
        assert close(picture, colour) > 100
    (artifacts / "losses.png").write_bytes(png)


async def test_days_become_bars_as_high_as_their_numbers(artifacts: Path) -> None:
    png = await Charts().draw("days", json.dumps(week()).encode())
    assert png
    picture = Image.open(io.BytesIO(png))
    done, stopped, failed = (close(picture, colour) for colour in (BLUE, LIGHT, ORANGE))
    assert done > 8 * stopped > 0 and stopped > failed > 0
    (artifacts / "days.png").write_bytes(png)


@pytest.mark.parametrize("numbers", [b"", b"nonsense\n1,2", HEADER.encode(), b"\xff\xfe"])
async def test_what_is_no_table_gives_no_chart(numbers: bytes) -> None:
    assert await Charts().draw("losses", numbers) is None


@pytest.mark.parametrize("numbers", [b"", b"[]", b"{}", b'[{"day": "2026-01-01"}]'])
async def test_what_is_no_list_of_days_gives_no_chart(numbers: bytes) -> None:
    assert await Charts().draw("days", numbers) is None


def test_one_evaluation_and_broken_numbers_still_give_a_chart() -> None:
    assert losses.draw((HEADER + "1,128,1,5,6,11,0.1\n").splitlines()).size == (960, 600)
    odd = HEADER + "1,128,1,0,nan,inf,0.1\n1,128,2,5,6,11,0.2\n"
    assert losses.draw(odd.splitlines()).size == (960, 600)
    with pytest.raises(ValueError, match="no losses"):
        losses.draw((HEADER + "1,128,1,0,nan,inf,0.1\n").splitlines())


def test_a_day_without_paintings_is_a_day_too() -> None:
    assert days.draw([json.dumps([{"day": "2026-02-01", "done": 0, "stopped": 0, "failed": 0}])])


def test_steps_are_round_and_reach_the_highest() -> None:
    for highest in (0.0, 1, 3, 7, 10, 99, 101, 2500):
        steps = round_steps(highest)
        assert steps[0] == 0 and steps[-1] >= highest and len(steps) <= 7
    assert round_steps(100) == [0, 20, 40, 60, 80, 100]


def test_a_dashed_line_is_a_line_with_gaps() -> None:
    whole, dashed = Canvas(300, 20), Canvas(300, 20)
    whole.line([(0, 10), (100, 10), (300, 10)], BLUE, width=4)
    dashed.line([(0, 10), (100, 10), (300, 10)], BLUE, width=4, dash=(10, 10))
    marks = [close(canvas.picture(), BLUE) for canvas in (whole, dashed)]
    assert 0.4 < marks[1] / marks[0] < 0.6
    picture = dashed.picture()
    for x, colour in ((5, BLUE), (15, PAPER), (25, BLUE), (35, PAPER)):
        assert math.dist(picture.getpixel((x, 10)), colour) < 20  # type: ignore[arg-type]
