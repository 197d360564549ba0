"""Every place keeps its own colour, and what has none gets none."""

from __future__ import annotations

import colorsys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageStat

from nst import StyleTransfer
from nst.colors import is_grey, luminance, with_colors_of
from nst.settings import Settings
from tests.pictures import painting, photo

WITHIN = 5
"""Degrees of hue."""
channel = st.integers(0, 255)


def plain(color: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", (4, 3), color)


def hue_and_saturation(color: tuple[int, ...]) -> tuple[float, float]:
    """Of linear light (the gamma of sRGB taken as 2.2), in degrees and from 0 to 1."""
    hue, saturation, _ = colorsys.rgb_to_hsv(*((value / 255) ** 2.2 for value in color[:3]))
    return 360 * hue, saturation


def turned(one: float, other: float) -> float:
    """The angle between two hues, in degrees."""
    return abs((one - other + 180) % 360 - 180)


def test_its_own_light_gives_the_photograph_back() -> None:
    picture = photo().resize((300, 200))
    difference = ImageChops.difference(with_colors_of(luminance(picture), picture), picture)
    # A dark saturated colour has so little light that its rounding to 8 bits can be told.
    assert ImageStat.Stat(difference).mean == pytest.approx([0, 0, 0], abs=0.5)
    assert max(high for _, high in difference.getextrema()) <= 12  # type: ignore[misc]


@settings(max_examples=300, deadline=None)
@given(color=st.tuples(channel, channel, channel), light=st.integers(60, 230))
def test_another_light_changes_no_hue(color: tuple[int, int, int], light: int) -> None:
    made = with_colors_of(plain((light, light, light)), plain(color)).getpixel((0, 0))
    assert isinstance(made, tuple)
    (before, saturation), (after, strong) = hue_and_saturation(color), hue_and_saturation(made)
    if saturation > 0.3 and strong > 0.15 and max(color) > 100:
        assert turned(before, after) <= WITHIN
    grey = luminance(plain(made)).getpixel((0, 0))  # type: ignore[arg-type]
    assert isinstance(grey, tuple) and abs(grey[0] - light) <= 2


def test_what_is_grey_is_told_from_what_is_not() -> None:
    assert is_grey(photo().convert("L").convert("RGB")) and not is_grey(photo())
    dot = photo().convert("L").convert("RGB")
    ImageDraw.Draw(dot).rectangle((3, 3, 9, 9), fill=(200, 40, 40))
    assert not is_grey(dot)


def walls() -> Image.Image:
    """Saturated areas: a red wall before grass and sky."""
    picture = Image.new("RGB", (96, 72), (60, 120, 220))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 40, 96, 72), fill=(70, 130, 60))
    draw.rectangle((30, 20, 66, 60), fill=(190, 60, 50))
    return picture


AREAS = {"sky": (4, 4, 90, 16), "grass": (2, 62, 94, 70), "wall": (34, 24, 62, 56)}


@pytest.mark.slow
@pytest.mark.parametrize("style", ["coloured", "grey"])
def test_a_red_wall_stays_red(style: str) -> None:
    like = painting() if style == "coloured" else painting().convert("L")
    chosen = Settings(size=96, evaluations=6, keep_colors=True)
    painted = StyleTransfer(walls(), [like], chosen).paint()
    for name, box in AREAS.items():
        there, here = (
            picture.resize(painted.size).crop(box).resize((1, 1)).getpixel((0, 0))
            for picture in (walls(), painted)
        )
        assert isinstance(there, tuple) and isinstance(here, tuple)
        hues = hue_and_saturation(there)[0], hue_and_saturation(here)[0]
        assert turned(*hues) <= WITHIN, name
    assert ImageChops.difference(painted, walls().resize(painted.size)).getbbox()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 3])
def test_grey_stays_grey(seed: int) -> None:
    chosen = Settings(size=64, evaluations=4, seed=seed)
    grey = [picture.convert("L") for picture in (photo(), painting())]
    painted = StyleTransfer(grey[0], [grey[1]], chosen).paint()
    red, green, blue = painted.split()
    assert red.tobytes() == green.tobytes() == blue.tobytes()
    assert len(set(painted.tobytes())) > 20  # and it is a picture


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["RGBA", "L", "P", "LA", "CMYK"])
def test_a_library_s_images_may_have_any_mode(mode: str) -> None:
    chosen = Settings(size=32, evaluations=1)
    transfer = StyleTransfer(photo().convert(mode), [painting().convert(mode)], chosen)
    assert transfer.paint().mode == "RGB"
