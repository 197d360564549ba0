"""`python -m tests.docs_check`: does what the documents name exist?

Links and their anchors, files, functions, commands, the lines that a change starts from, the
version. What a page calls new (a path in backticks and then "(new)") need not be there: it is for
the reader to make. A page that is there in Russian, too (`.ru.md`), says the same in both, as far
as that can be told without reading.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from data import VERSION

ROOT = Path(__file__).resolve().parent.parent
WAYS = "docs/architecture.md"
LONGEST_WAY = 24
"""Functions from the first call to the last; with more of them nobody follows."""
HANDED_OVER = "⇢"
"""Begins a call that no function makes: Telegram, a queue or a pipe lies between the two."""
RUSSIAN = ".ru.md"
"""How a page's name ends that says in Russian what its twin, the one in `.md`, says in English."""

_FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_DIFF = re.compile(r"^```diff\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_TEXT_AND_TARGET = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`( \(new\))?")
_PATH = re.compile(r"[\w*.-]+(?:/[\w*.-]+)*\.(?:py|ftl|md|toml|txt|json|yaml|service)")
_FUNCTION = re.compile(r"([A-Za-z_][\w.]*)\(\)")
_MODULE = re.compile(r"python -m ([a-z_]+(?:\.[a-z_]+)*)")
_TARGET = re.compile(r"`make ([a-z-]+)`")
_TABLE = re.compile(r"(?:^\|.*\n?)+", re.MULTILINE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WAY = re.compile(r"^## ([^\n]* way)$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_CALL = re.compile(r"^\d+\. .*(?:\n .*)*", re.MULTILINE)


def pages(root: Path = ROOT) -> dict[str, str]:
    """What is read by people who come here: name and text."""
    found = [*sorted(root.glob("README*.md")), root / "CHANGELOG.md"]
    found += sorted((root / "docs").glob("*.md"))
    return {str(page.relative_to(root)): page.read_text() for page in found if page.is_file()}


def findings(root: Path = ROOT) -> Iterator[str]:
    """Everything that is named and isn't there, a line each."""
    for name, text in pages(root).items():
        problems = (*links(root, name, text), *files(root, text), *commands(root, text))
        problems += tuple(changes(root, text))
        if name == WAYS:
            problems += tuple(ways(root, text))
        for problem in problems:
            yield f"{name}: {problem}"


def links(root: Path, name: str, text: str) -> Iterator[str]:
    """Relative links that lead nowhere, in the page or in the one they lead to."""
    for target in _LINK.findall(_FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        page = (root / name).parent / path if path else root / name
        if not page.exists():
            yield f"no file behind the link {target}"
        elif anchor and anchor not in anchors(page.read_text()):
            yield f"no heading behind the link {target}"


def anchors(text: str) -> set[str]:
    """What headings are called in an address, after GitHub's manner."""
    headings = _HEADING.findall(_FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def files(root: Path, text: str) -> Iterator[str]:
    """Paths in backticks that don't exist; a name alone may lie in any room."""
    named = _CODE.findall(_FENCE.sub("", text))
    new = {code for code, mark in named if mark}
    for code in dict.fromkeys(code for code, _ in named):
        if code in new or not _PATH.fullmatch(code) or any(root.glob(code)):
            continue
        if "/" in code or not any(any(room.rglob(code)) for room in rooms(root)):
            yield f"no file {code}"


def rooms(root: Path) -> list[Path]:
    """The house's own folders."""
    return [path for path in root.iterdir() if path.is_dir() and path.name[0] not in "._"]


def commands(root: Path, text: str) -> Iterator[str]:
    """Modules that can't be run, and targets that the Makefile has not."""
    for module in dict.fromkeys(_MODULE.findall(text)):
        path = root / module.replace(".", "/")
        if not (root / module.split(".")[0]).is_dir():
            continue  # not one of ours
        if not (path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()):
            yield f"no python -m {module}"
    makefile = root / "Makefile"
    targets = re.findall(r"^([a-z-]+):", makefile.read_text() if makefile.is_file() else "", re.M)
    for target in dict.fromkeys(_TARGET.findall(text)):
        if target not in targets:
            yield f"no make {target}"


def changes(root: Path, text: str) -> Iterator[str]:
    """Lines that a change shown in the page keeps or takes out, and that no module has."""
    modules = [*root.glob("*.py"), *(path for room in rooms(root) for path in room.rglob("*.py"))]
    known = {line for module in modules for line in module.read_text().splitlines()}
    for change in _DIFF.findall(text):
        lines = change.splitlines()
        made = [line[1:] in known for line in lines if line[:1] == "+"]
        marks = (" ",) if made and all(made) else (" ", "-")  # who walked it took the old lines out
        for line in lines:
            if line[:1] in marks and line[1:] not in known:
                yield f"no line {line[1:].strip()!r} to change"


def ways(root: Path, text: str) -> Iterator[str]:
    """What is wrong with the ways drawn in the page; there has to be at least one."""
    if not drawn(text):
        yield "no way is drawn"
    for title, section in drawn(text):
        for problem in way(root, section):
            yield f"{title}: {problem}"


def drawn(text: str) -> list[tuple[str, str]]:
    """Title and section of each way that a page draws."""
    return _WAY.findall(text)


def named_functions(section: str) -> Iterator[str]:
    """The functions that a way names, in its order."""
    for call in _CALL.findall(section):
        yield from (code for code, _ in _CODE.findall(call) if _FUNCTION.fullmatch(code))


def way(root: Path, text: str) -> Iterator[str]:
    """What is wrong with one numbered way: its functions, its order, its length.

    Every function is there, and an earlier one of the way names it, but for the first after the way
    was handed over. A folder that was left is not entered again: it goes neither back nor forth.
    """
    count, left, here = 0, set[Path](), Path()
    callers: list[str] = []
    for call in _CALL.findall(text):
        handed_over = not callers or call.split(maxsplit=2)[1].startswith(HANDED_OVER)
        path, named = None, 0
        for code, _ in _CODE.findall(call):
            if code.endswith(".py"):
                path = root / code
            elif path and path.is_file() and (function := _FUNCTION.fullmatch(code)):
                named += 1
                bodies = functions(path.read_text())
                if function[1] not in bodies:
                    yield f"no {code} in {path.relative_to(root)}"
                    continue
                if path.parent != here:
                    left.add(here)
                    here = path.parent
                    if here in left:
                        yield f"it comes back to {here.relative_to(root)} for {code}"
                called = handed_over or any(_names(body, function[1]) for body in callers)
                handed_over = False
                if not called:
                    yield f"nothing before it on the way calls {code}"
                callers.append(bodies[function[1]])
        if not named:
            yield f"a call without a function: {call.splitlines()[0]}"
        count += named
    if not 0 < count <= LONGEST_WAY:
        yield f"{count} functions, 1 to {LONGEST_WAY} were meant"


def functions(code: str) -> dict[str, str]:
    """The source of every function of a module, methods as `Class.method`."""
    found = {}
    for node in ast.parse(code).body:
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        owner = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for one in inside:
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                found[owner + one.name] = ast.get_source_segment(code, one) or ""
    return found


def _names(body: str, function: str) -> bool:
    """Whether a function's source names another: `__call__` and the like by their class."""
    owner, _, name = function.rpartition(".")
    return bool(re.search(rf"\b{owner if name.startswith('__') else name}\b", body))


def version(root: Path = ROOT) -> Iterator[str]:
    """The changelog's latest release, where it isn't the version of the code."""
    released = re.findall(r"^## \[(\d[^\]]*)\]", (root / "CHANGELOG.md").read_text(), re.MULTILINE)
    if released[:1] != [VERSION]:
        yield f"CHANGELOG.md: its latest version is {released[:1]}, the code's is {VERSION}"


def twins(root: Path = ROOT) -> Iterator[str]:
    """What a page in Russian has and its twin hasn't, or the other way round, section by section."""
    found = pages(root)
    for name in (name for name in found if name.endswith(RUSSIAN)):
        twin = name.removesuffix(RUSSIAN) + ".md"
        here, there = sections(found[name]), sections(found.get(twin, ""))
        if [level(one) for one in here] != [level(one) for one in there]:
            yield f"{name}: its headings are not those of {twin}"
            continue
        for mine, other in zip(here, there, strict=True):
            theirs = shared(other, Path(name).name, decimal=".")
            for what, ours in shared(mine, Path(twin).name, decimal=",").items():
                if ours != theirs[what]:
                    told = difference(ours, theirs[what], twin)
                    yield f"{name}: under “{title(mine)}” other {what}: {told}"


def sections(text: str) -> list[str]:
    """What comes before the first heading, and each heading with what is under it."""
    cuts = [fence.span() for fence in _FENCE.finditer(text)]
    starts = [heading.start() for heading in _HEADING.finditer(text)]
    starts = [0, *(at for at in starts if not any(a <= at < b for a, b in cuts)), len(text)]
    return [text[a:b] for a, b in pairwise(starts)]


def level(section: str) -> int:
    """How deep its heading is; 0 without one."""
    return len(section) - len(section.lstrip("#"))


def title(section: str) -> str:
    """Its heading's words."""
    return section.partition("\n")[0].lstrip("# ")


def shared(section: str, twin: str, decimal: str) -> dict[str, list[str]]:
    """All that a section has in common with the same one of its twin, whatever the language.

    Numbers in figures only; who writes "eleven" has to look for himself.
    """
    code = [line for fence in _FENCE.findall(section) for line in fence.splitlines()]
    prose = _FENCE.sub("", section)
    targets = [picture + target for picture, _, target in _TEXT_AND_TARGET.findall(prose)]
    words = [_CODE.sub(" ", _TEXT_AND_TARGET.sub(r"\2", prose))]
    words += [line.partition("#")[2] for line in code]
    return {
        "code": [line.partition("#")[0].rstrip() for line in code],
        "links": ["its twin" if one == twin else re.sub(r"^#.*", "#", one) for one in targets],
        "rows in tables": [str(len(table.splitlines())) for table in _TABLE.findall(prose)],
        "names": sorted({re.sub(r"<[^>]*>", "<>", name) for name, _ in _CODE.findall(prose)}),
        "numbers": sorted(numbers("\n".join(words), decimal)),
    }


def numbers(text: str, decimal: str) -> Iterator[str]:
    """The numbers of a text, with a decimal point and without signs between thousands."""
    between = r"[\u00a0\u2009\u202f" + ("" if decimal == "," else ",") + "]"
    text = re.sub(rf"(?<=\d){between}(?=\d{{3}}(?!\d))", "", text)
    return (number.replace(decimal, ".") for number in _NUMBER.findall(text))


def difference(here: list[str], there: list[str], twin: str) -> str:
    """What two lists differ in."""
    ours, theirs = Counter(here), Counter(there)
    only = {"only here": ours - theirs, f"only in {twin}": theirs - ours}
    told = [f"{where} {'; '.join(more.elements())}" for where, more in only.items() if more]
    return ", ".join(told) or "their order"


def main() -> int:
    """0 when all is well; what isn't, a line each."""
    problems = [*findings(), *twins(), *version()]
    for problem in problems:
        sys.stderr.write(problem + "\n")
    sys.stdout.write(f"{len(pages())} pages: ")
    sys.stdout.write(f"{len(problems)} problems\n" if problems else "all that they name is there\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
