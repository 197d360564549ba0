"""`python -m tests.audit`: is what is installed exactly what is pinned, and does it fit together?

It needs no network, so it asks nobody about known weaknesses: `make audit` does.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
_PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)")


def pins(name: str) -> dict[str, str]:
    """Package and version of every line; ValueError for a line that pins nothing."""
    found = {}
    for line in (ROOT / name).read_text().splitlines():
        text = line.split(" #")[0].strip()
        if not text or text.startswith(("#", "-")):
            continue
        match = _PIN.fullmatch(text.split(";")[0].strip())
        if match is None:
            raise ValueError(f"{name}: not an exact pin: {text}")
        found[canonicalize_name(match[1])] = match[2]
    return found


def findings(wanted: dict[str, str]) -> Iterator[str]:
    """What is missing, of another version, or at odds with another package."""
    installed = {canonicalize_name(d.metadata["Name"]): d for d in distributions()}
    for name, version in wanted.items():
        there = installed[name].version.split("+")[0] if name in installed else "nothing"
        if there != version.split("+")[0]:
            yield f"{name}: {version} is pinned, {there} is installed"
    for name in wanted.keys() & installed.keys():
        for text in installed[name].requires or ():
            need = Requirement(text)
            if need.marker and not need.marker.evaluate({"extra": ""}):
                continue
            found = installed.get(canonicalize_name(need.name))
            if found is None or not need.specifier.contains(found.version, prereleases=True):
                yield f"{name} needs {need}, {found.version if found else 'nothing'} is installed"


def main() -> int:
    """0 when all is well; what isn't, a line each."""
    run, develop = pins("requirements.txt"), pins("requirements-dev.txt")
    problems = list(findings({**run, **develop}))
    for problem in problems:
        sys.stderr.write(problem + "\n")
    sys.stdout.write(f"{len(run)} packages to run, {len(develop)} to develop: ")
    sys.stdout.write(f"{len(problems)} problems\n" if problems else "pinned, installed, at peace\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
