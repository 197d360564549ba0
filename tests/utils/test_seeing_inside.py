"""Health, metrics, logs for machines, error reports: right, off by default, without secrets."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from database.paintings import Paintings
from database.records import Request
from database.renderers import Renderers
from database.server.pool import Pool
from database.statistics import Statistics
from jobs.line.queue import PaintingQueue
from jobs.line.renderer import Renderer
from utils.process import health, logs, tracking
from utils.process.health import Facts

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "42:SECRET-token"


async def some() -> Facts:
    return {"paintings_waiting": 3.0}


async def none() -> Facts:
    raise OSError("no database")


async def get(port: int, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        return response.status, await response.text()


async def test_health_tells_the_facts_and_no_metrics_unless_asked_for() -> None:
    async with health.serving(0, some, metrics=False) as port:
        status, body = await get(port, "/health")
        assert status == 200 and json.loads(body)["paintings_waiting"] == 3.0
        assert json.loads(body)["status"] == "ok"
        assert (await get(port, "/metrics"))[0] == 404


async def test_health_is_bad_while_the_database_is_away() -> None:
    async with health.serving(0, none, metrics=True) as port:
        status, body = await get(port, "/health")
        assert status == 503 and "database" in json.loads(body)["status"]
        assert "bot_database_up 0.0" in (await get(port, "/metrics"))[1]


async def test_prometheus_gets_what_the_dashboard_asks_for(pool: Pool) -> None:
    queue = PaintingQueue(pool, Paintings(pool))
    await queue.connect()
    request = Request(content="photo", styles=("art",), locale="en", reply_to=7)
    await queue.promise(1, 1, 1, request)
    await Renderer(Renderers(pool), 2048, 1).announce()
    facts = await Statistics(pool).facts()
    assert (facts.paintings_waiting, facts.renderers) == (1, 1)

    async def told() -> dict[str, float]:
        return asdict(facts)

    async with health.serving(0, told, metrics=True) as port:
        _, body = await get(port, "/metrics")
    assert "bot_paintings_waiting 1.0" in body and "process_resident_memory_bytes" in body
    given = {line.split(" ")[0] for line in body.splitlines() if not line.startswith("#")}
    dashboard = json.loads((ROOT / "docs" / "grafana.json").read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert asked and set(asked) <= given


def log_line(capsys: pytest.CaptureFixture[str], form: str, *message: Any) -> str:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logs.set_up("INFO", (TOKEN,), form)
        try:
            raise ValueError(f"with {TOKEN}")
        except ValueError:
            logging.getLogger("jobs.test").exception(*message)
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    return capsys.readouterr().err


def test_a_line_of_json_has_its_fields_and_no_token(capsys: pytest.CaptureFixture[str]) -> None:
    line = log_line(capsys, "json", "painting %s: %s\nnext", "abcdefghijkl", TOKEN)
    assert line.count("\n") == 1 and TOKEN not in line
    fields = json.loads(line)
    assert (fields["level"], fields["logger"]) == ("ERROR", "jobs.test")
    assert fields["painting"] == "abcdefghijkl" and fields["message"].endswith("…\nnext")
    assert fields["error"].startswith("ValueError: with …") and "T" in fields["time"]


def test_a_line_of_text_is_one_line_without_the_token(capsys: pytest.CaptureFixture[str]) -> None:
    line = log_line(capsys, "text", "painting %s\nnext", TOKEN)
    assert line.count("\n") == 1 and TOKEN not in line and " | next" in line


class Reports(BaseHTTPRequestHandler):
    """A Sentry that writes down what it is sent."""

    received: list[bytes]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            import gzip

            body = gzip.decompress(body)
        self.server.received.append(body)  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


_REPORTER = """
import logging, sys
from utils.process import tracking
tracking.set_up(sys.argv[1], (sys.argv[2],))
password = sys.argv[2] + "-in-a-variable"
logging.getLogger("jobs").warning("before it: %s", sys.argv[2])
try:
    raise ValueError("of bot" + sys.argv[2])
except ValueError:
    logging.getLogger("jobs").exception("while talking to %s", sys.argv[2])
import sentry_sdk
sentry_sdk.flush(10)
"""


def test_an_error_reaches_sentry_without_token_and_variables() -> None:
    server = HTTPServer(("127.0.0.1", 0), Reports)
    server.received = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        dsn = f"http://key@127.0.0.1:{server.server_port}/1"
        subprocess.run([sys.executable, "-c", _REPORTER, dsn, TOKEN], cwd=ROOT, check=True)
    finally:
        server.shutdown()
        server.server_close()
    sent = b"".join(server.received).decode()  # type: ignore[attr-defined]
    assert "ValueError" in sent and "while talking to" in sent and "style-transfer-bot@" in sent
    assert TOKEN not in sent and "in-a-variable" not in sent


def test_events_are_scrubbed_however_deep() -> None:
    event = {"a": [{"b": f"x{TOKEN}y"}], TOKEN: 1, "n": None}
    assert tracking.scrub(event, (TOKEN,)) == {"a": [{"b": "x…y"}], "…": 1, "n": None}


@pytest.mark.slow
def test_nothing_of_it_is_imported_unless_asked_for() -> None:
    code = (
        "from utils.telegram import lean_import; lean_import.import_aiogram()\n"
        "import sys, app, loader, utils.process.health, utils.process.tracking\n"
        "assert not {'sentry_sdk', 'prometheus_client'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
