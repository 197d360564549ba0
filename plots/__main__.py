"""``python -m plots losses|days``: numbers in on standard input, a PNG out on standard output."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path

from plots import days, losses

CHARTS = {"losses": losses.draw, "days": days.draw}


def main(arguments: list[str]) -> int:
    """0 when drawn; 2 for wrong usage or numbers, with one line on standard error."""
    # A chart is the first thing to go when memory is short, and never in a painting's way.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    os.nice(10)
    if len(arguments) != 1 or arguments[0] not in CHARTS:
        sys.stderr.write(f"usage: python -m plots {'|'.join(CHARTS)} < numbers > chart.png\n")
        return 2
    try:
        picture = CHARTS[arguments[0]](sys.stdin)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    sys.stdout.buffer.write(buffer.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
