"""Finds a Chromium for the browser tests; `python -m tests.browser` installs Debian's if it may."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
HOW = "install a Chromium (Debian: apt-get install chromium) and run `make test` again"


def find() -> str | None:
    """Path of a Chromium on this machine."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def main() -> int:
    """Make sure there is one; 1 only where REQUIRE_BROWSER asks for it in vain."""
    if find():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("No Chromium yet: installing Debian's for the browser tests", flush=True)
        quiet = {
            "stdout": subprocess.DEVNULL,
            "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        }
        subprocess.run(["apt-get", "update"], check=False, **quiet)  # type: ignore[call-overload]
        subprocess.run(  # type: ignore[call-overload]
            [
                "apt-get",
                "install",
                "-y",
                "--no-install-recommends",
                "chromium",
                "fonts-noto-color-emoji",
            ],
            check=False,
            **quiet,
        )
    if find():
        return 0
    print(f"The browser tests are left out: {HOW}.", flush=True)
    return 1 if os.environ.get("REQUIRE_BROWSER") else 0


if __name__ == "__main__":
    sys.exit(main())
