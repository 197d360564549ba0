"""Figures are kept small, replaced by a later attempt's, and never fail a painting."""

from __future__ import annotations

import os
from pathlib import Path

from database.figures import Figures
from database.paintings import Paintings
from database.records import Request
from database.server.pool import Pool
from jobs.chat.figures import keep_figures
from nst.messages import Finished
from tests.paintings import painted

REQUEST = Request(content="photo", styles=("art",), locale="ru", reply_to=7)
HEADER = "stage,size,evaluation,content,style,total,seconds\n"


def finished(losses: Path, **report: object) -> Finished:
    return Finished("p.jpg", "p.png", str(losses), 128, 96, 3.5, 220.0, report)


async def test_they_come_back_as_they_went_in_and_go_with_the_record(
    pool: Pool, tmp_path: Path
) -> None:
    record = await Paintings(pool).create(1, 2, 3, REQUEST, limit=3)
    assert record
    figures, table = Figures(pool), tmp_path / "losses.csv"
    table.write_text(HEADER + "1,128,1,5,6,11,0.1\n")
    await keep_figures(figures, record.id, finished(table, dtype="float32"))
    table.write_text(HEADER + "1,96,1,5,6,11,0.1\n")
    await keep_figures(figures, record.id, finished(table, dtype="bfloat16"))
    found = await figures.of(record.id)
    assert found and found.losses == table.read_bytes() and found.report["dtype"] == "bfloat16"
    assert await figures.latest_of(1) is None  # nothing is finished yet
    await painted(Paintings(pool), record.id)
    assert await figures.latest_of(1) == record.id and await figures.latest_of(2) is None
    async with pool.connection() as connection:
        await connection.execute("DELETE FROM paintings")
    assert await figures.of(record.id) is None


async def test_what_cannot_be_kept_is_left_out(pool: Pool, tmp_path: Path) -> None:
    record = await Paintings(pool).create(1, 2, 3, REQUEST, limit=3)
    assert record
    figures, huge = Figures(pool), tmp_path / "huge.csv"
    await keep_figures(figures, record.id, finished(tmp_path / "none.csv"))
    huge.write_bytes(os.urandom(300 * 1024))
    await keep_figures(figures, record.id, finished(huge))
    await keep_figures(figures, "unknown", finished(Path(__file__)))
    assert await figures.of(record.id) is None and await figures.of("unknown") is None


async def test_a_poster_of_four_thousand_evaluations_fits(pool: Pool, tmp_path: Path) -> None:
    record = await Paintings(pool).create(1, 2, 3, REQUEST, limit=3)
    assert record
    table = tmp_path / "losses.csv"
    lines = (f"9,2048,{i},{3e4 + i * 7.31:.6g},{9e5 / i:.6g},{1e6 / i:.6g},{i * 8.13:.3f}\n"
             for i in range(1, 4001))  # fmt: skip
    table.write_text(HEADER + "".join(lines))
    figures = Figures(pool)
    await keep_figures(figures, record.id, finished(table))
    found = await figures.of(record.id)
    assert found and found.losses == table.read_bytes()
