"""The schema of the database, one migration a version."""

from __future__ import annotations

import logging

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from database.server.errors import NewerSchema

log = logging.getLogger(__name__)

_OLDEST = 9
"""The earliest schema whose program can still use the present one: with the columns that came
since, all of which have defaults. It is noted in the database, for a program that is put back."""
_LOCK = 0x57_1E  # an advisory lock of ours, so that two processes never migrate at once

# One entry per schema version, never edited once released: a later version adds another.
_MIGRATIONS = (
    """
    CREATE TABLE people (
        user_id bigint PRIMARY KEY,
        locale text NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE dialogue (
        key text PRIMARY KEY,
        state text,
        data jsonb NOT NULL DEFAULT '{}',
        changed_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE paintings (
        id text PRIMARY KEY,
        user_id bigint NOT NULL,
        chat_id bigint NOT NULL,
        status_message_id bigint NOT NULL,
        request jsonb NOT NULL,
        state text NOT NULL DEFAULT 'waiting',
        deaths integer NOT NULL DEFAULT 0,
        size_limit integer,
        width integer,
        height integer,
        seconds real,
        peak_mb real,
        file_id text,
        result_message_id bigint,
        failure text,
        created_at timestamptz NOT NULL DEFAULT now(),
        changed_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (chat_id, status_message_id)
    );
    CREATE INDEX paintings_open ON paintings (user_id)
        WHERE state IN ('waiting', 'painting', 'sending');
    CREATE INDEX paintings_created ON paintings (created_at);
    """,
    """
    CREATE TABLE choices (
        user_id bigint PRIMARY KEY,
        choices jsonb NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now()
    );
    ALTER TABLE paintings ADD COLUMN work real, ADD COLUMN began_at timestamptz;
    """,
    """
    CREATE TABLE renderers (
        id text PRIMARY KEY,
        size integer NOT NULL,
        slots integer NOT NULL,
        seen_at timestamptz NOT NULL DEFAULT now()
    );
    """,
    """
    CREATE TABLE gallery_files (
        bot_id bigint,
        name text,
        file_id text NOT NULL,
        PRIMARY KEY (bot_id, name)
    );
    """,
    # What the owners need: people (first_seen: when they first wrote in private), figures of
    # paintings and when those ended, blocks, switches, held-back notices, broadcasts.
    """
    ALTER TABLE people ALTER COLUMN locale DROP NOT NULL,
        ADD COLUMN language text,
        ADD COLUMN first_seen timestamptz,
        ADD COLUMN last_seen timestamptz,
        ADD COLUMN left_at timestamptz,
        ADD COLUMN developer boolean NOT NULL DEFAULT false;
    ALTER TABLE paintings ADD COLUMN ended_at timestamptz;
    UPDATE paintings SET ended_at = changed_at WHERE state IN ('done', 'stopped', 'failed');
    CREATE FUNCTION note_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.state NOT IN ('done', 'stopped', 'failed') THEN NEW.ended_at := NULL;
        ELSIF NEW.state <> OLD.state THEN NEW.ended_at := now(); END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER note_end BEFORE UPDATE OF state ON paintings
        FOR EACH ROW EXECUTE FUNCTION note_end();
    CREATE TABLE figures (
        painting text PRIMARY KEY REFERENCES paintings (id) ON DELETE CASCADE,
        losses bytea NOT NULL,
        report jsonb NOT NULL
    );
    CREATE TABLE blocked (
        user_id bigint PRIMARY KEY,
        since timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE switches (
        name text PRIMARY KEY,
        since timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE notices (
        kind text PRIMARY KEY,
        text text NOT NULL,
        sent_at timestamptz NOT NULL DEFAULT now(),
        held integer NOT NULL DEFAULT 0
    );
    CREATE TABLE broadcasts (
        id bigserial PRIMARY KEY,
        chat_id bigint NOT NULL,
        message_id bigint NOT NULL,
        status_message_id bigint,
        locale text NOT NULL,
        state text NOT NULL DEFAULT 'asking',
        created_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE TABLE broadcast_people (
        broadcast bigint NOT NULL REFERENCES broadcasts (id) ON DELETE CASCADE,
        user_id bigint NOT NULL REFERENCES people (user_id) ON DELETE CASCADE,
        state text NOT NULL DEFAULT 'waiting',
        PRIMARY KEY (broadcast, user_id)
    );
    """,
    """
    ALTER TABLE paintings ADD COLUMN last_word text;
    ALTER TABLE paintings ADD COLUMN asked_by text;
    CREATE UNIQUE INDEX paintings_asked_by ON paintings (asked_by);
    CREATE INDEX paintings_last_word ON paintings (changed_at) WHERE last_word IS NOT NULL;
    CREATE TABLE inbox (
        update_id bigint NOT NULL,
        fingerprint text NOT NULL,
        user_id bigint,
        content text,
        taken_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (update_id, fingerprint)
    );
    CREATE INDEX inbox_open ON inbox (user_id, update_id) WHERE content IS NOT NULL;
    CREATE INDEX inbox_taken ON inbox (taken_at);
    """,
    """
    ALTER TABLE paintings ADD COLUMN holder text;
    """,
    """
    ALTER TABLE inbox ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();
    DROP INDEX inbox_taken;
    CREATE INDEX inbox_created ON inbox (created_at);
    """,
    """
    ALTER TABLE renderers ADD COLUMN pace real;
    """,
    """
    ALTER TABLE paintings ADD COLUMN tries integer NOT NULL DEFAULT 0;
    """,
)


async def migrate(connection: AsyncConnection[TupleRow]) -> None:
    """Bring the schema up to date, one process after another."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        await connection.execute("SET LOCAL client_min_messages = warning")
        await connection.execute("CREATE TABLE IF NOT EXISTS schema_version (version integer)")
        await connection.execute(
            "ALTER TABLE schema_version ADD COLUMN IF NOT EXISTS oldest integer"
        )
        cursor = await connection.execute(
            "SELECT coalesce(max(version), 0), coalesce(max(oldest), 0) FROM schema_version"
        )
        row = await cursor.fetchone()
        assert row is not None
        found, oldest = row
        known = len(_MIGRATIONS)
        if found > known:
            _check_newer(found, oldest or found, known)
        for version, statements in enumerate(_MIGRATIONS, start=1):
            if version > found:
                await connection.execute(statements)
                await connection.execute(
                    "INSERT INTO schema_version (version, oldest) VALUES (%s, %s)",
                    (version, min(_OLDEST, version)),
                )
                log.info("database schema is now version %d", version)


def _check_newer(found: int, oldest: int, known: int) -> None:
    """Raise `NewerSchema` where a later version's schema is none that this version can use."""
    if known < oldest:
        raise NewerSchema(
            f"the database has the schema of a later version ({found}, usable from {oldest} on), "
            f"and this program knows up to {known}: install the later version again, or restore "
            "a backup from before"
        )
    log.warning(
        "the database has the schema of a later version (%d), which this one (%d) can use, too",
        found,
        known,
    )
