"""Settings, read once from the environment and `.env` (the environment wins).

Every name is documented in `.env.example`; every wrong value is refused with one clear line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from data.machine import memory_limit_mb

ROOT = Path(__file__).resolve().parent.parent
TELEGRAM = "https://api.telegram.org"
_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{1,100}")
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


SECRETS = ("BOT_TOKEN", "DATABASE_URL", "ADMINS", "SENTRY_DSN")
"""What no process that we start needs to know."""


class ConfigError(Exception):
    """A setting has a value that can't work; the message is one line for the owner."""


class Secret(str):
    """A string that does not show itself in logs, tracebacks or settings dumps."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('…')"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the owner decided; see `.env.example` for the meaning of each."""

    bot_token: Secret | None = None
    admins: tuple[int, ...] = ()
    database_url: Secret | None = None
    bot_api_base: str = TELEGRAM
    local_chat_port: int = 8080
    render_slots: int = 1
    memory_limit_mb: int = field(default_factory=memory_limit_mb)
    max_size: int = 2048
    try_out: bool = True
    log_level: str = "INFO"
    log_format: str = "text"
    webhook_url: str | None = None
    webhook_port: int = 8443
    health_port: int = 0
    metrics: bool = False
    sentry_dsn: Secret | None = None
    var: Path = ROOT / "var"


def load(environment: Mapping[str, str] | None = None, env_file: Path | None = None) -> Settings:
    """Read the settings; raises `ConfigError` for the first value that can't work."""
    if environment is None:
        environment = os.environ
    found = {**_dotenv(env_file or ROOT / ".env"), **environment}
    values = {name: value.strip() for name, value in found.items() if value.strip()}

    token = values.get("BOT_TOKEN")
    if token is not None and not _TOKEN.fullmatch(token):
        raise ConfigError("BOT_TOKEN does not look like a bot's token (123456:ABC…)")
    database = values.get("DATABASE_URL")
    if database is not None and not database.startswith(("postgres://", "postgresql://")):
        raise ConfigError("DATABASE_URL must begin with postgres:// or postgresql://")
    log_level = values.get("LOG_LEVEL", "INFO").upper()
    if log_level not in _LOG_LEVELS:
        raise ConfigError(f"LOG_LEVEL must be one of {', '.join(_LOG_LEVELS)}, not {log_level!r}")

    return Settings(
        bot_token=Secret(token) if token else None,
        admins=_admins(values.get("ADMINS", "")),
        database_url=Secret(database) if database else None,
        bot_api_base=_base_url(values.get("BOT_API_BASE", TELEGRAM)),
        local_chat_port=_number(values, "LOCAL_CHAT_PORT", 8080, 0, 65535),
        render_slots=_number(values, "RENDER_SLOTS", 1, 0, 64),
        memory_limit_mb=_number(values, "MEMORY_LIMIT_MB", memory_limit_mb(), 300, 10_000_000),
        max_size=_number(values, "MAX_SIZE", 2048, 64, 8192),
        log_level=log_level,
        log_format=_choice(values, "LOG_FORMAT", "text", ("text", "json")),
        webhook_url=_webhook(values.get("WEBHOOK_URL"), token),
        webhook_port=_number(values, "WEBHOOK_PORT", 8443, 1, 65535),
        health_port=_number(values, "HEALTH_PORT", 0, 0, 65535),
        metrics=_choice(values, "METRICS", "0", ("0", "1")) == "1",
        try_out=_choice(values, "TRY_OUT", "1", ("0", "1")) == "1",
        sentry_dsn=_sentry(values.get("SENTRY_DSN")),
        var=Path(values.get("VAR_DIR", str(ROOT / "var"))).expanduser().absolute(),
    )


def environment_without_secrets() -> dict[str, str]:
    """The environment for processes that we start."""
    return {name: value for name, value in os.environ.items() if name not in SECRETS}


def _dotenv(path: Path) -> dict[str, str]:
    from dotenv import dotenv_values

    return {name: value or "" for name, value in dotenv_values(path).items()}


def _admins(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise ConfigError(
            "ADMINS must be Telegram user ids separated by commas (123456,789012)"
        ) from None


def _number(values: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = values.get(name)
    if text is None:
        return default
    try:
        number = int(text)
    except ValueError:
        raise ConfigError(f"{name} must be a whole number, not {text!r}") from None
    if not low <= number <= high:
        raise ConfigError(f"{name} must be between {low} and {high}, not {number}")
    return number


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError("BOT_API_BASE must be an address like https://api.telegram.org")
    return text.rstrip("/")


def _choice(values: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    value = values.get(name, default).lower()
    if value not in choices:
        raise ConfigError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value


def _webhook(url: str | None, token: str | None) -> str | None:
    """Telegram comes by https only; a Bot API server on this machine may do without."""
    if url is None:
        return None
    parts = urlsplit(url)
    near = parts.hostname in ("127.0.0.1", "localhost")
    if not parts.hostname or parts.scheme not in ("https", *(("http",) if near else ())):
        raise ConfigError("WEBHOOK_URL must be a public address like https://bot.example.org")
    if token is None:
        raise ConfigError("WEBHOOK_URL needs BOT_TOKEN: the local chat is polled")
    return url.rstrip("/")


def _sentry(dsn: str | None) -> Secret | None:
    if dsn is None:
        return None
    parts = urlsplit(dsn)
    if parts.scheme not in ("http", "https") or not parts.username or not parts.path.strip("/"):
        raise ConfigError("SENTRY_DSN must be an address like https://KEY@sentry.example.org/1")
    return Secret(dsn)
