"""All SQL of the bot is in `database/`, and only that folder knows psycopg."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.docs_check import ROOT

ROOMS = ("data", "handlers", "jobs", "keyboards", "local_chat", "plots", "states", "utils")
_STATEMENT = re.compile(
    r"\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+\s+AS\s|"
    r"CREATE\s+(TABLE|INDEX|UNIQUE)|ALTER\s+TABLE\s)"
)
_OWN_DATABASE = "local_chat/api/store.py"
"""The Bot API server of the local chat keeps its conversations in SQLite, apart from the bot."""


def test_no_other_room_holds_sql_or_imports_psycopg() -> None:
    files = [ROOT / "app.py", ROOT / "loader.py"]
    files += [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    found = {
        f"{path.relative_to(ROOT)}: {what}"
        for path in files
        if str(path.relative_to(ROOT)) != _OWN_DATABASE
        for what in database_work(path.read_text())
    }
    assert found == set()


def test_sql_and_psycopg_are_seen_where_they_are() -> None:
    code = (
        "from psycopg import Error\nimport psycopg_pool\nX = 'SELECT 1'\nY = f'DELETE FROM {X}'\n"
    )
    assert list(database_work(code)) == ["psycopg", "psycopg_pool", "SELECT 1", "DELETE FROM "]
    assert list(database_work("text = 'Select a size'\nimport saq")) == []


def test_every_table_of_ours_has_its_module() -> None:
    schema = (ROOT / "database" / "server" / "schema.py").read_text()
    tables = set(re.findall(r"CREATE TABLE (\w+) \(", schema))
    modules = {path.stem for path in (ROOT / "database").glob("*.py")}
    named = {"dialogue": "dialogues", "broadcast_people": "broadcasts"}
    assert {named.get(table, table) for table in tables} <= modules


def database_work(code: str) -> Iterator[str]:
    """Statements and imports of psycopg in a module, in their order."""
    for node in sorted(ast.walk(ast.parse(code)), key=lambda node: getattr(node, "lineno", 0)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.startswith("psycopg"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("psycopg"):
            yield str(node.module)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _STATEMENT.match(node.value)
        ):
            yield node.value
