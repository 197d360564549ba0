"""`StyleTransfer` as a whole: one seed one picture, another seed another one."""

from __future__ import annotations

import pytest
from PIL import Image

from nst import StyleTransfer
from nst.settings import Settings
from nst.sizes import style_size
from tests.pictures import painting, photo

pytestmark = pytest.mark.slow


def paint(**options: object) -> Image.Image:
    settings = Settings(size=64, evaluations=4, **options)  # type: ignore[arg-type]
    return StyleTransfer(photo(), [painting()], settings).paint()


def difference(one: Image.Image, two: Image.Image) -> float:
    """Mean absolute difference, 0..255."""
    pairs = list(zip(one.tobytes(), two.tobytes(), strict=True))
    return sum(abs(a - b) for a, b in pairs) / len(pairs)


def test_a_seed_gives_the_same_picture_every_time(device: str) -> None:
    assert paint(seed=7, device=device).tobytes() == paint(seed=7, device=device).tobytes()
    assert paint(device=device).tobytes() == paint(seed=0, device=device).tobytes()


def test_another_seed_gives_a_variation_not_another_motif() -> None:
    first, other = paint(seed=0), paint(seed=7)
    assert 1 < difference(first, other) < difference(first, photo().resize(first.size)) + 40


def test_matching_the_palette_stays_closer_to_the_photographs() -> None:
    original = photo().resize((64, 48)).resize((1, 1))
    kept, free = paint(palette=True).resize((1, 1)), paint().resize((1, 1))
    assert difference(kept, original) < difference(free, original)


def test_a_continued_painting_keeps_the_strokes_it_has() -> None:
    earlier = paint(seed=7)
    settings = Settings(size=128, evaluations=4)
    large = Image.new("RGB", (200, 150))
    large.paste(photo().resize((200, 150)))
    transfer = StyleTransfer(large, [painting()], settings, earlier)
    assert {max(stage.width, stage.height) for stage in transfer.stages} == {128}
    continued = transfer.paint().resize(earlier.size)
    afresh = StyleTransfer(large, [painting()], settings).paint().resize(earlier.size)
    assert difference(continued, earlier) < difference(afresh, earlier)


def test_a_style_is_as_long_as_the_painting_but_no_wider_than_it_can_use() -> None:
    assert style_size((800, 600), (512, 384), 1.0) == (512, 384)
    assert style_size((800, 600), (512, 384), 0.5) == (256, 192)
    width, height = style_size((800, 800), (4000, 300), 1.0)
    assert width == height and width * height <= 2.01 * 4000 * 300
    assert min(style_size((800, 20), (64, 64), 0.1)) >= 16


def test_a_photograph_that_is_its_own_style_stays_as_it_is() -> None:
    transfer = StyleTransfer(photo(), [photo()], Settings(size=64, evaluations=4))
    highest = max(progress.losses.total for progress in transfer.steps())
    assert highest < 1e8
    assert difference(transfer.picture(), photo().resize(transfer.size)) < 40
