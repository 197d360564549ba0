"""docs/conversation.md says what the code says."""

from __future__ import annotations

from tests.conversation_table import FILE, _what_buttons_do, table


def test_the_table_of_messages_and_buttons_is_what_the_code_says() -> None:
    assert FILE.read_text() == table(), "run python -m tests.conversation_table"


def test_the_keyboards_are_all_walked() -> None:
    found = _what_buttons_do()
    for key in ("button-paint", "button-swap", "button-mix", "button-larger", "button-compare"):
        assert found[key]


def test_every_button_says_in_words_what_it_does() -> None:
    for line in table().split("## Messages")[0].splitlines()[8:]:
        if line.startswith("| ") and "---" not in line:
            english, russian = line.split(" | ")[:2]
            assert sum(map(str.isalpha, english)) >= 3 and sum(map(str.isalpha, russian)) >= 3
