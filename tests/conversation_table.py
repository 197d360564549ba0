"""`python -m tests.conversation_table`: write docs/conversation.md, made from the code.

Every text of the locales with the places that say it, and every button with what it does, as its
callback data's docstring says. A test holds the file against this.
"""

from __future__ import annotations

import re
from pathlib import Path

from aiogram.types import InlineKeyboardMarkup
from fluent.syntax import FluentParser, ast

from keyboards import callbacks, inline
from keyboards.button import Text
from keyboards.controls import Controls, controls
from keyboards.result import other_settings
from nst.choices import Choices

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "conversation.md"
ROOMS = ("handlers", "jobs", "keyboards", "utils")
_HEAD = """# Everything that a person can meet

Made from the code by `python -m tests.conversation_table`; a test fails when it is out of date.
⟨angles⟩ are filled in; ∥ stands between the forms of a text.
"""


def table() -> str:
    """The whole file."""
    english, russian = _texts("en"), _texts("ru")
    sources = {
        str(path.relative_to(ROOT)): path.read_text()
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    }
    buttons, does = [], _what_buttons_do()
    messages = []
    for key, text in english.items():
        if key.startswith("button-"):
            buttons.append((text, russian[key], does.get(key, _said_in(key, sources))))
        else:
            messages.append((f"`{key}`", text, russian[key], _said_in(key, sources)))
    return "\n".join(
        (
            _HEAD,
            "## Buttons\n",
            *_rows(("English", "Russian", "what it does"), buttons),
            "\n## Messages\n",
            *_rows(("text", "English", "Russian", "said in"), messages),
            "",
        )
    )


def _what_buttons_do() -> dict[str, str]:
    """Text key to the docstring of the callback data behind it, asked of the real keyboards."""
    docs = {
        cls.__prefix__: (cls.__doc__ or "").split("\n")[0]
        for cls in vars(callbacks).values()
        if isinstance(cls, type) and getattr(cls, "__prefix__", None)
    }

    def key(name: str, **_: object) -> str:
        return name

    found: dict[str, str] = {}
    for keyboard in _keyboards(key):
        for row in keyboard.inline_keyboard:
            for button in row:
                prefix = (button.callback_data or "").split(":")[0]
                found.setdefault(button.text, docs[prefix])
    return found


def _keyboards(text: Text) -> list[InlineKeyboardMarkup]:
    times = {"fast": "", "standard": ""}
    pixels = {"fast": 384, "standard": 512}
    views = [
        Controls(Choices(), "standard", times, pixels, weights, view)
        for view in ("main", "size", "strength", "brush", "styles")
        for weights in ((2,), (2, 2))
    ]
    return [
        *(controls(text, view) for view in views),
        inline.third(text, mix=True),
        inline.stop(text, "id"),
        inline.again(text, "id"),
        inline.result(text, "id"),
        other_settings(text, "id", strength=3, times=times, pixels=pixels, larger=times),
    ]


def _texts(locale: str) -> dict[str, str]:
    body = FluentParser().parse((ROOT / "locales" / f"{locale}.ftl").read_text()).body
    return {
        entry.id.name: _plain(entry.value)
        for entry in body
        if isinstance(entry, ast.Message) and entry.value
    }


def _plain(pattern: ast.Pattern) -> str:
    words = []
    for element in pattern.elements:
        if isinstance(element, ast.TextElement):
            words.append(element.value)
        elif isinstance(element.expression, ast.SelectExpression):
            words.append(" ∥ ".join(_plain(one.value) for one in element.expression.variants))
        elif isinstance(element.expression, ast.VariableReference):
            words.append(f"⟨{element.expression.id.name}⟩")
    text = re.sub(r"</?\w+>", "", "".join(words))
    return re.sub(r"\s*\n\s*", " ", text).replace("|", "\\|").strip()


def _said_in(key: str, sources: dict[str, str]) -> str:
    whole = [name for name, code in sources.items() if f'"{key}"' in code]
    stem = key.split("-", maxsplit=1)[0]
    made = [name for name, code in sources.items() if f'f"{stem}-' in code]
    return ", ".join(f"`{name}`" for name in whole or made)


def _rows(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = (head, ("---",) * len(head), *rows)
    return ["| " + " | ".join(cells) + " |" for cells in lines]


if __name__ == "__main__":
    FILE.write_text(table())
