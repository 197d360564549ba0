"""`python -m tests.gpu`: the tests marked `gpu`, or one line that says why there are none."""

from __future__ import annotations

import subprocess
import sys

from nst.machine.device import choose


def main(arguments: list[str]) -> int:
    """Pytest's exit code; 0 where there is no GPU."""
    try:
        choose("cuda")
    except ValueError as error:
        print(f"The GPU tests are left out: {error}.", flush=True)
        return 0
    command = [sys.executable, "-m", "pytest", "-m", "gpu", *(arguments or ["tests/nst"])]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
