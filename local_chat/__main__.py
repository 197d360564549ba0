"""``python -m local_chat [--port PORT] [--folder FOLDER]``: the server alone, for any bot."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from pathlib import Path

from local_chat.api.errors import PortTakenError
from local_chat.key import kept_key
from local_chat.server import LocalChat


async def serve(folder: Path, port: int) -> int:
    """Run until SIGINT or SIGTERM; the exit status."""
    chat = LocalChat(folder, port=port, key=kept_key(folder))
    try:
        await chat.start()
    except PortTakenError as error:
        print(error, file=sys.stderr)
        return 1
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    print(f"Bot API: {chat.url}    page: {chat.page}    Ctrl+C stops", flush=True)
    await stopped.wait()
    await chat.stop()
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local_chat", description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--folder", type=Path, default=Path("var/local_chat"))
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(serve(options.folder, options.port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
