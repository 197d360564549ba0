"""Everything that must outlive the process, in one SQLite file.

Every public method is one short transaction in write-ahead mode: a SIGKILL at any moment leaves the
last whole state. Calls are synchronous on purpose: they take fractions of a millisecond, and a
thread would cost more memory than it saves time.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_FIRST_UPDATE = 100_000_000  # as on Telegram: a large number that only grows
_UPDATE_LIFETIME = 24 * 3600

_SCHEMA = """
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS people (id INTEGER PRIMARY KEY, json TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
    chat_id INTEGER, message_id INTEGER, json TEXT NOT NULL, PRIMARY KEY (chat_id, message_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS updates (
    update_id INTEGER PRIMARY KEY, kind TEXT NOT NULL, json TEXT NOT NULL, created REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS queries (
    id TEXT PRIMARY KEY, person_id INTEGER NOT NULL, asked REAL NOT NULL, answered INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS files (
    file_id TEXT PRIMARY KEY, kind TEXT NOT NULL, path TEXT NOT NULL UNIQUE, digest TEXT NOT NULL,
    json TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, json TEXT NOT NULL);
"""


class Store:
    """People, messages, updates, callback queries, file records, settings."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("PRAGMA cache_size=-512")  # the bot's process has little memory to give
        self._db.executescript(_SCHEMA)
        self._db.execute("DELETE FROM updates WHERE created < ?", (time.time() - _UPDATE_LIFETIME,))

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _count(self, name: str, first: int = 1) -> int:
        row = self._db.execute(
            "INSERT INTO counters VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            (name, first),
        ).fetchone()
        return int(row[0])

    # People

    def person(self, person_id: int) -> Json | None:
        """Return the person with this id, once the chat has heard of them."""
        return self._one("SELECT json FROM people WHERE id = ?", person_id)

    def save_person(self, person: Json) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO people VALUES (?, ?)", (person["id"], dumps(person))
        )

    # Messages

    def next_message_id(self, chat_id: int) -> int:
        """Return the next number of this chat: one counter for both sides, never used twice."""
        return self._count(f"message:{chat_id}")

    def save_message(self, message: Json) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO messages VALUES (?, ?, ?)",
            (message["chat"]["id"], message["message_id"], dumps(message)),
        )

    def message(self, chat_id: int, message_id: int) -> Json | None:
        return self._one(
            "SELECT json FROM messages WHERE chat_id = ? AND message_id = ?", chat_id, message_id
        )

    def messages(self, chat_id: int, before: int | None = None, limit: int = 60) -> list[Json]:
        """Return the latest messages of a chat (older than `before`, if given), oldest first."""
        rows = self._db.execute(
            "SELECT json FROM messages WHERE chat_id = ? AND message_id < ? "
            "ORDER BY message_id DESC LIMIT ?",
            (chat_id, before if before is not None else 1 << 62, limit),
        ).fetchall()
        return [json.loads(row[0]) for row in reversed(rows)]

    def delete_message(self, chat_id: int, message_id: int) -> bool:
        """Forget a message; False when there was none."""
        done = self._db.execute(
            "DELETE FROM messages WHERE chat_id = ? AND message_id = ?", (chat_id, message_id)
        )
        return done.rowcount > 0

    # Updates

    def add_update(self, kind: str, content: Json) -> int:
        """Queue an update for the bot and answer its id."""
        with self._transaction():
            update_id = self._count("update", _FIRST_UPDATE)
            self._db.execute(
                "INSERT INTO updates VALUES (?, ?, ?, ?)",
                (update_id, kind, dumps(content), time.time()),
            )
        return update_id

    def confirm_updates(self, offset: int) -> None:
        """Forget every update below `offset`; a negative one keeps only that many of the latest."""
        if offset < 0:
            self._db.execute(
                "DELETE FROM updates WHERE update_id NOT IN "
                "(SELECT update_id FROM updates ORDER BY update_id DESC LIMIT ?)",
                (-offset,),
            )
        else:
            self._db.execute("DELETE FROM updates WHERE update_id < ?", (offset,))

    def updates(self, limit: int) -> list[Json]:
        rows = self._db.execute(
            "SELECT update_id, kind, json FROM updates ORDER BY update_id LIMIT ?", (limit,)
        ).fetchall()
        return [{"update_id": row[0], row[1]: json.loads(row[2])} for row in rows]

    def pending_updates(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM updates").fetchone()[0])

    def drop_updates(self) -> None:
        self._db.execute("DELETE FROM updates")

    # Callback queries

    def ask_query(self, query_id: str, person_id: int) -> None:
        now = time.time()
        with self._transaction():
            self._db.execute("DELETE FROM queries WHERE asked < ?", (now - _UPDATE_LIFETIME,))
            self._db.execute("INSERT INTO queries VALUES (?, ?, ?, 0)", (query_id, person_id, now))

    def answer_query(self, query_id: str, lifetime: float) -> int | None:
        """Mark a query as answered; who asked, or None when it's unknown, answered or too old."""
        row = self._db.execute(
            "UPDATE queries SET answered = 1 WHERE id = ? AND answered = 0 AND asked > ? "
            "RETURNING person_id",
            (query_id, time.time() - lifetime),
        ).fetchone()
        return None if row is None else int(row[0])

    # Files

    def save_file(self, file_id: str, kind: str, path: str, digest: str, record: Json) -> None:
        self._db.execute(
            "INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?, ?)",
            (file_id, kind, path, digest, dumps(record)),
        )

    def file(self, file_id: str) -> tuple[str, str, str, Json] | None:
        """Kind, public path, digest and record of a file id."""
        return self._file("file_id", file_id)

    def file_at(self, path: str) -> tuple[str, str, str, Json] | None:
        """Return the same by the public path that getFile gave."""
        return self._file("path", path)

    def _file(self, column: str, value: str) -> tuple[str, str, str, Json] | None:
        row = self._db.execute(
            f"SELECT kind, path, digest, json FROM files WHERE {column} = ?", (value,)
        ).fetchone()
        return None if row is None else (row[0], row[1], row[2], json.loads(row[3]))

    # Settings

    def setting(self, key: str) -> Any:
        """Return a stored value, or None."""
        row = self._db.execute("SELECT json FROM settings WHERE key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def save_setting(self, key: str, value: Any) -> None:
        """Store a value; None forgets it."""
        if value is None:
            self._db.execute("DELETE FROM settings WHERE key = ?", (key,))
        else:
            self._db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, dumps(value)))

    def _one(self, query: str, *values: Any) -> Json | None:
        row = self._db.execute(query, values).fetchone()
        return None if row is None else json.loads(row[0])


def dumps(value: Json | Iterable[Any] | Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
