"""What hangs in the gallery, in this order. Titles are texts: `title-<name>` in `locales/`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_LOCALES = _HERE.parent.parent / "locales"
_TITLE = re.compile(r"^title-(\w+) = (.+?)\s*$", re.MULTILINE)

SHEET = _HERE / "sheet.jpg"
"""All samples on one picture, numbered in this order."""


@dataclass(frozen=True, slots=True)
class Style:
    """One painting to learn from."""

    name: str
    """Its id: never changes, and names its painter, its files and its title."""

    @property
    def picture(self) -> Path:
        """The painting itself."""
        return _HERE / "pictures" / f"{self.name}.jpg"

    @property
    def card(self) -> Path:
        """The painting beside a sample of what it makes of a photo."""
        return _HERE / "cards" / f"{self.name}.jpg"


STYLES = tuple(
    Style(name)
    for name in (
        *("whirls", "glass", "wheat", "waves", "gold", "mosaic"),
        *("dots", "ink", "fauve", "engraving", "facets"),
    )
)


def style(name: str) -> Style | None:
    """The style with exactly this id."""
    return next((style for style in STYLES if style.name == name), None)


def find(name: str) -> Style | None:
    """The style that somebody means by an id or by a title in any of the bot's languages."""
    wanted = _plain(name)
    return style(_titles().get(wanted, wanted))


@cache
def _titles() -> dict[str, str]:
    """Every title in every language, and the id it belongs to."""
    return {
        _plain(title): name
        for path in sorted(_LOCALES.glob("*.ftl"))
        for name, title in _TITLE.findall(path.read_text(encoding="utf-8"))
    }


def _plain(title: str) -> str:
    return " ".join(title.casefold().replace("ё", "е").split())
