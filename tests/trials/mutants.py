"""Broken pictures by the thousand: each ends as a picture or as one typed error, in time.

`python -m tests.trials.mutants SEED FIRST NUMBER` reads that many mutants in a process of its own,
under a memory limit, and says one line of JSON for each; `try_mutants` starts it, and starts it
again after whatever a mutant did to it.
"""

from __future__ import annotations

import faulthandler
import io
import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DEADLINE = 30  # seconds for one picture, and the machine may be busy
LIMIT_MB = 700  # address space beside what the interpreter and its libraries take
DECODED = 32 << 20  # bytes that decoding may take, as a child in a small memory would say
LONGEST = 256


def originals() -> dict[str, bytes]:
    """A small valid file of every kind that people send."""
    from PIL import Image, ImageCms

    from tests.trials.orders import picture

    rgb = Image.open(io.BytesIO(picture(5, 96))).convert("RGB")
    rgba = rgb.copy()
    rgba.putalpha(rgb.convert("L"))
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    exif.get_ifd(0x8825)[1] = "N"
    frames = [rgb.rotate(angle) for angle in (0, 90, 180)]
    several: dict[str, Any] = {"save_all": True, "append_images": frames[1:]}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made: dict[str, tuple[Image.Image, str, dict[str, Any]]] = {
        "jpeg": (rgb, "JPEG", {"exif": exif, "icc_profile": profile}),
        "jpeg progressive": (rgb, "JPEG", {"progressive": True, "comment": b"home"}),
        "jpeg cmyk": (rgb.convert("CMYK"), "JPEG", {}),
        "png": (rgba, "PNG", {"icc_profile": profile, "exif": exif}),
        "png palette": (rgba.quantize(16), "PNG", {}),
        "png 16 bits": (rgb.convert("I;16"), "PNG", {}),
        "png animated": (rgb, "PNG", several),
        "gif animated": (rgb, "GIF", several),
        "webp": (rgba, "WEBP", {"exif": exif}),
        "webp lossless": (rgb, "WEBP", {"lossless": True}),
        "webp animated": (rgb, "WEBP", several),
        "bmp": (rgb, "BMP", {}),
        "tiff": (rgb, "TIFF", {"exif": exif}),
        "tiff lzw": (rgba, "TIFF", {"compression": "tiff_lzw"}),
        "tiff of several": (rgb, "TIFF", {**several, "compression": "tiff_deflate"}),
        "tiff float": (rgb.convert("F"), "TIFF", {}),
        "avif": (rgb, "AVIF", {"exif": exif}),
    }
    files = {}
    for name, (image, kind, options) in made.items():
        buffer = io.BytesIO()
        image.save(buffer, kind, **options)
        files[name] = buffer.getvalue()
    heic = ROOT / "tests" / "nst" / "files" / "photograph.heic"
    if heic.exists():
        files["heic"] = heic.read_bytes()
    return files


def mutate(data: bytes, other: bytes, dice: random.Random) -> bytes:
    """Do what transport, disks, bad programs and bad people do to a file; once or several times."""
    wild = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        at = dice.randrange(len(wild)) if wild else 0
        # Headers decide more than pixels do.
        at = at if dice.random() < 0.5 else min(at, dice.randrange(256))
        match dice.randrange(7):
            case 0:
                wild[at : at + 1] = bytes([dice.randrange(256)])
            case 1:
                del wild[at : at + dice.randrange(1, 64)]
            case 2:
                wild[at:at] = dice.randbytes(dice.randrange(1, 64))
            case 3:
                del wild[max(at, 1) :]
            case 4:
                extreme = dice.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFF, 30_001))
                wild[at : at + 4] = extreme.to_bytes(4, dice.choice(("big", "little")))
            case 5:
                wild[at:at] = wild[at : at + dice.randrange(1, 200)]
            case 6:
                wild[at:] = other[min(at, len(other)) :]
    return bytes(wild)


def mutants(seed: int, first: int, number: int) -> Any:
    """Number, kind and bytes of each mutant; the same for the same seed."""
    files = originals()
    names = sorted(files)
    for n in range(first, first + number):
        dice = random.Random(f"{seed}-{n}")
        name = names[n % len(names)]
        yield n, name, mutate(files[name], files[dice.choice(names)], dice)


def read_some(seed: int, first: int, number: int) -> None:
    """Read mutants in this process; one line of JSON before and after each."""
    from nst.images import BadPicture, PictureTooLarge, load

    everything = list(mutants(seed, first, number))
    load(originals()["jpeg"], LONGEST)  # whatever libraries there are, they are loaded
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + (LIMIT_MB << 20),) * 2)
    for n, name, data in everything:
        faulthandler.dump_traceback_later(DEADLINE, exit=True)
        began = time.monotonic()
        _say(n=n, kind=name)
        try:
            image = load(data, LONGEST, DECODED)
            outcome = "picture" if image.mode == "RGB" and not image.info else "not plain"
        except BadPicture:
            outcome = "bad picture"
        except PictureTooLarge:
            outcome = "too large"
        except MemoryError:
            outcome = "memory"
        except BaseException as error:  # that is what this looks for
            outcome = f"untyped: {type(error).__name__}: {error}"[:200]
        _say(n=n, kind=name, outcome=outcome, seconds=round(time.monotonic() - began, 3))
        faulthandler.cancel_dump_traceback_later()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    _say(peak=round(peak))


def try_mutants(seed: int, number: int) -> dict[str, Any]:
    """Try `number` mutants; what became of them, and the worst."""
    outcomes: Counter[str] = Counter()
    complaints: list[str] = []
    slowest, peak, first = 0.0, 0, 0
    while first < number:
        arguments = (str(seed), str(first), str(number - first))
        done = subprocess.run(
            [sys.executable, "-m", "tests.trials.mutants", *arguments],
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        begun = [line for line in lines if "n" in line and "outcome" not in line]
        ended = [line for line in lines if "outcome" in line]
        for line in ended:
            outcome = line["outcome"]
            outcomes[outcome.split(":")[0]] += 1
            slowest = max(slowest, line["seconds"])
            if outcome not in ("picture", "bad picture", "too large"):
                complaints.append(f"{line['kind']}, mutant {line['n']}: {outcome}")
        peak = max([peak, *(line["peak"] for line in lines if "peak" in line)])
        if len(ended) == number - first:
            break
        if not begun:
            raise RuntimeError(done.stderr.decode()[-2000:])
        last = begun[-1]
        hung = b"Timeout" in done.stderr
        outcomes["hang" if hung else "crash"] += 1
        complaints.append(f"{last['kind']}, mutant {last['n']}: exit {done.returncode}")
        first = last["n"] + 1
    return {
        "pictures tried": number,
        **dict(sorted(outcomes.items())),
        "slowest, s": slowest,
        "peak RSS, MB": peak,
        "complaints": complaints,
    }


def _say(**line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    read_some(*map(int, sys.argv[1:4]))
