"""Sends errors to the owner's Sentry, scrubbed; imports nothing unless `SENTRY_DSN` is set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data import VERSION
from utils.process.running import WrongSettings


def scrub(value: Any, secrets: tuple[str, ...]) -> Any:
    """The same value without any of `secrets`, however deeply nested they are."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, "…")
        return value
    if isinstance(value, Mapping):
        return {scrub(key, secrets): scrub(item, secrets) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [scrub(item, secrets) for item in value]
    return value


def set_up(dsn: str, secrets: tuple[str, ...], **more: Any) -> None:
    """Report logged errors and crashes, without variables, people and addresses.

    Raises `WrongSettings` without the client library.
    """
    try:
        import sentry_sdk
    except ImportError as error:
        raise WrongSettings("SENTRY_DSN needs requirements-observability.txt installed") from error
    known = tuple(secret for secret in secrets if secret)

    def before(event: Any, hint: Any) -> Any:
        return scrub(event, known)

    sentry_sdk.init(
        dsn,
        release=f"style-transfer-bot@{VERSION}",
        send_default_pii=False,
        include_local_variables=False,
        auto_enabling_integrations=False,
        max_breadcrumbs=20,
        traces_sample_rate=None,
        before_send=before,
        before_breadcrumb=before,
        **more,
    )
