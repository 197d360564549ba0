"""Formats the bot's texts in a person's language, from the Fluent files in `locales/`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fluent.runtime import FluentBundle, FluentResource

_FOLDER = Path(__file__).resolve().parent.parent / "locales"
DEFAULT = "en"


class Texts:
    """Formats texts of one language; `texts("queued", place=2)`.

    Raises KeyError for an unknown key and ValueError for a text that does not fit its arguments:
    a wrong text is a defect, not something a person should see half of.
    """

    def __init__(self, locale: str) -> None:
        self.locale = locale
        # Isolation marks around arguments only confuse an interface of one direction.
        self._bundle = FluentBundle([locale], use_isolating=False)
        source = (_FOLDER / f"{locale}.ftl").read_text(encoding="utf-8")
        self._bundle.add_resource(FluentResource(source))

    def __call__(self, key: str, **arguments: Any) -> str:
        """The text `key`, filled with `arguments`."""
        if not self._bundle.has_message(key):
            raise KeyError(key)
        message = self._bundle.get_message(key)
        assert message.value is not None
        text, errors = self._bundle.format_pattern(message.value, arguments)
        if errors:
            raise ValueError(f"text {key!r} ({self.locale}): {errors[0]!r}")
        return str(text)


def locales() -> tuple[str, ...]:
    """Languages with a text file, the default first."""
    found = sorted(path.stem for path in _FOLDER.glob("*.ftl"))
    return (DEFAULT, *(name for name in found if name != DEFAULT))


@cache
def texts(locale: str) -> Texts:
    """The texts of a language, read once; of the default one where the bot doesn't speak it."""
    return Texts(locale if locale in locales() else DEFAULT)


def choose(language_code: str | None) -> str:
    """The bot's language for a Telegram `language_code` ("ru", "ru-RU", "de", None)."""
    base = (language_code or DEFAULT).split("-")[0].lower()
    return base if base in locales() else DEFAULT
