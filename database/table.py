"""What the modules of this folder share: questions on a connection of the pool, rows as types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from psycopg import AsyncConnection
from psycopg.rows import class_row, scalar_row

from database.server.pool import Pool

Row = TypeVar("Row")
Connection = AsyncConnection[Any]
Parameters = Sequence[Any] | Mapping[str, Any]


class Table:
    """One table of the database. Each question takes a connection of the pool and a statement."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def _change(self, statement: str, parameters: Parameters = ()) -> int:
        """Execute a statement; returns how many rows it met."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(statement, parameters)
            return cursor.rowcount

    async def _value(self, statement: str, parameters: Parameters = ()) -> Any:
        """The first column of the first row; None without a row."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=scalar_row) as cursor,
        ):
            await cursor.execute(statement, parameters)
            return await cursor.fetchone()

    async def _values(self, statement: str, parameters: Parameters = ()) -> list[Any]:
        """The first column of every row."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=scalar_row) as cursor,
        ):
            await cursor.execute(statement, parameters)
            return await cursor.fetchall()

    async def _row(self, row: type[Row], statement: str, parameters: Parameters = ()) -> Row | None:
        """The first row as a dataclass whose fields are its columns; None without a row."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(row)) as cursor,
        ):
            await cursor.execute(statement, parameters)
            return await cursor.fetchone()

    async def _rows(self, row: type[Row], statement: str, parameters: Parameters = ()) -> list[Row]:
        """Every row as a dataclass."""
        async with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=class_row(row)) as cursor,
        ):
            await cursor.execute(statement, parameters)
            return await cursor.fetchall()

    async def _counts(self, statement: str, parameters: Parameters = ()) -> dict[str, int]:
        """Numbers by name, of a statement with these two columns."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(statement, parameters)
            return {str(name): int(number) for name, number in await cursor.fetchall()}
