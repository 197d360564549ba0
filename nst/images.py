"""Reads pictures of many formats as small sRGB images, and writes images to files.

`load` reads whatever people send: rotated by an EXIF tag, with a palette, transparency, CMYK or 16
bits, from an iPhone (HEIC), animated, truncated, or a decompression bomb. It returns an upright,
opaque, 8-bit RGB image in sRGB, or raises one of two errors. Limits are checked on the header,
before any pixel is decoded. This module doesn't need torch.
"""

from __future__ import annotations

import contextlib
import io
import stat
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from PIL import (
    Image,
    ImageChops,
    ImageCms,
    ImageFile,
    ImageOps,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
)

from nst.schedule import fitting

MAX_FILE_BYTES = 50 << 20
MAX_DECODED_BYTES = 256 << 20
"""How much memory decoding may take; callers with less memory pass a smaller limit."""
MAX_SIDE = 30_000
SMALLEST = 2
"""Least pixels of the shorter side: anything smaller is no photograph."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")
_BYTES_A_PIXEL = {"WEBP": 16, "AVIF": 12, "HEIF": 12}
"""Bytes that these decoders take per pixel: planes, canvases, and the RGB made of them. For other
formats the mode tells. Files that are made to take more are in `tests/nst/test_reading.py`."""
_PROGRESSIVE_BYTES_A_PIXEL = 6
"""A progressive JPEG's coefficients, which are kept at full size however small it is decoded."""
PHOTO_BYTES = 10_000_000

_BLOCK = 16
"""Rows of pixels that a JPEG's blocks take, at most."""
_LAST_BYTES = 8  # that may be padding, or say nothing new
_TILE_WIDTH, _TILE_LENGTH, _SAMPLES, _BITS = 322, 323, 277, 258
"""Tags of TIFF."""
_SIXTEEN_BITS = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")


class BadPicture(Exception):
    """The file can't be read as a picture; the message is a short reason."""

    picture: str | None = None
    """Which picture it was, if the caller knows: "content", "style" or "start"."""


class PictureTooLarge(Exception):
    """The picture would take more memory than allowed, or its file is over the limit."""

    picture: str | None = None


def load(
    source: Path | str | bytes | BinaryIO, longest: int, decoded: int = MAX_DECODED_BYTES
) -> Image.Image:
    """Read a picture as RGB with a longest side of at least `longest`, unless it is smaller.

    The result is as near above `longest` as decoding makes it cheap; `fit` does the exact resize.
    `decoded` bounds the bytes that decoding may take, by what the file says of itself. A file of
    somebody else's is better opened by `nst.reading`, where the kernel bounds it, too. Raises
    `BadPicture` and `PictureTooLarge`.
    """
    with _typed_errors():
        data: io.BytesIO | Path | BinaryIO
        if isinstance(source, bytes):
            data = io.BytesIO(source)
            _check_length(len(source))
        elif isinstance(source, str | Path):
            data = Path(source)
            check_file(data)
        else:
            data = source
        register_heif()
        _check_webp(data, decoded)
        try:
            with Image.open(data, formats=FORMATS) as image:
                return _read(image, longest, decoded)
        except OSError as error:
            if "truncated" not in str(error):
                raise
            return _read_unfinished(data, longest, decoded)


def check_file(path: str | Path) -> None:
    """Raise `BadPicture` where there is no such file or nothing in it, `PictureTooLarge`."""
    try:
        found = Path(path).stat()
    except OSError as error:
        raise BadPicture("there is no such file") from error
    if not stat.S_ISREG(found.st_mode):
        raise BadPicture("it is no file")
    _check_length(found.st_size)


def _check_length(length: int) -> None:
    if length > MAX_FILE_BYTES:
        raise PictureTooLarge(f"the file has {length >> 20} MB, over {MAX_FILE_BYTES >> 20}")
    if length == 0:
        raise BadPicture("the file is empty")


def _read(image: Image.Image, longest: int, decoded: int) -> Image.Image:
    width, height = image.size
    if min(width, height) < SMALLEST:
        raise BadPicture(f"it is only {width}×{height} pixels")
    planes = _PROGRESSIVE_BYTES_A_PIXEL * width * height if "progressive" in image.info else 0
    # A JPEG decodes straight to 1/2, 1/4 or 1/8 of its size: 48 megapixels become 3.
    image.draft("RGB" if image.mode == "RGB" else image.mode, (longest, longest))
    _check_size(image, decoded - planes)
    image.seek(0) if getattr(image, "is_animated", False) else None
    profile = image.info.get("icc_profile")
    image.load()
    orientation = image.getexif().get(0x0112, 1)
    image = _shrink(_plain(image), longest)
    image = _to_srgb(image, profile)
    image = _opaque(image)
    image.info.clear()
    return _upright(image, orientation)


def _read_unfinished(
    source: io.BytesIO | Path | BinaryIO, longest: int, decoded: int
) -> Image.Image:
    """Read a JPEG that lacks its end, where all of its rows are there; else `BadPicture`.

    Many a camera and many a transfer leave out the last two bytes, which hold no pixel. Where rows
    are missing the decoder makes up for them, and doesn't tell. What does is where the picture
    changes with one byte less: in its last blocks if the data go as far.
    """
    if isinstance(source, Path):
        data = source.read_bytes()
    else:
        source.seek(0)
        data = source.read()

    def pixels(length: int) -> Image.Image:
        with Image.open(io.BytesIO(data[:length]), formats=("JPEG",)) as image:
            image.draft("RGB" if image.mode == "RGB" else image.mode, (longest, longest))
            _check_size(image, decoded)
            return image.convert("RGB")

    ImageFile.LOAD_TRUNCATED_IMAGES = True  # until `_typed_errors` sets it back
    whole = pixels(len(data))
    for missing in range(1, _LAST_BYTES):
        if changed := ImageChops.difference(whole, pixels(len(data) - missing)).getbbox():
            if changed[3] < whole.height or changed[1] < whole.height - _BLOCK:
                break
            with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
                return _read(image, longest, decoded)
    raise BadPicture("it is cut off")


def _check_size(image: Image.Image, decoded: int) -> None:
    width, height = image.size
    bands = max(len(image.getbands()), 3)
    wide = 4 if image.mode in _SIXTEEN_BITS else 1
    # Decoded pixels, and half as much while they are converted.
    pixel = max(bands * wide * 3 // 2, _BYTES_A_PIXEL.get(image.format or "", 0))
    needed = width * height * pixel + _tile_bytes(image)
    if max(width, height) > MAX_SIDE or needed > decoded:
        raise PictureTooLarge(f"{width}×{height} pixels are more than there is memory for")


def _check_webp(source: io.BytesIO | Path | BinaryIO, decoded: int) -> None:
    """Raise `PictureTooLarge` for a WebP with too many pixels: Pillow takes memory as it opens it.

    By the container's specification: the canvas of VP8X, else the frame of VP8L or VP8.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            head = file.read(30)
    else:
        head = source.read(30)
        source.seek(0)
    if len(head) < 30 or head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return
    kind, number = head[12:16], int.from_bytes
    if kind == b"VP8X":
        size = number(head[24:27], "little") + 1, number(head[27:30], "little") + 1
    elif kind == b"VP8L":
        bits = number(head[21:25], "little")
        size = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        size = number(head[26:28], "little") & 0x3FFF, number(head[28:30], "little") & 0x3FFF
    if size[0] * size[1] * _BYTES_A_PIXEL["WEBP"] > decoded:
        raise PictureTooLarge(f"{size[0]}×{size[1]} pixels are more than there is memory for")


def _tile_bytes(image: Image.Image) -> int:
    """What one tile of a TIFF takes: its size is the file's own, whatever the picture's is."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return 0
    sides = [image.tag_v2.get(tag, 0) for tag in (_TILE_WIDTH, _TILE_LENGTH)]
    samples = image.tag_v2.get(_SAMPLES, 1)
    bits = max(image.tag_v2.get(_BITS, (8,)))
    return int(sides[0] * sides[1] * samples * bits) // 8


def _plain(image: Image.Image) -> Image.Image:
    """Convert to one of L, RGB, RGBA and CMYK: 8 bits per channel, no palette."""
    if image.mode in _SIXTEEN_BITS:
        return _from_wide(image)
    if image.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "RGBA", "CMYK"):
        return image
    return image.convert("RGB")


def _from_wide(image: Image.Image) -> Image.Image:
    """Convert 16 or 32 bits per channel to L, scaled to 0..255; Pillow would clip instead."""
    if image.mode.startswith("I;16"):
        top = 65535.0
    else:
        extrema = image.getextrema()
        high = extrema[1]
        assert isinstance(high, int | float)
        top = 65535.0 if 255 < high <= 65535 else max(float(high), 255.0)
        if image.mode == "F" and high <= 1:
            top = 1.0
    wide = image.convert("F") if image.mode != "F" else image
    return wide.point(lambda value: value * (255.0 / top)).convert("L")


def _shrink(image: Image.Image, longest: int) -> Image.Image:
    """Reduce by an integer factor to no less than `longest`, so that later steps cost less."""
    factor = max(image.size) // max(longest, 1)
    return image.reduce(factor) if factor >= 2 else image


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert to sRGB from the picture's own colour profile, if it has a valid one."""
    if not profile:
        return image
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colors = image.convert("RGB") if alpha else image
    try:
        embedded = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            colors, embedded, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # Broken or mismatched profiles are common: take the values as sRGB.
    if converted is None:
        return image
    if alpha:
        converted.putalpha(alpha)
    return converted


def _opaque(image: Image.Image) -> Image.Image:
    """Convert to RGB, on white where it is transparent, as in a chat's light theme."""
    if image.mode != "RGBA":
        return image if image.mode == "RGB" else image.convert("RGB")
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image.getchannel("A"))
    return canvas


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    """Apply the EXIF orientation (1..8), and drop the metadata."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.info["exif"] = exif.tobytes()
    turned = ImageOps.exif_transpose(image)
    turned.info.clear()
    return turned


def as_rgb(image: Image.Image) -> Image.Image:
    """The image in RGB, of whatever mode it is; transparency shows white."""
    return image if image.mode == "RGB" else _opaque(_plain(image))


def fit(image: Image.Image, longest: int) -> Image.Image:
    """Resize to exactly this longest side, keeping the aspect ratio."""
    return resize(image, fitting(image.size, longest))


def resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Resize to width × height with Lanczos resampling, which neither blurs nor aliases."""
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)


def save_png(image: Image.Image, path: Path, recipe: str) -> None:
    """Write a PNG with the recipe as its only metadata."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", "style-transfer-bot")
    info.add_itxt("Recipe", recipe)
    image.save(path, "PNG", pnginfo=info)


def save_jpeg(image: Image.Image, path: Path, quality: int = 95, limit: int = PHOTO_BYTES) -> None:
    """Write a JPEG without metadata, at the highest quality that stays within `limit` bytes."""
    while True:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, subsampling=0 if quality > 80 else 2)
        if buffer.tell() <= limit or quality <= 30:
            path.write_bytes(buffer.getbuffer())
            return
        quality -= 7


def register_heif() -> None:
    """Teach Pillow HEIC. Without the package such files are bad pictures, and all else works."""
    with contextlib.suppress(ImportError):
        import pi_heif

        pi_heif.register_heif_opener()


@contextlib.contextmanager
def _typed_errors() -> Iterator[None]:
    """Turn whatever a decoder raises, nearly anything, into `BadPicture` or `PictureTooLarge`."""
    truncated = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (BadPicture, PictureTooLarge, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge("it has more pixels than any camera") from error
    except UnidentifiedImageError as error:
        raise BadPicture("it is not a picture of a kind that can be read") from error
    except Exception as error:
        reason = "it is cut off" if "truncated" in str(error) else "it is damaged"
        raise BadPicture(reason) from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = truncated
