"""`python -m tests.house [ROOT]`: the figures of the house that a reader would ask for.

Lines of Python by room, the folders with most files, the functions on each way that
docs/architecture.md draws, and how often a choice is declared or copied by hand.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests import docs_check

MOST = 5
"""Folders that are listed."""
CHOICE = "strength"
"""The choice whose copies are counted."""
_NOT_OURS = ("tests", "bench")


def main(arguments: list[str]) -> int:
    """Print the figures of the checkout at ROOT, this one by default."""
    root = Path(arguments[0]).resolve() if arguments else docs_check.ROOT
    modules = [
        *root.glob("*.py"),
        *(path for room in docs_check.rooms(root) for path in sorted(room.rglob("*.py"))),
    ]
    print("| room | files | lines |\n|---|---|---|")
    files, lines = Counter[str](), Counter[str]()
    for module in modules:
        parts = module.relative_to(root).parts
        room = parts[0] if len(parts) > 1 else "app.py, loader.py"
        files[room] += 1
        lines[room] += len(module.read_text().splitlines())
    for room in sorted(files):
        print(f"| {room} | {files[room]} | {lines[room]} |")
    print(f"| together | {files.total()} | {lines.total()} |")

    folders = Counter(str(module.parent.relative_to(root)) for module in modules)
    print(f"\nmost files in a folder: {listed(folders)}")
    for title, functions in ways(root):
        print(f"{title}: {functions} functions")
    declared, copied = copies(modules, root)
    print(f"{CHOICE}: declared {declared.total()} times ({listed(declared)})")
    print(f"{CHOICE}: copied by hand {copied.total()} times ({listed(copied)})")
    return 0


def listed(counted: Counter[str]) -> str:
    """The most frequent ones with their numbers, in one line."""
    return ", ".join(f"{name} {number}" for name, number in counted.most_common(MOST))


def ways(root: Path) -> Iterator[tuple[str, int]]:
    """Each way that is drawn, and how many functions it names."""
    text = (root / docs_check.WAYS).read_text()
    for title, section in docs_check.drawn(text):
        yield title, len(list(docs_check.named_functions(section)))


def copies(modules: list[Path], root: Path) -> tuple[Counter[str], Counter[str]]:
    """Where the choice is a field of a class, and where `strength=….strength` hands it on."""
    declared, copied = Counter[str](), Counter[str]()
    for module in modules:
        name = str(module.relative_to(root))
        if name.startswith(_NOT_OURS):
            continue
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.ClassDef):
                fields = [one.target for one in node.body if isinstance(one, ast.AnnAssign)]
                declared[name] += sum(
                    isinstance(field, ast.Name) and field.id == CHOICE for field in fields
                )
            elif isinstance(node, ast.keyword) and node.arg == CHOICE:
                copied[name] += any(
                    isinstance(one, ast.Attribute) and one.attr == CHOICE
                    for one in ast.walk(node.value)
                )
    return +declared, +copied


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
