"""Every text exists in every language, and fits what the code gives it."""

from __future__ import annotations

import ast as syntax
import re
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from utils.texts import choose, locales, texts

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = {
    "kind": ["sticker", "voice", "video", "document", "other"],
    "stage": ["first", "middle", "last"],
    "stopped": [0, 1, 2, 5],
    "place": [1, 2, 21],
    "limit": [1, 3, 20],
    "days": [1, 2, 30],
    "minutes": [1, 2, 5],
    "styles": [1, 2, 4],
    "step": [1, 2, 3, 4, 5],
    "size": ["fast", "standard", "fine", "poster"],
    "brush": ["thin", "medium", "broad"],
    "colors": ["keep", "change"],
}


def messages(locale: str) -> dict[str, ast.Message]:
    source = (ROOT / "locales" / f"{locale}.ftl").read_text()
    body = FluentParser().parse(source).body
    assert not [entry for entry in body if isinstance(entry, ast.Junk)]
    return {entry.id.name: entry for entry in body if isinstance(entry, ast.Message)}


def arguments(message: ast.Message) -> set[str]:
    class Collector(Visitor):
        names: set[str]

        def visit_VariableReference(self, node: ast.VariableReference) -> None:
            self.names.add(node.id.name)

    collector = Collector()
    collector.names = set()
    collector.visit(message)
    return collector.names


PLURALS = {"zero", "one", "two", "few", "many", "other"}


def variants(message: ast.Message) -> set[str]:
    """What arguments are compared with, but for forms of number."""
    found: set[str] = set()

    class Collector(Visitor):
        def visit_Variant(self, node: ast.Variant) -> None:
            if isinstance(node.key, ast.Identifier):
                found.add(node.key.name)
            self.generic_visit(node)

    Collector().visit(message)
    return found - PLURALS


def test_languages_have_the_same_keys_and_arguments() -> None:
    english = messages("en")
    for locale in locales():
        other = messages(locale)
        assert set(other) == set(english)
        for key, message in english.items():
            assert arguments(other[key]) == arguments(message), (locale, key)
            assert variants(other[key]) == variants(message), (locale, key)


@pytest.mark.parametrize("locale", locales())
def test_every_text_formats_with_every_kind_of_argument(locale: str) -> None:
    for key, message in messages(locale).items():
        names = arguments(message)
        for i in range(5):
            given = {n: SAMPLES.get(n, ["7"])[i % len(SAMPLES.get(n, ["7"]))] for n in names}
            text = texts(locale)(key, **given)
            assert text and "{" not in text and "\u2068" not in text
            open_tags: list[str] = []
            for end, tag in re.findall(r"<(/?)(\w+)>", text):
                assert not end or open_tags.pop() == tag, (locale, key)
                if not end:
                    open_tags.append(tag)
            assert not open_tags, (locale, key)


def test_every_key_in_the_code_exists_and_every_text_is_used() -> None:
    code = "".join(
        path.read_text()
        for room in ("data", "handlers", "jobs", "keyboards", "utils")
        for path in (ROOT / room).rglob("*.py")
    )
    known = set(messages("en"))
    literal = set(re.findall(r'(?:speak|text|texts)\(\s*f?"([a-z]+(?:-[a-z]+)*)"', code))
    assert literal <= known, literal - known
    patterns = [r"command-\w+", r"title-\w+"]
    unused = {
        key
        for key in known
        if not re.search(rf"[\"']{key}[\"']", code)
        and not any(re.fullmatch(p, key) for p in patterns)
    }
    assert not unused


def calls(room: str, *names: str) -> list[syntax.Call]:
    """Calls of these functions, or of methods with these names, in a room's code."""
    return [
        node
        for path in sorted((ROOT / room).rglob("*.py"))
        for node in syntax.walk(syntax.parse(path.read_text()))
        if isinstance(node, syntax.Call) and syntax.unparse(node.func).split(".")[-1] in names
    ]


def answers() -> set[str]:
    """Keys of what answers a callback query: Telegram shows 200 characters, and no formatting."""
    found = {"error"}  # handlers/errors may answer so
    for call in (*calls("handlers", "answer"), *calls("utils", "answer")):
        if len(call.args) > 1 and syntax.unparse(call.args[0]) != "text":
            found |= set(re.findall(r"'([a-z]+(?:-[a-z]+)*)'", syntax.unparse(call.args[1])))
    return found | {"queue-full-person", "queue-full", "already-started", "paused"}  # refused()


@pytest.mark.parametrize("locale", locales())
def test_what_answers_a_tap_is_short_and_plain(locale: str) -> None:
    keys = answers()
    assert {"pictures-gone", "stopping", "broadcast-begins", "blocked"} <= keys
    for key in keys:
        names = arguments(messages(locale)[key])
        for i in range(5):
            given = {n: SAMPLES.get(n, ["7"])[i % len(SAMPLES.get(n, ["7"]))] for n in names}
            text = texts(locale)(key, **given)
            assert len(text) <= 200, (key, len(text))
            assert not re.search(r"</?\w+>|&\w+;", text), key


@pytest.mark.parametrize("locale", locales())
def test_every_command_has_its_words_for_the_menu(locale: str) -> None:
    commands = {
        word.value
        for call in calls("handlers", "Command")
        for word in call.args
        if isinstance(word, syntax.Constant)
    }
    assert {"help", "style", "stats"} <= commands
    assert {f"command-{name}" for name in commands} <= set(messages(locale))
    for name in commands:  # the Bot API's limit for a description
        assert 1 <= len(texts(locale)(f"command-{name}")) <= 256


def test_a_wrong_key_or_argument_is_an_error_not_half_a_text() -> None:
    with pytest.raises(KeyError):
        texts("en")("no-such-text")
    with pytest.raises(ValueError, match="queued"):
        texts("en")("queued")


def test_russian_counts_as_russians_do() -> None:
    speak = texts("ru")
    assert "2 работы" in speak("cancelled", stopped=2)
    assert "5 работ." in speak("cancelled", stopped=5)


@pytest.mark.parametrize(
    ("code", "locale"), [("ru", "ru"), ("ru-RU", "ru"), ("RU", "ru"), ("de", "en"), (None, "en")]
)
def test_the_language_follows_telegram_where_the_bot_speaks_it(
    code: str | None, locale: str
) -> None:
    assert choose(code) == locale
