"""Telegram's HTML subset: text and entities, or the error that Telegram answers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local_chat.api.errors import ApiError, bad_request
from local_chat.api.store import Json

_TAGS = {
    "b": "bold", "strong": "bold",
    "i": "italic", "em": "italic",
    "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "code": "code", "pre": "pre", "a": "text_link", "tg-spoiler": "spoiler", "span": "spoiler",
    "blockquote": "blockquote", "tg-emoji": "custom_emoji",
}  # fmt: skip
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_OPEN = re.compile(r"<([a-zA-Z][a-zA-Z0-9-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>")
_CLOSE = re.compile(r"</([a-zA-Z0-9-]*)\s*>")
_ATTRIBUTE = re.compile(r"([a-zA-Z_-]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")


@dataclass
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Return text without tags and its entities; ApiError 400 on markup that isn't Telegram's."""
    return _Parser(source).run()


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.text: list[str] = []
        self.length = 0  # in UTF-16 units, what the entities count
        self.stack: list[_Open] = []
        self.entities: list[Json] = []

    def run(self) -> tuple[str, list[Json]]:
        position = 0
        while position < len(self.source):
            character = self.source[position]
            if character == "<":
                position = self._tag(position)
                continue
            if character == "&" and (match := _REFERENCE.match(self.source, position)):
                character = _dereference(match)
                position = match.end()
            else:
                position += 1
            self.text.append(character)
            self.length += len(character.encode("utf-16-le")) // 2
        if self.stack:
            raise _broken(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        return "".join(self.text), _tidy(self.entities)

    def _tag(self, at: int) -> int:
        byte = len(self.source[:at].encode())
        if match := _CLOSE.match(self.source, at):
            self._close(match.group(1).lower(), byte)
            return match.end()
        match = _OPEN.match(self.source, at)
        if match is None:
            raise _broken(f"Unclosed start tag at byte offset {byte}")
        name = match.group(1).lower()
        if name not in _TAGS:
            raise _broken(f'Unsupported start tag "{name}" at byte offset {byte}')
        attributes = {
            key.lower(): _REFERENCE.sub(_dereference, value.strip("\"'"))
            for key, value in _ATTRIBUTE.findall(match.group(2))
        }
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _broken(f'Tag "span" must have class "tg-spoiler" at byte offset {byte}')
        self.stack.append(_Open(name, attributes, self.length))
        return match.end()

    def _close(self, name: str, byte: int) -> None:
        if not self.stack:
            raise _broken(f"Unexpected end tag at byte offset {byte}")
        opened = self.stack.pop()
        if name and name != opened.tag:
            raise _broken(
                f'Unmatched end tag at byte offset {byte}, expected "</{opened.tag}>", '
                f'found "</{name}>"'
            )
        if self.length > opened.offset:
            units = "".join(self.text).encode("utf-16-le")
            said = units[2 * opened.offset :].decode("utf-16-le")
            entity = _entity(opened, self.length - opened.offset, said)
            if entity is not None:
                self.entities.append(entity)


def _entity(opened: _Open, length: int, said: str) -> Json | None:
    kind = _TAGS[opened.tag]
    entity: Json = {"type": kind, "offset": opened.offset, "length": length}
    if kind == "text_link":
        # A link without an address links to what it says, when that is one.
        address = opened.attributes.get("href") or said
        if "." not in address and not address.startswith(("http://", "https://", "tg://")):
            return None
        entity["url"] = address if "://" in address else f"http://{address}"
    elif kind == "blockquote" and "expandable" in opened.attributes:
        entity["type"] = "expandable_blockquote"
    elif kind == "custom_emoji":
        entity["custom_emoji_id"] = opened.attributes.get("emoji-id", "")
    elif kind == "code" and opened.attributes.get("class", "").startswith("language-"):
        entity["language"] = opened.attributes["class"].removeprefix("language-")
    return entity


def _tidy(entities: list[Json]) -> list[Json]:
    """``<pre><code class="language-x">`` is one entity; a language on plain code is dropped."""
    tidy = []
    for entity in sorted(entities, key=lambda one: (one["offset"], -one["length"])):
        if entity["type"] == "code":
            around = [
                one
                for one in entities
                if one["type"] == "pre"
                and (one["offset"], one["length"]) == (entity["offset"], entity["length"])
            ]
            if around:
                around[0].update({k: v for k, v in entity.items() if k == "language"})
                continue
            entity.pop("language", None)
        tidy.append(entity)
    return tidy


def _dereference(match: re.Match[str]) -> str:
    if match.group(3):
        return _NAMED[match.group(3)]
    number = int(match.group(1), 16) if match.group(1) else int(match.group(2))
    if number == 0 or number > 0x10FFFF or 0xD800 <= number < 0xE000:
        return match.group()
    return chr(number)


def _broken(why: str) -> ApiError:
    return bad_request(f"can't parse entities: {why}")
