"""The sketching process and its files: there while they are wanted, gone when they must be."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from database.records import Request
from jobs.sketching.sketcher import Sketcher
from tests.pictures import encoded, painting

PICTURE = encoded(painting())


class Shelf:
    """Hands out files like a bot, some only once they are let go."""

    def __init__(self, *kept_back: str) -> None:
        self.let_go = {file_id: asyncio.Event() for file_id in kept_back}

    async def download(self, file_id: str, destination: Path) -> None:
        if file_id in self.let_go:
            await self.let_go[file_id].wait()
        await asyncio.to_thread(destination.write_bytes, PICTURE)


def sketcher(folder: Path, shelf: Shelf | None = None) -> Sketcher:
    made = Sketcher(shelf or Shelf(), folder, lambda: True)  # type: ignore[arg-type]
    assert made.possible  # its packages are pinned in requirements.txt
    return made


def sketching_children() -> int:
    """How many processes sketch for this one."""
    count = 0
    for entry in Path("/proc").iterdir():
        try:
            parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
            command = (entry / "cmdline").read_bytes().split(b"\0")
        except (OSError, IndexError):
            continue
        count += int(parent) == os.getpid() and command[1:3] == [b"-m", b"sketch"]
    return count


async def test_a_process_that_was_starting_when_a_rest_came_does_not_stay(tmp_path: Path) -> None:
    here = sketcher(tmp_path)
    starting = asyncio.create_task(here._ready())
    while not sketching_children():
        await asyncio.sleep(0)
    assert not starting.done()
    here.end()
    assert await starting is None
    assert sketching_children() == 0
    next_one = await here._ready()  # the next wish begins anew
    assert next_one is not None and sketching_children() == 1
    here.end()
    await next_one.wait()


async def test_wishes_at_the_same_time_start_one_process(tmp_path: Path) -> None:
    here = sketcher(tmp_path)
    one, other = await asyncio.gather(here._ready(), here._ready())
    assert one is not None and one is other
    assert sketching_children() == 1
    here.end()
    await one.wait()


def files(folder: Path, what: str) -> int:
    return len(list(folder.glob(f"*/{what}-*")))


async def until_files(folder: Path, what: str, number: int) -> None:
    async with asyncio.timeout(60):
        while files(folder, what) != number:
            await asyncio.sleep(0.01)


async def test_no_more_pictures_are_kept_than_the_latest(tmp_path: Path) -> None:
    shelf = Shelf("slow")
    here = sketcher(tmp_path, shelf)
    slow = here._fetching("slow")
    await asyncio.gather(*(here._fetching(f"picture {n}") for n in range(30)))
    await until_files(tmp_path, "picture", 12)
    assert "slow" not in here._files  # it came too late to be among the latest
    shelf.let_go["slow"].set()
    await slow
    await until_files(tmp_path, "picture", 12)
    here.end()
    assert not any(tmp_path.iterdir())


async def test_a_picture_stays_while_a_sketch_is_made_of_it(tmp_path: Path) -> None:
    shelf = Shelf("style")
    here = sketcher(tmp_path, shelf)
    request = Request(content="content", styles=("style",), locale="en", reply_to=1)
    making = asyncio.create_task(here.make(request))
    while "style" not in here._files:
        await asyncio.sleep(0)
    await asyncio.gather(*(here._fetching(f"picture {n}") for n in range(30)))
    shelf.let_go["style"].set()
    sketch = await making
    assert sketch is not None and sketch.is_file()
    await until_files(tmp_path, "picture", 12)
    process = here._process
    assert process
    here.end()
    await process.wait()
