"""What documents name is looked for, and missed where it isn't."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs_check import WAY, anchors, findings, version, way

CODE = "def asks(): ...\n\nclass Line:\n    async def moves(self): ...\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house of one room, one document and one way through it."""
    for name, text in {
        "README.md": "# A house\n\n## The way\n\n[way](docs/architecture.md#one-way)\n",
        "Makefile": "check: ## look\n",
        "room/code.py": CODE,
        "room/__main__.py": "",
        WAY: "# One way\n\n1. `room/code.py` `asks()`, then\n   `Line.moves()`\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_nothing_is_missed_where_all_is_there(house: Path) -> None:
    with (house / "README.md").open("a") as file:
        file.write("`room/*.py`, `code.py`, `new/one.py` (new), `python -m room`, `make check`\n")
        file.write("[up](#the-way) [away](https://example.org/#x)\n```\n[no](link)\n```\n")
    assert list(findings(house)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[x](docs/none.md)", "no file behind the link docs/none.md"),
        ("[x](docs/architecture.md#two-ways)", "no heading behind"),
        ("[x](#nowhere)", "no heading behind the link #nowhere"),
        ("`room/none.py`", "no file room/none.py"),
        ("`none.py`", "no file none.py"),
        ("`room/*.toml`", "no file room/*.toml"),
        ("`python -m room.none`", "no python -m room.none"),
        ("`make none`", "no make none"),
    ],
)
def test_what_is_missing_is_named(house: Path, text: str, said: str) -> None:
    with (house / "README.md").open("a") as file:
        file.write(text + "\n")
    (found,) = findings(house)
    assert found.startswith(f"README.md: {said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1. `room/code.py` `moves()`\n", "no moves() in room/code.py"),
        ("1. `room/code.py` `Line.asks()`\n", "no Line.asks() in room/code.py"),
        ("1. Nothing but words.\n", "a call without a function"),
        ("No list at all.\n", "the way has 0 calls"),
        ("1. `room/code.py` `asks()`\n" * 13, "the way has 13 calls"),
    ],
)
def test_a_way_that_nobody_can_go_is_told(house: Path, text: str, said: str) -> None:
    assert [found[: len(said)] for found in way(house, text)] == [said]


def test_headings_are_called_as_on_the_forge() -> None:
    assert anchors("# Why *two*, not three?\n## `a_b` – c\n") == {"why-two-not-three", "a_b--c"}


def test_the_changelog_ends_with_the_version_of_the_code(tmp_path: Path) -> None:
    assert list(version()) == []
    (tmp_path / "CHANGELOG.md").write_text("## [Unreleased]\n\n## [0.0.1] - 2020-01-01\n")
    assert len(list(version(tmp_path))) == 1
