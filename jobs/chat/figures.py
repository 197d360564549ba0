"""Figures for developers: kept after a painting, offered to those who asked for them."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from database.figures import Figures
from database.people import People
from nst.messages import Finished

log = logging.getLogger(__name__)


async def keep_figures(figures: Figures, painting: str, painted: Finished) -> None:
    """Keep a painting's losses and report; a failure is logged and costs nobody the picture."""
    try:
        losses = await asyncio.to_thread(Path(painted.losses).read_bytes)
        await figures.keep(painting, losses, painted.report)
    except Exception as error:
        log.warning("painting %s: figures not kept: %s", painting, error)


class Developers:
    """Who gets a button for the figures: admins, and people in developer mode."""

    def __init__(self, people: People, admins: tuple[int, ...]) -> None:
        self._people = people
        self._admins = admins

    async def include(self, user_id: int) -> bool:
        """Whether a button for them belongs under this person's paintings."""
        return user_id in self._admins or await self._people.is_developer(user_id)
