"""Developer mode: the losses of exactly this painting, for whoever asked for the mode."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import psycopg
from PIL import Image

from local_chat.people.person import ChatMessage, Person
from local_chat.server import LocalChat
from tests.e2e.bot import BotProcess, running
from tests.e2e.steps import PAINTED, is_result, offers, order


def is_chart(message: ChatMessage) -> bool:
    return message.from_bot and message.kind == "photo" and not message.buttons


def is_table(message: ChatMessage) -> bool:
    return message.kind == "document" and message["document"]["file_name"] == "losses.csv"


async def test_an_admin_gets_the_losses_of_exactly_that_painting_even_after_a_restart(
    chat: LocalChat, database_url: str, tmp_path: Path, admin: Person, alice: Person
) -> None:
    async with running(chat, database_url, tmp_path):
        await order(admin)
        result = await admin.wait_for(is_result, PAINTED)
        assert offers("figures")(result)
    async with running(chat, database_url, tmp_path, RENDER_SLOTS="0") as bot:
        await admin.press(result, "figures")
        chart = await admin.wait_for(is_chart, 90, after=result.id)
        table = await admin.wait_for(is_table, after=result.id)
        assert chart.reply_to == table.reply_to == result.id
        picture = Image.open(io.BytesIO(await admin.download(chart)))
        assert picture.size == (960, 600)
        rows = list(csv.DictReader(io.StringIO((await admin.download(table)).decode())))
        assert list(rows[0]) == [
            "stage",
            "size",
            "evaluation",
            "content",
            "style",
            "total",
            "seconds",
        ]
        assert len(rows) > 10 and float(rows[-1]["total"]) < float(rows[0]["total"])
        for fact in ("64 × 48 px", f"Evaluations: {len(rows)}", "Peak memory", "Plan", " × "):
            assert fact in chart.text
        assert "float" in chart.text and "–" not in chart.text.split("Plan")[0]

        # Nobody else gets them, and when the record is gone, so are they.
        painting = dict(result.buttons)["Losses (.csv and chart)"]
        await alice.send_text("/help")
        known = await alice.wait_for("How it works")
        query = await alice.press_data(known, painting)
        assert "another person" in (await alice.answer_to(query))["text"]
        async with await psycopg.AsyncConnection.connect(bot.database_url) as connection:
            await connection.execute("DELETE FROM paintings")
            row = await (await connection.execute("SELECT count(*) FROM figures")).fetchone()
        assert row == (0,)
        query = await admin.press(result, "figures")
        assert "no longer" in (await admin.answer_to(query))["text"]


async def test_anybody_may_turn_the_mode_on_and_off(bot: BotProcess, boris: Person) -> None:
    await order(boris)
    result = await boris.wait_for(is_result, PAINTED)
    assert not offers("figures")(result)
    await boris.send_text("/developer")
    told = await boris.wait_for("Режим разработчика включён")
    await boris.press(told, "figures")  # of the painting they have already
    chart = await boris.wait_for(is_chart, 90, after=told.id)
    assert "Пик памяти" in chart.text
    await boris.wait_for(is_table, after=told.id)
    await boris.press(result, "again")
    second = await boris.wait_for(is_result, PAINTED, after=told.id)
    assert offers("figures")(second)
    await boris.send_text("/developer")
    await boris.wait_for("Режим разработчика выключен")
