"""Settings: defaults, sources, and one clear line for every wrong value."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.config import TELEGRAM, ConfigError, Secret, load


@pytest.fixture
def nothing(tmp_path: Path) -> Path:
    return tmp_path / "no.env"


def test_nothing_set_gives_the_documented_defaults(nothing: Path) -> None:
    settings = load({}, nothing)
    assert settings.bot_token is None and settings.database_url is None
    assert settings.bot_api_base == TELEGRAM
    assert (settings.local_chat_port, settings.render_slots, settings.max_size) == (8080, 1, 2048)
    assert settings.admins == () and settings.memory_limit_mb > 0


def test_an_empty_value_is_an_unset_one(nothing: Path) -> None:
    assert load({"BOT_TOKEN": " ", "RENDER_SLOTS": ""}, nothing).bot_token is None


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("BOT_TOKEN=1:file\nADMINS=5, 6\nMAX_SIZE=512\n")
    settings = load({"BOT_TOKEN": "2:environment"}, file)
    assert settings.bot_token == "2:environment"
    assert settings.admins == (5, 6) and settings.max_size == 512


def test_the_token_does_not_show_in_a_dump_of_the_settings(nothing: Path) -> None:
    settings = load({"BOT_TOKEN": "1:secret", "DATABASE_URL": "postgres://u:hidden@h/d"}, nothing)
    assert "secret" not in repr(settings) and "hidden" not in repr(settings)
    assert isinstance(settings.bot_token, Secret)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", "not a token"),
        ("ADMINS", "alice"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("BOT_API_BASE", "telegram"),
        ("LOCAL_CHAT_PORT", "70000"),
        ("LOCAL_CHAT_PORT", "http"),
        ("RENDER_SLOTS", "-1"),
        ("MEMORY_LIMIT_MB", "100"),
        ("MAX_SIZE", "10"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("WEBHOOK_URL", "http://bot.example.org"),
        ("WEBHOOK_URL", "https://"),
        ("WEBHOOK_URL", "https://bot.example.org"),  # without BOT_TOKEN
        ("WEBHOOK_PORT", "0"),
        ("HEALTH_PORT", "x"),
        ("METRICS", "yes"),
        ("TRY_OUT", "never"),
        ("SENTRY_DSN", "sentry"),
    ],
)
def test_a_wrong_value_is_refused_with_one_line_that_names_it(
    name: str, value: str, nothing: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        load({name: value}, nothing)
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_every_setting_is_documented(nothing: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    documented = (root / ".env.example").read_text()
    code = (root / "data" / "config.py").read_text()
    for name in (
        *("BOT_TOKEN", "ADMINS", "DATABASE_URL", "BOT_API_BASE", "LOCAL_CHAT_PORT"),
        *("RENDER_SLOTS", "MEMORY_LIMIT_MB", "MAX_SIZE", "LOG_LEVEL", "VAR_DIR"),
    ):
        assert f"\n{name}=" in documented and f'"{name}"' in code
