"""`python -m bench.peak PID…`: the most memory that process trees held, until standard input ends.

A process of its own: looking costs milliseconds that would count as the measured program's.
"""

from __future__ import annotations

import json
import os
import select
import sys

from tests.trials import tree

_EVERY = 0.25  # seconds


def main(roots: list[int]) -> None:
    """Look four times a second; print the peaks as JSON in the end."""
    total = child = 0.0
    while not select.select([sys.stdin], [], [], _EVERY)[0]:
        pids = tree.below(*roots)
        total = max(total, sum(map(tree.pss_mb, pids)))
        painting = [pid for pid in pids if "nst.child" in tree.command(pid)]
        child = max(child, sum(tree.status_mb(pid, "RssAnon") for pid in painting))
    json.dump({"total_mb": total, "child_mb": child}, sys.stdout)


if __name__ == "__main__":
    os.nice(5)
    main([int(pid) for pid in sys.argv[1:]])
