"""`python -m jobs`: a render worker alone, beside a bot that runs elsewhere."""

from __future__ import annotations

import argparse
import sys

from data.config import ConfigError, load


def main() -> int:
    """0 after a clean stop; 1 when it can't start; 2 for wrong settings."""
    parser = argparse.ArgumentParser(
        prog="python -m jobs",
        description="A render worker alone. It needs the bot's BOT_TOKEN, its DATABASE_URL "
        "(on another machine) or VAR_DIR (on the same), and RENDER_SLOTS of 1 or more; "
        "see .env.example.",
    )
    parser.parse_args()
    try:
        settings = load()
        for name, value in (
            ("BOT_TOKEN", settings.bot_token),
            ("RENDER_SLOTS of 1 or more", settings.render_slots),
        ):
            if not value:
                raise ConfigError(f"python -m jobs needs {name}")
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    import app

    return app.start(settings, renderer=True)


if __name__ == "__main__":
    sys.exit(main())
