"""Sets up logging: single lines on standard error, never with a secret in them."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

from utils import errors

_PAINTING = re.compile(r"painting ([\w-]{12})\b")


class _Redact(logging.Formatter):
    """Cuts secrets out of the finished line, also those of URLs and tracebacks."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__("%(asctime)s %(levelname).1s %(name)s: %(message)s", "%H:%M:%S")
        self._secrets = secrets

    def formatException(self, ei: Any) -> str:
        """An exception in one line, with the places in our code that it came through."""
        return errors.line(ei[1]) if ei[1] else ""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one redacted line."""
        return self.redacted(super().format(record).replace("\n", " | "))

    def redacted(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text


class _Json(_Redact):
    """Writes one JSON object a line, for programs that read logs."""

    def format(self, record: logging.LogRecord) -> str:
        """The record's fields as a redacted JSON object."""
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if match := _PAINTING.match(fields["message"]):
            fields["painting"] = match[1]
        if record.exc_info and record.exc_info[1]:
            fields["error"] = self.formatException(record.exc_info)
        return json.dumps({k: self.redacted(v) for k, v in fields.items()}, ensure_ascii=False)


def set_up(level: str, secrets: tuple[str, ...], form: str = "text") -> None:
    """Log to standard error at `level`, as "text" or "json"; `secrets` never appear."""
    handler = logging.StreamHandler(sys.stderr)
    formatter = _Json if form == "json" else _Redact
    handler.setFormatter(formatter(tuple(secret for secret in secrets if secret)))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Theirs are a line for each update and each job's state; ours say it once and better.
    for noisy in ("saq", "aiogram.event", "aiohttp.access"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLevelName(level)))
    # A line for every try to reach a database that is away; the pool says when it gives up.
    logging.getLogger("psycopg.pool").setLevel(max(logging.ERROR, logging.getLevelName(level)))
    # We give SAQ no grace on purpose: a painting is handed back, not waited for.
    logging.getLogger("saq").addFilter(lambda record: "grace period" not in record.getMessage())
