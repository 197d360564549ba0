"""The table `gallery_files`: Telegram's file ids of the pictures that were uploaded once."""

from __future__ import annotations

from database.server.pool import Pool
from database.table import Table


class GalleryFileIds(Table):
    """The file ids of one bot: another bot's mean nothing to it."""

    def __init__(self, pool: Pool, bot_id: int) -> None:
        super().__init__(pool)
        self._bot_id = bot_id

    async def get(self, name: str) -> str | None:
        """The file id of the picture with this name; None where it was not uploaded yet."""
        file_id = await self._value(
            "SELECT file_id FROM gallery_files WHERE bot_id = %s AND name = %s",
            (self._bot_id, name),
        )
        return None if file_id is None else str(file_id)

    async def keep(self, name: str, file_id: str) -> None:
        """Remember the file id of an uploaded picture."""
        await self._change(
            "INSERT INTO gallery_files (bot_id, name, file_id) VALUES (%s, %s, %s) "
            "ON CONFLICT (bot_id, name) DO UPDATE SET file_id = excluded.file_id",
            (self._bot_id, name, file_id),
        )

    async def forget(self, name: str) -> None:
        """Forget a file id that Telegram no longer knows."""
        await self._change(
            "DELETE FROM gallery_files WHERE bot_id = %s AND name = %s", (self._bot_id, name)
        )

    async def own_styles(self, user_id: int, limit: int) -> list[str]:
        """File ids of the styles that a person used last and that are none of the gallery's.

        They are read from the records of their paintings, and go with these.
        """
        return await self._values(
            """
            SELECT used.style FROM paintings CROSS JOIN LATERAL jsonb_array_elements_text(
                coalesce(request -> 'styles', jsonb_build_array(request -> 'style'))
            ) AS used (style)
            WHERE user_id = %(user)s AND NOT EXISTS (
                SELECT 1 FROM gallery_files WHERE file_id = used.style)
            GROUP BY used.style ORDER BY max(created_at) DESC, used.style LIMIT %(limit)s
            """,
            {"user": user_id, "limit": limit},
        )
