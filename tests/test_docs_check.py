"""What documents name is looked for, and missed where it isn't."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs_check import WAYS, anchors, findings, twins, version, way

CODE = "def asks(): Line().moves()\n\nclass Line:\n    async def moves(self): ...\n"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house of one room, one document and one way through it."""
    for name, text in {
        "README.md": "# A house\n\n## The way\n\n[way](docs/architecture.md#one-way)\n",
        "Makefile": "check: ## look\n",
        "room/code.py": CODE,
        "room/__main__.py": "",
        "hall/door.py": "def opens(): ...\n",
        WAYS: "# Ways\n\n## One way\n\n1. `room/code.py` `asks()`, then\n   `Line.moves()`\n",
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
        ("```diff\n class Line:\n-def none(): ...\n+def new(): ...\n```", "no line 'def none"),
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
        ("1. `room/code.py` `asks()`\n2. Nothing but words.\n", "a call without a function"),
        ("No list at all.\n", "0 functions"),
        ("1. `room/code.py` `asks()`\n" + "2. ⇢ `room/code.py` `asks()`\n" * 24, "25 functions"),
        (
            "1. `room/code.py` `Line.moves()`\n2. `room/code.py` `asks()`\n",
            "nothing before it on the way calls asks()",
        ),
        (
            "1. `room/code.py` `asks()`\n2. ⇢ `hall/door.py` `opens()`\n"
            "3. ⇢ `room/code.py` `Line.moves()`\n",
            "it comes back to room for Line.moves()",
        ),
    ],
)
def test_a_way_that_nobody_can_go_is_told(house: Path, text: str, said: str) -> None:
    assert [found[: len(said)] for found in way(house, text)] == [said]


def test_a_page_without_a_way_is_told(house: Path) -> None:
    (house / WAYS).write_text("# Ways\n")
    assert "docs/architecture.md: no way is drawn" in list(findings(house))


ENGLISH = """# House
[Ru](README.ru.md) 1,024 bytes in 1.5 s, ![a cat](cat.jpg)
## Rooms
| a | 2 % |
|---|---|
```
make house --now  # takes 3.5 s
```
[Up](#house), `--size <pixels>`
"""
RUSSIAN = """# Дом
[En](README.md) 1,5 с, ![кот](cat.jpg), 1\u202f024 байта
## Комнаты
| а | 2 % |
|---|---|
```
make house --now  # займёт 3,5 с
```
[Наверх](#дом), `--size <пиксели>`
"""


@pytest.mark.parametrize(
    ("text", "other", "said"),
    [
        ("Дом", "Дом", None),
        ("1,5", "1,6", "under “Дом” other numbers: only here 1.6, only in README.md 1.5"),
        ("024", " 024", "under “Дом” other numbers: "),
        ("займёт 3,5", "займёт 3", "under “Комнаты” other numbers: "),
        ("## К", "### К", "its headings are not those of README.md"),
        ("--now", "--later", "under “Комнаты” other code: "),
        (
            "|---|---|\n",
            "",
            "under “Комнаты” other rows in tables: only here 1, only in README.md 2",
        ),
        ("--size", "--length", "under “Комнаты” other names: "),
        ("![", "[", "under “Дом” other links: only here cat.jpg, only in README.md !cat.jpg"),
        ("[En](README.md)", "", "under “Дом” other links: only in README.md its twin"),
        (
            "[En](README.md) 1,5 с, ![кот](cat.jpg)",
            "1,5 с, ![кот](cat.jpg) [En](README.md)",
            "under “Дом” other links: their order",
        ),
    ],
)
def test_a_page_and_its_russian_twin_keep_in_step(
    tmp_path: Path, text: str, other: str, said: str | None
) -> None:
    (tmp_path / "README.md").write_text(ENGLISH)
    (tmp_path / "README.ru.md").write_text(RUSSIAN.replace(text, other))
    found = list(twins(tmp_path))
    assert len(found) == (said is not None)
    assert all(one.startswith(f"README.ru.md: {said}") for one in found)


def test_headings_are_called_as_on_the_forge() -> None:
    assert anchors("# Why *two*, not three?\n## `a_b` – c\n") == {"why-two-not-three", "a_b--c"}


def test_the_changelog_ends_with_the_version_of_the_code(tmp_path: Path) -> None:
    assert list(version()) == []
    (tmp_path / "CHANGELOG.md").write_text("## [Unreleased]\n\n## [0.0.1] - 2020-01-01\n")
    assert len(list(version(tmp_path))) == 1
