"""A stranger's file is opened in a process of its own, which may die, and does no harm."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from data.config import ROOT
from nst import reading
from nst.images import BadPicture, PictureTooLarge, load
from nst.reading import read
from tests.pictures import encoded, photo
from tests.trials.mutants import originals

ORIGINALS = originals()
pytestmark = pytest.mark.slow  # each starts processes

MOST_MB = 300
SECONDS = 10

MEASURED = """
import json, resource, sys
from nst.images import BadPicture, PictureTooLarge
from nst.reading import read
try:
    said = list(read(sys.argv[1], 512).size)
except (BadPicture, PictureTooLarge) as error:
    said = type(error).__name__
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([said, used.ru_maxrss * 1024 / 1e6, used.ru_utime + used.ru_stime]))
"""


def measured(path: Path) -> tuple[object, float, float]:
    """What reading the file gives, the decoder's peak in MB, and its processor's seconds."""
    command = [sys.executable, "-c", MEASURED, str(path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    said, megabytes, seconds = json.loads(ran.stdout)
    return said, megabytes, seconds


@pytest.mark.parametrize("kind", sorted(ORIGINALS))
def test_every_kind_comes_as_it_would_in_this_process(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(ORIGINALS[kind])
    here, there = load(path, 256), read(path, 256)
    assert (there.mode, there.size) == ("RGB", here.size)
    assert there.tobytes() == here.tobytes()


def tile() -> bytes:
    """A TIFF of 64 × 64 pixels in one tile of 8192 × 16384: 400 kB that decode to 400 MB."""
    width, height = 8_192, 16_384
    pack = zlib.compressobj(9)
    rows = bytes(width * 3 * 256)
    data = b"".join(pack.compress(rows) for _ in range(height // 256)) + pack.flush()
    at = 8 + 2 + 12 * 11 + 4
    values = (
        (256, 4, 64), (257, 4, 64), (258, 3, at), (259, 3, 8), (262, 3, 2), (277, 3, 3),
        (284, 3, 1), (322, 4, width), (323, 4, height), (324, 4, at + 6), (325, 4, len(data)),
    )  # fmt: skip
    entries = b"".join(
        struct.pack("<HHII", tag, kind, 3 if tag == 258 else 1, value)
        for tag, kind, value in values
    )
    head = b"II*\0" + struct.pack("<IH", 8, 11) + entries + struct.pack("<I", 0)
    return head + struct.pack("<HHH", 8, 8, 8) + data


def solid_webp() -> bytes:
    """A lossless WebP of 7722 × 7722 pixels of one colour: 38 bytes that took 956 MB."""
    return bytes.fromhex(
        "524946461e000000574542505650384c110000002f295e8a0707508f2217a5ff8188e87f0000"
    )


def plain(kind: str, size: tuple[int, int], mode: str = "RGB", **options: object) -> bytes:
    """A picture of one colour."""
    buffer = io.BytesIO()
    Image.new(mode, size).save(buffer, kind, **options)
    return buffer.getvalue()


BOMBS = {
    "tiff": tile,
    "webp": solid_webp,
    "png": lambda: plain("PNG", (14_000, 14_000), "1"),
    "gif": lambda: plain("GIF", (12_000, 12_000), "P"),
    "jpeg": lambda: plain("JPEG", (9_000, 9_000), "L", progressive=True, quality=20),
    "avif": lambda: plain("AVIF", (6_000, 6_000), speed=10),
    "bmp": lambda: plain("BMP", (18_000, 18_000), "1"),
}


@pytest.mark.parametrize("kind", sorted(BOMBS))
def test_a_bomb_of_each_kind_takes_little_memory_and_little_time(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(BOMBS[kind]())
    said, megabytes, seconds = measured(path)
    assert said in ("BadPicture", "PictureTooLarge") or isinstance(said, list)
    assert megabytes <= MOST_MB and seconds <= SECONDS


def test_a_camera_s_fifty_megapixels_open(tmp_path: Path) -> None:
    path = tmp_path / "camera.jpg"
    path.write_bytes(plain("JPEG", (8_688, 5_792)))
    said, megabytes, _ = measured(path)
    assert isinstance(said, list) and max(said) >= 512 and megabytes <= MOST_MB


def spoilt(folder: Path, code: str) -> None:
    """Have every decoding process do this instead of its work."""
    (folder / "sitecustomize.py").write_text(
        f"import sys\nif 'nst.decode' in sys.orig_argv:\n    {code}\n"
    )


@pytest.fixture
def picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    path = tmp_path / "photo.png"
    path.write_bytes(encoded(photo()))
    return path


def test_a_decoder_that_never_ends_is_killed_by_the_kernel(picture: Path) -> None:
    spoilt(
        picture.parent,
        "import nst.decode as d, nst.images as i; d.CPU_SECONDS = 1\n"
        "    def spin(*_):\n        while True: pass\n"
        "    i._read = spin\n    sys.exit(d.main(sys.orig_argv[-2:]))",
    )
    with pytest.raises(BadPicture, match="too long"):
        read(picture, 256)


def test_a_decoder_that_sleeps_for_ever_is_killed_by_its_parent(
    picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt(picture.parent, "import time; time.sleep(3600)")
    monkeypatch.setattr(reading, "DEADLINE", 1.0)
    with pytest.raises(BadPicture, match="too long"):
        read(picture, 256)


@pytest.mark.parametrize(
    ("death", "error"),
    [
        ("import os; os.abort()", BadPicture),
        ("import os; os.kill(os.getpid(), 9)", PictureTooLarge),
        ("print('nonsense'); sys.exit()", BadPicture),
        ("print('{\"size\": [9, 9]}'); sys.exit()", BadPicture),
        ("sys.exit(3)", BadPicture),
    ],
)
def test_whatever_kills_the_decoder_is_a_typed_error(
    picture: Path, death: str, error: type[Exception]
) -> None:
    spoilt(picture.parent, death)
    with pytest.raises(error):
        read(picture, 256)


def test_memory_is_bounded_whatever_the_file_says_of_itself(picture: Path) -> None:
    spoilt(
        picture.parent,
        "import nst.decode as d, nst.images as i\n"
        "    i._read = lambda *_: bytearray(2 << 30)\n    sys.exit(d.main(sys.orig_argv[-2:]))",
    )
    with pytest.raises(PictureTooLarge):
        read(picture, 256)


def test_a_decoder_is_told_nothing_and_writes_no_file(
    picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, written = picture.parent / "told", picture.parent / "written"
    monkeypatch.setenv("BOT_TOKEN", "42:planted")
    spoilt(
        picture.parent,
        "import os, nst.decode as d, nst.images as i\n"
        f"    open({str(told)!r}, 'w').write(repr(dict(os.environ)))\n"
        f"    def write(*_): open({str(written)!r}, 'wb').write(b'x')\n"
        "    i._read = write\n    sys.exit(d.main(sys.orig_argv[-2:]))",
    )
    with pytest.raises(BadPicture):
        read(picture, 256)
    assert "planted" not in told.read_text()
    assert not written.exists() or written.stat().st_size == 0


@pytest.mark.parametrize("made", [Path.mkdir, os.mkfifo, Path.touch])
def test_what_is_no_file_is_a_bad_picture(made: object, tmp_path: Path) -> None:
    path = tmp_path / "picture"
    made(path)  # type: ignore[operator]
    with pytest.raises(BadPicture):
        read(path, 256)
    with pytest.raises(BadPicture):
        read(tmp_path / "none", 256)
