"""Has charts drawn by another process, so that no picture library gets into this one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from pathlib import Path
from typing import Literal

from data.config import environment_without_secrets

log = logging.getLogger(__name__)

_ROOT = Path(__file__).resolve().parent.parent
_TIMEOUT = 60.0  # seconds; a chart takes a fraction of one on a machine that is not painting


class Charts:
    """Draws one chart at a time."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()

    async def draw(self, chart: Literal["losses", "days"], numbers: bytes) -> bytes | None:
        """A chart of `numbers` (CSV or JSON) as a PNG; None when it could not be drawn (logged)."""
        async with self._one_at_a_time:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "plots",
                chart,
                cwd=_ROOT,
                env=environment_without_secrets(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                process_group=0,
            )
            try:
                async with asyncio.timeout(_TIMEOUT):
                    picture, complaint = await process.communicate(numbers)
            except TimeoutError:
                log.warning("chart %s: not drawn within %.0f s", chart, _TIMEOUT)
                return None
            finally:
                if process.returncode is None:
                    with contextlib.suppress(ProcessLookupError):
                        process.kill()
                    await process.wait()
        if process.returncode != 0:
            words = complaint.decode(errors="replace").strip().splitlines() or ["no message"]
            log.warning("chart %s: exit code %d: %s", chart, process.returncode, words[-1])
            return None
        return picture
