"""`python -m bench NAME [--json]`: one measurement each."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

NAMES = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if not path.stem.startswith("_") and "def measure(" in path.read_text()
)


def main() -> int:
    """Run the measurement; its table, or JSON for machines."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, epilog="NAME --help tells its options."
    )
    parser.add_argument("name", choices=NAMES)
    module = importlib.import_module(f"bench.{parser.parse_args(sys.argv[1:2]).name}")
    own: argparse.ArgumentParser = module.parser()
    own.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = own.parse_args(sys.argv[2:])
    figures = module.measure(options)
    if options.json:
        sys.stdout.write(json.dumps(figures, indent=2) + "\n")
    else:
        module.show(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
