"""Markup to text and entities, and the errors that broken markup gets."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_chat.api.errors import ApiError
from local_chat.text import entities as found_entities
from local_chat.text.entities import (
    MAX_CAPTION,
    MAX_TEXT,
    caption_text,
    formatted,
    message_text,
    utf16,
)
from local_chat.text.html import parse_html

Flat = list[tuple[str, int, int]]


def flat(entities: list[dict[str, object]]) -> Flat:
    return [(e["type"], e["offset"], e["length"]) for e in entities]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>a</b> <i>b</i>", "a b", [("bold", 0, 1), ("italic", 2, 1)]),
        ("🎨<b>🖌 x</b>", "🎨🖌 x", [("bold", 2, 4)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("1 &lt; 2 &amp;&#33; &quot;&nbsp;", '1 < 2 &! "&nbsp;', []),
        ("<code>x</code><pre>y</pre>", "xy", [("code", 0, 1), ("pre", 1, 1)]),
        ("<s>a</s><u>b</u>", "ab", [("strikethrough", 0, 1), ("underline", 1, 1)]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [("spoiler", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [("expandable_blockquote", 0, 1)]),
        ("<STRONG>a</strong><b></b>", "a", [("bold", 0, 1)]),
    ],
)
def test_html(source: str, text: str, entities: Flat) -> None:
    parsed, found = parse_html(source)
    assert (parsed, flat(found)) == (text, entities)


def test_html_links_and_languages() -> None:
    _, links = parse_html('<a href="https://a.b/?x=1&amp;y=2">x</a> <a href="a.b">y</a>')
    assert [link["url"] for link in links] == ["https://a.b/?x=1&y=2", "http://a.b"]
    text, code = parse_html('<pre><code class="language-python">x = 1</code></pre>')
    assert (text, code) == (
        "x = 1", [{"type": "pre", "offset": 0, "length": 5, "language": "python"}],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("é<b>a</i>", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("<script>a</script>", 'Unsupported start tag "script" at byte offset 0'),
        ("1 < 2", "Unclosed start tag at byte offset 2"),
        ("<span>a</span>", "must have class"),
    ],
)
def test_broken_html(source: str, words: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_html(source)
    assert caught.value.code == 400
    assert caught.value.description.startswith("Bad Request: can't parse entities: ")
    assert words in caught.value.description


@pytest.mark.slow
@given(st.text())
def test_escaped_html_is_the_text_itself(text: str) -> None:
    assert parse_html(html.escape(text)) == (text, [])


@given(st.text(alphabet="<>/b i&;\"'=ap🎨\n", max_size=30))
def test_any_markup_is_parsed_or_refused(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except ApiError:
        return
    assert all(0 <= e["offset"] < e["offset"] + e["length"] <= utf16(text) for e in entities)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start now", [("bot_command", 0, 6)]),
        ("go to /help", [("bot_command", 6, 5)]),
        ("1/2 and /a/b and //c", []),
        ("see https://a.org/b?c=d, ok", [("url", 4, 19)]),
        ("me@a.org or @alice_1", [("email", 0, 8), ("mention", 12, 8)]),
        ("#art #1", [("hashtag", 0, 4)]),
    ],
)
def test_what_is_found_without_markup(text: str, found: Flat) -> None:
    assert flat(formatted(text, None, None)[1]) == found


def test_code_is_not_searched_and_space_is_dropped() -> None:
    text, entities = formatted("  <code>/help</code> /go\n", "HTML", None)
    assert text == "/help /go"
    assert flat(entities) == [("code", 0, 5), ("bot_command", 6, 3)]


def test_an_unknown_mode() -> None:
    with pytest.raises(ApiError, match="unsupported parse_mode"):
        formatted("a", "BBCode", None)
    for mode in ("Markdown", "MarkdownV2"):
        with pytest.raises(ApiError, match="not available in the local chat"):
            formatted("a", mode, None)


def test_a_very_long_text_is_refused_without_being_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[int] = []
    monkeypatch.setattr(
        found_entities, "_with_found", lambda text, marked: looked.append(len(text))
    )
    for length in (MAX_CAPTION + 1, 200_000):
        with pytest.raises(ApiError, match="too long"):
            caption_text({"caption": "#a @b " * (length // 6 + 1), "parse_mode": "HTML"})
        with pytest.raises(ApiError, match="too long"):
            message_text("#a @b " * (MAX_TEXT + length), None, None)
    assert looked == []
