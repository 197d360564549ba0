"""What the server can refuse, and how Telegram words it."""

from __future__ import annotations

from typing import Any


class PortTakenError(RuntimeError):
    """The port that the chat should listen on belongs to somebody else."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"port {port} on {host} is already in use: stop the program that has it, "
            "or choose another one with LOCAL_CHAT_PORT"
        )
        self.host = host
        self.port = port


class ApiError(Exception):
    """An answer with ``ok: false``: an HTTP status and Telegram's description."""

    def __init__(
        self, code: int, description: str, parameters: dict[str, Any] | None = None
    ) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> dict[str, Any]:
        """Return the JSON that a Bot API client gets."""
        body: dict[str, Any] = {
            "ok": False,
            "error_code": self.code,
            "description": self.description,
        }
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(text: str) -> ApiError:
    """Return a 400 in Telegram's words."""
    return ApiError(400, f"Bad Request: {text}")


def forbidden(text: str) -> ApiError:
    """Return a 403 in Telegram's words."""
    return ApiError(403, f"Forbidden: {text}")
