"""Whatever people or attackers send ends as a small plain picture or as one typed error."""

from __future__ import annotations

import io
import os
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from nst.images import BadPicture, PictureTooLarge, load, save_jpeg, save_png
from nst.machine import environment
from tests.trials.mutants import originals, try_mutants

ORIGINALS = originals()
PLACE = b"55.7558,37.6173-my-garden"
"""Where somebody lives; must not be found in anything that we write."""


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG that says so of itself."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunk(*c) for c in chunks) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", sorted(ORIGINALS))
def test_every_kind_comes_in_plain(kind: str) -> None:
    loaded = load(ORIGINALS[kind], 256)
    assert loaded.mode == "RGB" and not loaded.info and not loaded.getexif()
    assert min(loaded.size) >= 2


@pytest.mark.parametrize("kind", sorted(ORIGINALS))
def test_a_wrong_extension_does_not_matter(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.doc"
    path.write_bytes(ORIGINALS[kind])
    assert load(path, 256).mode == "RGB"


@pytest.mark.parametrize("kind", sorted(ORIGINALS))
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7])
def test_a_truncated_file_is_a_picture_or_a_bad_one(kind: str, share: float) -> None:
    data = ORIGINALS[kind]
    try:
        assert load(data[: max(1, int(len(data) * share))], 256).mode == "RGB"
    except BadPicture as error:
        assert str(error)


@pytest.mark.parametrize("data", [b"", bytes(1), bytes(100_000)], ids=["none", "zero", "zeros"])
def test_zero_bytes_are_a_bad_picture(data: bytes) -> None:
    with pytest.raises(BadPicture):
        load(data, 256)


@pytest.mark.parametrize(
    "data",
    [
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>',
        b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n",
        b"PK\x03\x04" + bytes(200),
        b"GIF89a" + bytes(3),
        b"8BPS\x00\x01" + bytes(60),
    ],
    ids=["svg", "pdf", "postscript", "zip", "gif head", "photoshop"],
)
def test_what_is_no_photograph_is_a_bad_picture(data: bytes) -> None:
    with pytest.raises(BadPicture):
        load(data, 256)


def test_a_decompression_bomb_is_refused_before_it_goes_off() -> None:
    bomb = png(29_000, 29_000, (b"IDAT", zlib.compress(bytes(1 << 20))))
    began = time.monotonic()
    with pytest.raises(PictureTooLarge):
        load(bomb, 256)
    assert time.monotonic() - began < 5


def test_a_bomb_in_the_text_of_a_picture_is_harmless() -> None:
    text = b"Comment\0\0" + zlib.compress(bytes(80 << 20))
    data = png(8, 8, (b"zTXt", text), (b"IDAT", zlib.compress(bytes((8 * 3 + 1) * 8))))
    try:
        assert load(data, 256).size == (8, 8)
    except BadPicture as error:
        assert str(error)


def test_a_dot_is_refused_and_a_thread_of_pixels_too() -> None:
    for size in ((1, 1), (1, 20_000), (20_000, 1)):
        with pytest.raises(BadPicture):
            load(encoded(Image.new("RGB", size), "PNG"), 256)


def test_twenty_megabytes_of_noise_come_in_small() -> None:
    noise = Image.frombytes("RGB", (2600, 2600), os.urandom(2600 * 2600 * 3))
    data = encoded(noise, "PNG", compress_level=0)
    assert len(data) > 20_000_000
    assert 256 <= max(load(data, 256).size) < 512


def test_rubbish_for_exif_and_profile_leaves_the_picture() -> None:
    image = Image.new("RGB", (40, 30), (10, 200, 30))
    for rubbish in (b"Exif\0\0" + os.urandom(400), b"Exif\0\0MM\0*\xff\xff\xff\xff", b"\xff" * 60):
        loaded = load(encoded(image, "JPEG", exif=rubbish, icc_profile=os.urandom(500)), 256)
        assert loaded.size in ((40, 30), (30, 40))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_where_a_photo_was_taken_is_in_nothing_that_we_write(kind: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    exif.get_ifd(0x8825)[29] = PLACE.decode()  # GPSDateStamp: any text
    options: dict[str, Any] = {"exif": exif}
    if kind in ("JPEG", "WEBP"):
        options["xmp"] = b"<x:xmpmeta>" + PLACE + b"</x:xmpmeta>"
    data = encoded(Image.new("RGB", (60, 40), "teal"), kind, **options)
    assert PLACE in data
    loaded = load(data, 256)
    save_png(loaded, tmp_path / "a.png", '{"seed": 1}')
    save_jpeg(loaded, tmp_path / "a.jpg")
    for path in (tmp_path / "a.png", tmp_path / "a.jpg"):
        written = path.read_bytes()
        assert PLACE not in written and b"Exif" not in written and b"xmp" not in written.lower()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(sorted(ORIGINALS)),
    at=st.floats(0, 1),
    gone=st.integers(0, 40),
    new=st.binary(max_size=40),
    longest=st.integers(1, 4000),
    decoded=st.integers(0, 1 << 24),
)
def test_any_wound_ends_as_a_plain_picture_or_a_typed_error(  # noqa: PLR0917
    kind: str, at: float, gone: int, new: bytes, longest: int, decoded: int
) -> None:
    data = ORIGINALS[kind]
    cut = int(at * len(data))
    try:
        loaded = load(data[:cut] + new + data[cut + gone :], longest, decoded)
    except (BadPicture, PictureTooLarge) as error:
        assert str(error)
    else:
        assert loaded.mode == "RGB" and not loaded.info
        assert loaded.width * loaded.height * 3 <= max(decoded, 3 * 96 * 96)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_bad_picture(data: bytes) -> None:
    with pytest.raises((BadPicture, PictureTooLarge)):
        load(data, 256)


@pytest.mark.slow
def test_hundreds_of_mutants_end_in_time_and_in_memory() -> None:
    """`python -m bench reliability` tries thousands."""
    before = environment.peak_total_mb()
    tried = try_mutants(seed=20, number=400)
    assert tried["complaints"] == []
    assert tried["picture"] > 20 and tried["bad picture"] > 100
    assert tried["peak RSS, MB"] < before + 150  # Other tests may have left this process large.


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_without_its_last_two_bytes_is_whole(orientation: int, progressive: bool) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    noise = Image.effect_noise((200, 150), 60).convert("RGB")
    whole = encoded(noise, "JPEG", exif=exif, progressive=progressive)
    assert load(whole[:-2], 256).tobytes() == load(whole, 256).tobytes()
    for missing in (len(whole) // 3, len(whole) // 2):
        with pytest.raises(BadPicture, match="cut off"):
            load(whole[:-missing], 256)
