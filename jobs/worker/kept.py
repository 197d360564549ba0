"""Paintings that couldn't be sent yet, kept for the next try: nothing is painted twice for that."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from pathlib import Path

from jobs.chat.delivery import Result
from jobs.worker import scratch

MOST = 8
"""Paintings that are kept; with more of them the oldest is painted again."""


class KeptResults:
    """The results that this process keeps, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """`folder` is where pictures lie while they are worked on."""
        self._folder = folder
        self._kept: dict[str, tuple[Result, Path]] = {}

    @property
    def paintings(self) -> list[str]:
        """Ids of the paintings whose results are kept, the oldest first."""
        return list(self._kept)

    def keep(self, painting: str, result: Result) -> None:
        """Copy the result's files, so that the folder that they are in may go.

        Raises OSError where the disk is full; then nothing is kept.
        """
        self.drop(painting)
        folder = Path(tempfile.mkdtemp(prefix=scratch.prefix(), dir=self._folder))
        try:
            files = {result.photo, result.picture}
            copies = {file: Path(shutil.copy2(file, folder)) for file in files}
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        result = dataclasses.replace(
            result, photo=copies[result.photo], picture=copies[result.picture]
        )
        self._kept[painting] = result, folder
        for oldest in self.paintings[:-MOST]:
            self.drop(oldest)

    def find(self, painting: str) -> Result | None:
        """The result of this painting, where it is kept."""
        found = self._kept.get(painting)
        return found[0] if found else None

    def drop(self, painting: str) -> None:
        """Delete this painting's result, where there is one."""
        if found := self._kept.pop(painting, None):
            shutil.rmtree(found[1], ignore_errors=True)
