"""The gallery's styles, in their order. Titles are texts: `title-<name>` in `locales/`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_LOCALES = _HERE.parent.parent / "locales"
_TITLE = re.compile(r"^title-(\w+) = (.+?)\s*$", re.MULTILINE)

SHEET = _HERE / "sheet.jpg"
"""A picture of all samples, numbered in the order of `STYLES`."""


@dataclass(frozen=True, slots=True)
class Style:
    """One style painting of the gallery."""

    name: str
    """Its id, which never changes; its painter, its files and its title are named after it."""

    @property
    def picture(self) -> Path:
        """The path of the painting itself."""
        return _HERE / "pictures" / f"{self.name}.jpg"

    @property
    def card(self) -> Path:
        """The path of a picture with the painting beside a sample made with it."""
        return _HERE / "cards" / f"{self.name}.jpg"


STYLES = tuple(
    Style(name)
    for name in (
        *("whirls", "glass", "wheat", "waves", "gold", "mosaic"),
        *("dots", "ink", "fauve", "engraving", "facets"),
    )
)


def style(name: str) -> Style | None:
    """Return the style with exactly this id, or None."""
    return next((style for style in STYLES if style.name == name), None)


def find(name: str) -> Style | None:
    """Return the style with this id, or this title in any of the bot's languages, or None."""
    wanted = _plain(name)
    return style(_titles().get(wanted, wanted))


@cache
def _titles() -> dict[str, str]:
    """Return the id for every title in every language."""
    return {
        _plain(title): name
        for path in sorted(_LOCALES.glob("*.ftl"))
        for name, title in _TITLE.findall(path.read_text(encoding="utf-8"))
    }


def _plain(title: str) -> str:
    return " ".join(title.casefold().replace("ё", "е").split())
