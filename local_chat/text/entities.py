"""Texts and their entities: UTF-16 offsets, what Telegram finds by itself, the limits."""

from __future__ import annotations

import re

from local_chat.api.errors import bad_request
from local_chat.api.store import Json

MAX_TEXT = 4096
MAX_CAPTION = 1024
_MARKUP = 10  # times the limit: how much longer a text may be with its tags

_COMMAND = re.compile(r"(?<![\w/@<])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")
_URL = re.compile(
    r"(?:https?://|(?<![\w@./-])(?=[\w-]+\.(?:com|org|net|io|dev|ru|me|art|app)\b))"
    r"[^\s<>\"'«»]*[^\s<>\"'«».,:;!?()\[\]]",
    re.IGNORECASE,
)
_MENTION = re.compile(r"(?<![\w@])@[A-Za-z]\w{3,31}\b", re.ASCII)
_HASHTAG = re.compile(r"(?<![\w#])#(?!\d+\b)\w{1,255}")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
_FOUND_BY_ITSELF = (
    ("bot_command", _COMMAND),
    ("email", _EMAIL),
    ("url", _URL),
    ("mention", _MENTION),
    ("hashtag", _HASHTAG),
)


def utf16(text: str) -> int:
    """Return the length in UTF-16 code units, which is how Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def formatted(
    text: str, parse_mode: str | None, entities: list[Json] | None, most: int = MAX_TEXT
) -> tuple[str, list[Json]]:
    """Plain text and all of its entities; ApiError when the markup is broken.

    Of a text over `most` UTF-16 units nothing is looked for, since its caller refuses it, and one
    that is far longer is not even parsed: looking takes time that grows with its square.

    Surrounding space is dropped, as Telegram does, and the entities move along.
    """
    from local_chat.text.html import parse_html

    if len(text) > _MARKUP * most:
        return text, []
    if entities is not None:
        marked = list(entities)
    elif not parse_mode:
        marked = []
    elif parse_mode.lower() == "html":
        text, marked = parse_html(text)
    elif parse_mode.lower() in ("markdown", "markdownv2"):
        raise bad_request(f"parse_mode {parse_mode} is not available in the local chat")
    else:
        raise bad_request("unsupported parse_mode")
    text, marked = _stripped(text.replace("\r\n", "\n"), marked)
    return text, marked if utf16(text) > most else _with_found(text, marked)


def _stripped(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    lead = utf16(text[: len(text) - len(text.lstrip())])
    text = text.strip()
    length = utf16(text)
    kept = []
    for entity in entities:
        start = max(0, entity["offset"] - lead)
        end = min(length, entity["offset"] + entity["length"] - lead)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return text, kept


def _with_found(text: str, marked: list[Json]) -> list[Json]:
    """Add commands, links, mentions, hashtags and addresses where the text isn't code or a link."""
    taken = [
        (entity["offset"], entity["offset"] + entity["length"])
        for entity in marked
        if entity["type"] in ("code", "pre", "text_link", "text_mention")
    ]
    found = []
    for kind, pattern in _FOUND_BY_ITSELF:
        for match in pattern.finditer(text):
            start = utf16(text[: match.start()])
            end = start + utf16(match.group())
            if all(end <= first or start >= last for first, last in taken):
                found.append({"type": kind, "offset": start, "length": end - start})
                taken.append((start, end))
    return sorted([*marked, *found], key=lambda entity: (entity["offset"], -entity["length"]))


def message_text(text: str, parse_mode: str | None, entities: list[Json] | None) -> Json:
    """Return the text fields of a message; ApiError when empty or over 4096 characters."""
    plain, found = formatted(text, parse_mode, entities)
    if not plain:
        raise bad_request("message text is empty")
    if utf16(plain) > MAX_TEXT:
        raise bad_request("message is too long")
    return {"text": plain} | ({"entities": found} if found else {})


def caption_text(params: Json) -> Json:
    """Return the caption fields of a message; ApiError when over 1024 characters."""
    plain, found = formatted(
        params.get("caption") or "",
        params.get("parse_mode"),
        params.get("caption_entities"),
        MAX_CAPTION,
    )
    if utf16(plain) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    if not plain:
        return {}
    return {"caption": plain} | ({"caption_entities": found} if found else {})
