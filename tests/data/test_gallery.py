"""What hangs in the gallery is what its programs paint, has titles, and weighs little."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.gallery import SHEET, STYLES, Style, find
from data.gallery.painters import PAINTERS, SEED, SIZE
from utils.texts import locales, texts

MOST_BYTES = 2_000_000


def test_every_style_has_its_painter_files_and_titles() -> None:
    names = [style.name for style in STYLES]
    assert len(names) == len(set(names)) >= 8
    assert set(names) <= set(PAINTERS)
    for style in STYLES:
        with Image.open(style.picture) as picture, Image.open(style.card) as card:
            assert picture.size == (SIZE, SIZE)
            assert card.width > 2 * card.height >= 640
    for locale in locales():
        titles = [texts(locale)(f"title-{name}") for name in names]
        assert len(set(titles)) == len(names)


def test_the_files_are_small_and_nothing_else_lies_among_them() -> None:
    shown = {SHEET, *(style.picture for style in STYLES), *(style.card for style in STYLES)}
    folder = SHEET.parent
    assert set(folder.rglob("*.jpg")) == shown
    assert sum(path.stat().st_size for path in shown) <= MOST_BYTES
    assert max(style.card.stat().st_size for style in STYLES) <= 60_000


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_a_painter_paints_what_hangs(style: Style) -> None:
    small, most = _SMALL.get(style.name), 9.0
    if small is None:
        size, cells = SIZE, SIZE // 4
    else:
        (size, cells), most = (SIZE // 3, SIZE // 30), small
    painted = _seen_from_afar(PAINTERS[style.name](size, SEED), cells)
    with Image.open(style.picture) as hanging:
        difference = np.abs(painted - _seen_from_afar(hanging, cells)).mean()
        turned = _seen_from_afar(hanging.transpose(Image.Transpose.ROTATE_90), cells)
    assert difference < most
    assert difference < (0.15 if small is None else 0.35) * np.abs(painted - turned).mean()


# The slow ones are painted small and may differ by so much. Chance lays the others out otherwise at
# any other size.
_SMALL = {
    **{"engraving": 3.0, "fauve": 16.0, "glass": 3.0},
    **{"waves": 5.0, "wheat": 15.0, "whirls": 15.0},
}


def _seen_from_afar(picture: Image.Image, cells: int) -> np.ndarray:  # type: ignore[type-arg]
    """Without the single strokes, some of which JPEG loses."""
    return np.asarray(picture.resize((cells, cells), Image.Resampling.BOX), float)


def test_a_style_is_found_by_id_and_by_every_title() -> None:
    for style in STYLES:
        assert find(style.name) is style
        for locale in locales():
            title = texts(locale)(f"title-{style.name}")
            assert find(title) is style
            assert find(f"  {title.upper()} ") is style
    assert find("Звездные вихри") is find("whirls")  # few type the dots
    assert find("no such painting") is None
    assert find("") is None


def test_the_bot_reads_the_catalogue_without_numpy_or_pillow() -> None:
    program = (
        "import sys, data.gallery as g; g.find('Mosaic'); "
        "print(sorted({'numpy', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
