"""Whatever people send comes in upright, opaque, 8-bit sRGB and small, or as one typed error."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageCms

from nst.images import (
    PHOTO_BYTES,
    BadPicture,
    PictureTooLarge,
    fit,
    fitting,
    load,
    save_jpeg,
    save_png,
)
from tests.nst.pictures import photograph

SIZE = (80, 60)
FILES = Path(__file__).parent / "files"
"""HEIC needs an encoder that the tests don't have: this is `photograph(80, 60)`."""


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def largest_difference(a: Image.Image, b: Image.Image) -> int:
    assert a.size == b.size and a.mode == b.mode == "RGB"
    return max(high for _, high in ImageChops.difference(a, b).getextrema())  # type: ignore[misc]


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    return photograph(*SIZE)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP"])
def test_lossless_kinds_come_in_as_they_are(picture: Image.Image, kind: str) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    assert largest_difference(load(encoded(picture, kind, **options), 512), picture) == 0


@pytest.mark.parametrize("kind", ["JPEG", "AVIF"])
def test_lossy_kinds_come_in_nearly_as_they_are(picture: Image.Image, kind: str) -> None:
    loaded = load(encoded(picture, kind, quality=95), 512)
    assert largest_difference(loaded.resize((20, 15)), picture.resize((20, 15))) < 16


def test_heic_from_a_phone_comes_in(picture: Image.Image) -> None:
    loaded = load(FILES / "photograph.heic", 512)
    assert largest_difference(loaded.resize((20, 15)), picture.resize((20, 15))) < 16


def test_cut_off_heic_is_a_bad_picture() -> None:
    data = (FILES / "photograph.heic").read_bytes()
    for share in (0.1, 0.5, 0.9):
        with pytest.raises(BadPicture):
            load(data[: int(len(data) * share)], 512)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_turns_the_picture_upright(picture: Image.Image, orientation: int) -> None:
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = picture.transpose(undo[orientation]) if orientation in undo else picture
    exif = Image.Exif()
    exif[0x0112] = orientation
    loaded = load(encoded(stored, "PNG", exif=exif), 512)
    assert largest_difference(loaded, picture) == 0


def test_palette_with_transparency_shows_white_behind_it() -> None:
    image = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 20, 40))
    loaded = load(encoded(image.quantize(4), "PNG"), 512)
    assert loaded.mode == "RGB"
    assert loaded.getpixel((30, 20)) == (255, 255, 255)
    assert loaded.getpixel((10, 20)) == (0, 0, 255)


def test_half_transparent_is_mixed_with_white() -> None:
    loaded = load(encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 128)), "PNG"), 512)
    assert loaded.getpixel((5, 5)) == (127, 127, 127)


def test_grey_with_alpha_comes_in() -> None:
    loaded = load(encoded(Image.new("LA", (20, 20), (100, 255)), "PNG"), 512)
    assert loaded.getpixel((5, 5)) == (100, 100, 100)


def test_cmyk_jpeg_has_the_right_colours() -> None:
    image = Image.new("CMYK", (32, 32), (0, 255, 255, 0))  # Red: no cyan, all magenta and yellow.
    red, green, blue = load(encoded(image, "JPEG"), 512).getpixel((8, 8))  # type: ignore[misc]
    assert red > 200 and green < 60 and blue < 60


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    image = Image.new("I;16", (32, 32), 32768)
    grey = load(encoded(image, "PNG"), 512).getpixel((8, 8))
    assert grey in ((127, 127, 127), (128, 128, 128))


def test_animation_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (30, 30), color) for color in ("red", "lime", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert load(data, 512).getpixel((5, 5)) == (255, 0, 0)


def test_colour_profile_is_converted_to_srgb() -> None:
    """A profile with exchanged meaning must change the numbers; a broken one must not matter."""
    image = Image.new("RGB", (16, 16), (200, 100, 50))
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert load(encoded(image, "PNG", icc_profile=lab), 512).getpixel((3, 3)) == (200, 100, 50)
    broken = load(encoded(image, "PNG", icc_profile=b"no profile at all"), 512)
    assert broken.getpixel((3, 3)) == (200, 100, 50)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_cut_off_files_are_bad_pictures(picture: Image.Image, kind: str, share: float) -> None:
    data = encoded(picture.convert("P") if kind == "GIF" else picture, kind)
    with pytest.raises(BadPicture):
        load(data[: int(len(data) * share)], 512)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"%PDF-1.7 \n",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"GIF89a" + b"\0" * 20,
    ],
)
def test_what_is_no_picture_is_a_bad_picture_with_a_short_reason(data: bytes) -> None:
    with pytest.raises(BadPicture) as caught:
        load(data, 512)
    assert 0 < len(str(caught.value)) < 80


def test_missing_file_and_folder_are_bad_pictures(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jpg", tmp_path):
        with pytest.raises(BadPicture):
            load(path, 512)


def png_header(width: int, height: int) -> bytes:
    """A valid beginning of a PNG that claims this size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000))


@pytest.mark.parametrize("size", [(30_000, 30_000), (200_000, 10), (20_000, 8_000)])
def test_bombs_are_refused_by_their_header(size: tuple[int, int]) -> None:
    with pytest.raises(PictureTooLarge):
        load(png_header(*size), 512)


def test_a_small_memory_refuses_what_it_can_t_decode(picture: Image.Image) -> None:
    data = encoded(photograph(400, 300), "PNG")
    with pytest.raises(PictureTooLarge):
        load(data, 512, decoded=100_000)


def test_a_large_jpeg_is_decoded_small() -> None:
    """12 megapixels fit where their plain decoding would not."""
    data = encoded(Image.new("RGB", (4000, 3000), (9, 99, 199)), "JPEG")
    loaded = load(data, 512, decoded=4_000_000)
    assert 512 <= max(loaded.size) < 1024


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1)])
def test_a_single_row_is_a_bad_picture(size: tuple[int, int]) -> None:
    with pytest.raises(BadPicture, match="only"):
        load(encoded(Image.new("RGB", size), "PNG"), 512)


def test_extreme_ratios_come_in_and_keep_their_ratio() -> None:
    loaded = load(encoded(Image.new("RGB", (4000, 300)), "PNG"), 1000)
    assert fit(loaded, 1000).size == (1000, 75)


def test_result_is_never_smaller_than_asked_for_unless_the_picture_is() -> None:
    data = encoded(Image.new("RGB", (1900, 700)), "JPEG")
    assert max(load(data, 512).size) >= 512
    assert load(encoded(Image.new("RGB", (90, 40)), "PNG"), 512).size == (90, 40)


def test_fitting_keeps_the_ratio_and_never_reaches_zero() -> None:
    assert fitting((1024, 768), 512) == (512, 384)
    assert fitting((10_000, 3), 100) == (100, 1)


def test_nothing_of_the_exif_reaches_what_is_written(tmp_path: Path, picture: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    loaded = load(encoded(picture, "JPEG", exif=exif, comment=b"my house"), 512)
    save_png(loaded, tmp_path / "a.png", "{}")
    save_jpeg(loaded, tmp_path / "a.jpg")
    for path in (tmp_path / "a.png", tmp_path / "a.jpg"):
        data = path.read_bytes()
        assert b"SecretCamera" not in data and b"my house" not in data and b"Exif" not in data
        with Image.open(path) as written:
            assert not written.getexif()


def test_png_carries_its_recipe(tmp_path: Path, picture: Image.Image) -> None:
    save_png(picture, tmp_path / "a.png", '{"seed": 7}')
    with Image.open(tmp_path / "a.png") as written:
        assert written.info["Recipe"] == '{"seed": 7}'


def test_jpeg_stays_within_its_limit(tmp_path: Path) -> None:
    noisy = Image.effect_noise((600, 600), 120).convert("RGB")
    save_jpeg(noisy, tmp_path / "a.jpg", limit=150_000)
    assert (tmp_path / "a.jpg").stat().st_size <= 150_000
    assert PHOTO_BYTES <= 10_000_000


def test_intake_needs_no_torch() -> None:
    code = "import sys, nst.images, nst.settings, nst.messages; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
