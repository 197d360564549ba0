"""Forgets a person: what every table holds of them, in one transaction.

Each table's module says what it deletes; a test walks through every table that there is.
"""

from __future__ import annotations

from database import choices, dialogues, inbox, line, notices, paintings, people
from database.server.pool import Pool


async def forget(pool: Pool, user_id: int, asking: int) -> None:
    """Delete every row that knows this person; `asking` is the update that asks for it."""
    async with pool.connection() as connection, connection.transaction():
        for table in (paintings, line, dialogues, people, choices, notices):
            await table.forget(connection, user_id)
        await inbox.forget(connection, user_id, asking)
