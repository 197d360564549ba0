"""The table `dialogue`: aiogram's FSM storage, so that a restart forgets nobody's photo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, DefaultKeyBuilder, StateType, StorageKey
from psycopg.types.json import Jsonb

from database.server.pool import Pool
from database.table import Connection


class PostgresStorage(BaseStorage):
    """One row per dialogue; an ended dialogue leaves none."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._keys = DefaultKeyBuilder(with_bot_id=True, with_destiny=True)

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        """Remember where the person stands; None ends the dialogue."""
        name = state.state if isinstance(state, State) else state
        await self._upsert(key, "state", name)

    async def get_state(self, key: StorageKey) -> str | None:
        """Where the person stands."""
        row = await self._row(key)
        return row[0] if row else None

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        """Replace the dialogue's data."""
        await self._upsert(key, "data", Jsonb(dict(data)))

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        """The dialogue's data."""
        row = await self._row(key)
        return dict(row[1]) if row else {}

    async def close(self) -> None:
        """Nothing to do: the pool is closed by what opened it."""

    async def _row(self, key: StorageKey) -> tuple[Any, ...] | None:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT state, data FROM dialogue WHERE key = %s", (self._keys.build(key),)
            )
            return await cursor.fetchone()

    async def _upsert(self, key: StorageKey, column: str, value: Any) -> None:
        name = self._keys.build(key)
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute(
                f"INSERT INTO dialogue (key, {column}) VALUES (%s, %s) "
                f"ON CONFLICT (key) DO UPDATE SET {column} = excluded.{column}, changed_at = now()",
                (name, value),
            )
            await connection.execute(
                "DELETE FROM dialogue WHERE key = %s AND state IS NULL AND data = '{}'", (name,)
            )


async def forget_old(pool: Pool, days: int) -> None:
    """Delete the dialogues that nobody went on with for so many days."""
    async with pool.connection() as connection:
        await connection.execute(
            "DELETE FROM dialogue WHERE changed_at < now() - make_interval(days => %s)", (days,)
        )


async def forget(connection: Connection, user_id: int) -> None:
    """Delete a person's dialogues: their keys are fsm:<bot>:<chat>:<person>:…"""
    await connection.execute(
        "DELETE FROM dialogue WHERE split_part(key, ':', 4) = %s", (str(user_id),)
    )
