"""The bot in a simulated Heroku dyno: half a gigabyte, one core, restarted under its hands."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import _dyno
from bench._people import Orders
from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.e2e.steps import PAINTED, PHOTO, STYLE

_WHY_NOT = _dyno.why_not()


@pytest.mark.timeout(600)
@pytest.mark.skipif(_WHY_NOT is not None, reason=f"no dyno can be simulated: {_WHY_NOT}")
async def test_the_daily_restart_of_a_dyno_loses_no_painting_and_stays_within_its_memory(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person
) -> None:
    """One restart and one small painting; `python -m bench deploy` does ten, and the real sizes."""
    orders = Orders(database_url, PHOTO, STYLE)
    log = tmp_path / "dyno.log"
    async with _dyno.dynos(chat.url, database_url, log, TRY_OUT="0") as dynos:
        await dynos.restart()
        await orders.order(alice, 64)
        await dynos.painting(PAINTED)
        before = dynos.current
        await dynos.restart()
        assert before and not before.folder.exists()  # its files are gone, as at Heroku
        await orders.all_answered(PAINTED)
        assert (orders.lost(), orders.doubles()) == (0, 0), log.read_text()
        assert dynos.clean_stops == 1 and dynos.kills == 0
        assert dynos.peak_mb < _dyno.MEMORY_MB
        assert "Memory: 512 MB in all" in log.read_text()
