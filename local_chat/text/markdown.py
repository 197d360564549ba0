"""Telegram's MarkdownV2 and its old Markdown: text and entities, or Telegram's error."""

from __future__ import annotations

from local_chat.api.errors import ApiError, bad_request
from local_chat.api.store import Json

_RESERVED = "_*[]()~`>#+-=|{}.!"
_MARKS = (("||", "spoiler"), ("__", "underline"), ("*", "bold"), ("_", "italic"),
          ("~", "strikethrough"))  # fmt: skip


class _Out:
    """Text that grows, measured in UTF-16 units."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.entities: list[Json] = []

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text.encode("utf-16-le")) // 2

    def mark(self, kind: str, start: int, **more: str) -> None:
        if self.length > start:
            self.entities.append(
                {"type": kind, "offset": start, "length": self.length - start, **more}
            )

    def done(self) -> tuple[str, list[Json]]:
        order = sorted(self.entities, key=lambda one: (one["offset"], -one["length"]))
        return "".join(self.parts), order


def parse_markdown_v2(source: str) -> tuple[str, list[Json]]:
    """Text and entities of MarkdownV2; ApiError 400 on an unescaped or unclosed mark."""
    out = _Out()
    stack: list[tuple[str, str, int]] = []  # mark, kind, where it began
    at = 0
    while at < len(source):
        if source[at] == "\\" and at + 1 < len(source) and ord(source[at + 1]) < 127:
            out.add(source[at + 1])
            at += 2
        elif source[at] == "`":
            at = _code(source, at, out, escapes=True)
        elif source[at] == "[" or source.startswith("![", at):
            at += 1 if source[at] == "[" else 2
            stack.append(("[", "text_link", out.length))
        elif source[at] == "]" and stack and stack[-1][0] == "[":
            address, at = _address(source, at + 1)
            out.mark("text_link", stack.pop()[2], url=address)
        elif source[at] == ">" and (at == 0 or source[at - 1] == "\n"):
            stack.append((">", "blockquote", out.length))
            at += 1
        elif source[at] == "\n":
            if stack and stack[-1][0] == ">" and not source.startswith(">", at + 1):
                out.mark("blockquote", stack.pop()[2])
            elif stack and stack[-1][0] == ">":
                at += 1
            out.add("\n")
            at += 1
        elif (mark := next((m for m in _MARKS if source.startswith(m[0], at)), None)) is not None:
            if stack and stack[-1][0] == mark[0]:
                out.mark(mark[1], stack.pop()[2])
            else:
                stack.append((*mark, out.length))
            at += len(mark[0])
        elif source[at] in _RESERVED:
            raise _broken(
                f"Character '{source[at]}' is reserved and must be escaped with the preceding '\\'"
            )
        else:
            out.add(source[at])
            at += 1
    if stack and stack[-1][0] == ">":
        out.mark("blockquote", stack.pop()[2])
    if stack:
        raise _broken(f"Can't find end of {stack[-1][1].title()} entity")
    return out.done()


def parse_markdown(source: str) -> tuple[str, list[Json]]:
    """Text and entities of the old Markdown; ApiError 400 on an unclosed mark."""
    out = _Out()
    at = 0
    while at < len(source):
        character = source[at]
        if character == "\\" and source[at + 1 : at + 2] in ("_", "*", "`", "["):
            out.add(source[at + 1])
            at += 2
        elif character == "`":
            at = _code(source, at, out, escapes=False)
        elif character in "*_":
            end = source.find(character, at + 1)
            if end < 0:
                raise _broken(f"Can't find end of the entity starting at byte offset {at}")
            start = out.length
            out.add(source[at + 1 : end])
            out.mark("bold" if character == "*" else "italic", start)
            at = end + 1
        elif character == "[" and (end := source.find("](", at)) > 0:
            start = out.length
            out.add(source[at + 1 : end])
            address, at = _address(source, end + 1)
            out.mark("text_link", start, url=address)
        else:
            out.add(character)
            at += 1
    return out.done()


def _code(source: str, at: int, out: _Out, *, escapes: bool) -> int:
    fence = "```" if source.startswith("```", at) else "`"
    end = at + len(fence)
    body = ""
    while not source.startswith(fence, end):
        if end >= len(source):
            raise _broken(f"Can't find end of {'Pre' if fence != '`' else 'Code'} entity")
        if escapes and source[end] == "\\" and end + 1 < len(source):
            end += 1
        body += source[end]
        end += 1
    start, more = out.length, {}
    if fence == "```" and "\n" in body:
        language, rest = body.split("\n", 1)
        if not language or language.isidentifier():
            body = rest
            more = {"language": language} if language else {}
    out.add(body)
    out.mark("pre" if fence == "```" else "code", start, **more)
    return end + len(fence)


def _address(source: str, at: int) -> tuple[str, int]:
    if not source.startswith("(", at) or (end := source.find(")", at)) < 0:
        raise _broken("Can't find end of a URL")
    address = source[at + 1 : end].replace("\\", "")
    return (address if "://" in address else f"http://{address}"), end + 1


def _broken(why: str) -> ApiError:
    return bad_request(f"can't parse entities: {why}")
