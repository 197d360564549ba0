"""Reads and writes every picture: from a file of any kind to a small sRGB image, and back to files.

Whatever people send comes through `load`: rotated by its EXIF tag, with a palette, transparency,
CMYK or 16 bits, from an iPhone (HEIC), animated, cut off, or made to explode when decoded. What
leaves it is upright, opaque, 8-bit sRGB and no larger than asked for, or one of two typed errors.
Limits are checked on the header, before a single pixel is decoded. This module needs no torch.
"""

from __future__ import annotations

import contextlib
import io
import signal
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

from PIL import (
    Image,
    ImageCms,
    ImageFile,
    ImageOps,
    PngImagePlugin,
    UnidentifiedImageError,
)

from nst.schedule import fitting

MAX_FILE_BYTES = 50 << 20
MAX_DECODED_BYTES = 256 << 20
"""What decoding may take; callers in a small memory pass less."""
MAX_SIDE = 30_000
SMALLEST = 2
"""Shorter sides than this are nobody's photograph."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")
DEADLINE = 60.0
"""Seconds that reading one picture may take; the largest that is allowed takes a few."""
PHOTO_BYTES = 10_000_000

_SIXTEEN_BITS = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")


class BadPicture(Exception):
    """The file can't be read as a picture; the message is a short reason."""

    picture: str | None = None
    """Which one, where the caller knows: "content" or "style"."""


class PictureTooLarge(Exception):
    """The picture would take more memory than there is, or the file is over the limit."""

    picture: str | None = None


def load(source: Path | str | bytes, longest: int, decoded: int = MAX_DECODED_BYTES) -> Image.Image:
    """Read a picture as RGB with a longest side of at least `longest`, unless it is smaller.

    The result is as near above `longest` as decoding makes it cheap; `fit` does the exact resize.
    `decoded` bounds the bytes that decoding may take. Raises `BadPicture` and `PictureTooLarge`.
    """
    with _typed_errors(), _deadline():
        data: io.BytesIO | Path
        if isinstance(source, bytes):
            length, data = len(source), io.BytesIO(source)
        else:
            data = Path(source)
            length = data.stat().st_size
        if length > MAX_FILE_BYTES:
            raise PictureTooLarge(f"the file has {length >> 20} MB, over {MAX_FILE_BYTES >> 20}")
        if length == 0:
            raise BadPicture("the file is empty")
        _register_heif()
        with Image.open(data, formats=FORMATS) as image:
            return _read(image, longest, decoded)


def _read(image: Image.Image, longest: int, decoded: int) -> Image.Image:
    width, height = image.size
    if min(width, height) < SMALLEST:
        raise BadPicture(f"it is only {width}×{height} pixels")
    # A JPEG decodes straight to 1/2, 1/4 or 1/8 of its size: 48 megapixels become 3.
    image.draft("RGB" if image.mode == "RGB" else image.mode, (longest, longest))
    _check_size(image, decoded)
    image.seek(0) if getattr(image, "is_animated", False) else None
    profile = image.info.get("icc_profile")
    image.load()
    orientation = image.getexif().get(0x0112, 1)
    image = _shrink(_plain(image), longest)
    image = _to_srgb(image, profile)
    image = _opaque(image)
    image.info.clear()
    return _upright(image, orientation)


def _check_size(image: Image.Image, decoded: int) -> None:
    width, height = image.size
    bands = max(len(image.getbands()), 3)
    wide = 4 if image.mode in _SIXTEEN_BITS else 1
    # Decoded pixels, and once more as much while they are converted.
    needed = width * height * bands * wide * 3 // 2
    if max(width, height) > MAX_SIDE or needed > decoded:
        raise PictureTooLarge(f"{width}×{height} pixels are more than there is memory for")


def _plain(image: Image.Image) -> Image.Image:
    """To one of L, RGB, RGBA, CMYK: 8 bits a channel, no palette."""
    if image.mode in _SIXTEEN_BITS:
        return _from_wide(image)
    if image.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "RGBA", "CMYK"):
        return image
    return image.convert("RGB")


def _from_wide(image: Image.Image) -> Image.Image:
    """16 or 32 bits a channel: scale to 0..255 instead of clipping, as Pillow would."""
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
    """Reduce by a whole factor, to no less than `longest`: quick, and it saves what follows."""
    factor = max(image.size) // max(longest, 1)
    return image.reduce(factor) if factor >= 2 else image


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert with the picture's own colour profile where it has a sound one."""
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
        return image  # A broken or unfitting profile is common: paint the plain numbers.
    if converted is None:
        return image
    if alpha:
        converted.putalpha(alpha)
    return converted


def _opaque(image: Image.Image) -> Image.Image:
    """To RGB; transparency shows white, as chats show it on their day theme."""
    if image.mode != "RGBA":
        return image if image.mode == "RGB" else image.convert("RGB")
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(image, mask=image.getchannel("A"))
    return canvas


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    """Turn by the EXIF orientation (1..8), and keep nothing else of the EXIF."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.info["exif"] = exif.tobytes()
    turned = ImageOps.exif_transpose(image)
    turned.info.clear()
    return turned


def fit(image: Image.Image, longest: int) -> Image.Image:
    """Resize to exactly this longest side, keeping the ratio."""
    return resize(image, fitting(image.size, longest))


def resize(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Resize to width × height with a filter that neither blurs nor aliases."""
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


def _register_heif() -> None:
    """Teach Pillow HEIC. Without the package such files are bad pictures, and all else works."""
    with contextlib.suppress(ImportError):
        import pi_heif

        pi_heif.register_heif_opener()


@contextlib.contextmanager
def _deadline() -> Iterator[None]:
    """Give up on a file that keeps a decoder busy; where the system and the thread allow it."""
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def give_up(signum: int, frame: object) -> None:
        raise BadPicture(f"reading it takes more than {DEADLINE:.0f} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, DEADLINE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _typed_errors() -> Iterator[None]:
    """Whatever a decoder raises becomes `BadPicture`; libraries raise nearly anything."""
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
    except FileNotFoundError as error:
        raise BadPicture("there is no such file") from error
    except UnidentifiedImageError as error:
        raise BadPicture("it is not a picture of a kind that can be read") from error
    except Exception as error:
        reason = "it is cut off" if "truncated" in str(error) else "it is damaged"
        raise BadPicture(reason) from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = truncated
