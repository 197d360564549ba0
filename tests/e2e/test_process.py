"""Starting and ending: exit codes, single lines, patience where an owner wants it."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import psycopg

from database.server import embedded
from local_chat.api.faults import Fault
from local_chat.people.person import LONG, Person
from local_chat.server import LocalChat
from tests.e2e.bot import ADMIN, BotProcess, running
from tests.e2e.steps import send_pair

NOWHERE = "http://127.0.0.1:9"
KNOWS_BOTH = "SELECT 1 FROM dialogue WHERE data->>'status_message' IS NOT NULL"


def last_line(bot: BotProcess) -> str:
    return bot.log.read_text().strip().splitlines()[-1]


async def test_a_wrong_setting_ends_at_once_with_one_line(tmp_path: Path) -> None:
    bot = BotProcess(NOWHERE, "", tmp_path, RENDER_SLOTS="many")
    await bot.start()
    assert await bot.ended() == 2
    assert bot.log.read_text() == "RENDER_SLOTS must be a whole number, not 'many'\n"


async def test_a_refused_token_ends_with_one_line(
    chat: LocalChat, database_url: str, tmp_path: Path
) -> None:
    chat.faults.append(Fault.refuse("getMe", 401, "Unauthorized", times=-1))
    bot = BotProcess(chat.url, database_url, tmp_path)
    await bot.start()
    assert await bot.ended() == 2
    assert "BOT_TOKEN" in last_line(bot) and "42:TEST" not in bot.log.read_text()


async def test_a_database_address_that_makes_no_sense_shows_no_password(
    chat: LocalChat, tmp_path: Path
) -> None:
    bot = BotProcess(chat.url, "postgresql://u:se%zzcret@127.0.0.1/none", tmp_path)
    await bot.start()
    assert await bot.ended() == 1
    assert bot.log.read_text() == "DATABASE_URL is not a valid address of a database\n"


async def test_an_unreachable_database_ends_with_one_line(chat: LocalChat, tmp_path: Path) -> None:
    url = "postgresql://nobody:hidden@127.0.0.1:9/none"
    bot = BotProcess(chat.url, url, tmp_path)
    await bot.start()
    assert await bot.ended() == 1
    assert "database can't be reached" in last_line(bot)
    assert "hidden" not in bot.log.read_text() and "Traceback" not in bot.log.read_text()


async def test_a_web_page_in_place_of_the_bot_api_is_waited_out(
    chat: LocalChat, database_url: str, tmp_path: Path
) -> None:
    chat.faults.append(Fault.page("getMe", times=5))
    alice = Person(chat, 1, "Alice")
    async with running(chat, database_url, tmp_path) as bot:
        await alice.send_text("/help")
        await alice.wait_for("How it works")
        assert "Traceback" not in bot.log.read_text()


async def test_a_network_that_is_down_at_the_start_is_waited_for(
    database_url: str, tmp_path: Path
) -> None:
    tried = asyncio.Event()

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        tried.set()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    bot = BotProcess(f"http://127.0.0.1:{port}", database_url, tmp_path)
    async with bot.kept_running():
        async with asyncio.timeout(LONG):
            await tried.wait()
        server.close()
        await server.wait_closed()
        chat = LocalChat(tmp_path / "chat", port=port)
        await chat.start()
        alice = Person(chat, 1, "Alice")
        await alice.send_text("/help")
        await alice.wait_for("How it works")
        assert await bot.stop(signal.SIGTERM) == 0
        await chat.stop()


async def test_without_a_token_the_local_chat_starts_and_everything_ends_cleanly(
    open_folder: Path,
) -> None:
    bot = BotProcess("", "", open_folder, BOT_TOKEN="", LOCAL_CHAT_PORT="0")
    await bot.start()
    assert bot.process and bot.process.stdout
    async with asyncio.timeout(LONG):
        while True:
            line = (await bot.process.stdout.readline()).decode()
            assert line, bot.log.read_text()
            if "http://127.0.0.1:" in line:
                break
    assert await bot.stop(signal.SIGINT) == 0
    assert not (open_folder / "postgres" / "postmaster.pid").exists()  # its server stopped too


async def test_a_killed_embedded_database_comes_back_and_forgets_nothing(
    chat: LocalChat, open_folder: Path
) -> None:
    alice = Person(chat, 1, "Alice")
    async with running(chat, "", open_folder, RENDER_SLOTS="0"):
        _, status = await send_pair(alice)
        url = await embedded.start(open_folder / "postgres")  # the address of the one that runs
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            async with asyncio.timeout(LONG):  # it is saved a moment after the message is there
                while not await (await connection.execute(KNOWS_BOTH)).fetchone():
                    await asyncio.sleep(0.05)
        server = int((open_folder / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGKILL)
        async with asyncio.timeout(LONG):
            while _postmaster(open_folder) in (None, server):
                await asyncio.sleep(0.2)
        await alice.press(status, "paint")
        await alice.wait_for("You're next")


def _postmaster(folder: Path) -> int | None:
    try:
        return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])
    except (OSError, IndexError):
        return None


async def test_a_taken_port_is_told_in_one_line(chat: LocalChat, open_folder: Path) -> None:
    port = chat.url.rsplit(":", 1)[1]
    bot = BotProcess("", "", open_folder, BOT_TOKEN="", LOCAL_CHAT_PORT=port)
    await bot.start()
    assert await bot.ended() == 2
    assert "LOCAL_CHAT_PORT" in last_line(bot)


async def test_a_renderer_alone_refuses_to_start_without_a_token(tmp_path: Path) -> None:
    bot = BotProcess(NOWHERE, "", tmp_path, BOT_TOKEN="")
    await bot.start("-m", "jobs")
    assert await bot.ended() == 2
    assert last_line(bot) == "python -m jobs needs BOT_TOKEN"


async def test_a_new_machine_tries_itself_before_it_promises_a_time(
    chat: LocalChat, database_url: str, tmp_path: Path
) -> None:
    alice = Person(chat, 1, "Alice")
    async with (
        running(chat, database_url, tmp_path, TRY_OUT="1") as bot,
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection,
        asyncio.timeout(200),
    ):
        await bot.wait_for_child()
        await alice.send_text("/help")
        await alice.wait_for("How it works")
        learned = "SELECT count(*) FROM renderers WHERE pace > 0"
        while await (await connection.execute(learned)).fetchone() != (1,):
            await asyncio.sleep(0.1)
        assert bot.child() is None


async def test_a_machine_that_cannot_paint_tells_admins_before_anybody_asks(
    chat: LocalChat, database_url: str, tmp_path: Path
) -> None:
    admin = Person(chat, ADMIN, "Admin", known=True)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "sitecustomize.py").write_text(
        "import os, sys\nif 'nst.child' in sys.orig_argv: os._exit(3)\n"
    )
    broken = str(tmp_path / "broken")
    async with running(chat, database_url, tmp_path, TRY_OUT="1", PYTHONPATH=broken):
        told = await admin.wait_for("a trial painting failed")
    assert "ended with exit code 3" in told.text


async def test_a_trial_that_goes_wrong_altogether_leaves_the_bot_running(
    chat: LocalChat, database_url: str, tmp_path: Path
) -> None:
    admin = Person(chat, ADMIN, "Admin", known=True)
    (tmp_path / "painting").write_text("where the folder should be")
    async with running(chat, database_url, tmp_path, TRY_OUT="1"):
        told = await admin.wait_for("the trial painting")
        assert "FileExistsError" in told.text
        await admin.send_text("/help")
        await admin.wait_for("How it works")


async def test_a_trial_is_no_reason_to_stop_late(
    chat: LocalChat, database_url: str, tmp_path: Path
) -> None:
    async with running(chat, database_url, tmp_path, TRY_OUT="1") as bot:
        child = await bot.wait_for_child()
        assert await bot.stop() == 0
        assert not Path(f"/proc/{child}").exists()
    assert "Traceback" not in bot.log.read_text()
    assert not any((tmp_path / "painting").iterdir())
