"""The engine itself in a hurry, for trials that need its memory and not its art.

With this folder in PYTHONPATH, `python -m nst.child` makes a third of its evaluations at each
scale.
"""

import sys

if any(name == "nst.child" for name in sys.orig_argv):
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    from nst import schedule

    schedule.FINEST_EVALUATIONS = 12
