"""The key of a chat's page: made once, so that an address in a bookmark stays good."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def kept_key(folder: Path) -> str:
    """The key that is kept in the chat's folder, which is its owner's alone from now on."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    path = folder / "key"
    if not path.exists():
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "w") as file:
            file.write(secrets.token_urlsafe(16))
    return path.read_text().strip()
