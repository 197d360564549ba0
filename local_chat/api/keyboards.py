"""Keyboards that come with a message: which are refused, and where they go."""

from __future__ import annotations

from local_chat.api.errors import bad_request
from local_chat.api.store import Json

MAX_CALLBACK_DATA = 64
STYLES = ("danger", "success", "primary")


def inline_keyboard(markup: Json | None) -> Json | None:
    """Return the inline keyboard, or None; ApiError on buttons that Telegram refuses."""
    if markup is None or "inline_keyboard" not in markup:
        return None
    rows = [row for row in markup["inline_keyboard"] if row]
    for row in rows:
        for button in row:
            _check(button)
    return {"inline_keyboard": rows} if rows else None


def _check(button: Json) -> None:
    if not button["text"]:
        raise bad_request("can't parse inline keyboard button: Text must be non-empty")
    kinds = set(button) - {"text", "icon_custom_emoji_id", "style"}
    if not kinds:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if button.get("style", "primary") not in STYLES:
        raise bad_request("can't parse inline keyboard button: Invalid button style specified")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(data.encode()) <= MAX_CALLBACK_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not url.startswith(("http://", "https://", "tg://")):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
