"""Before and after in one picture: only while there is memory for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from jobs.sketching.comparing import Comparing, NotNow
from tests.pictures import encoded, photo

PICTURE = encoded(photo())


class Library:
    """Hands out one picture like a bot; reading it may be what fills the memory."""

    def __init__(self, *, room_after: bool) -> None:
        self.room = True
        self._room_after = room_after

    async def download(self, file_id: str, destination: Path) -> None:
        destination.write_bytes(PICTURE)
        self.room = self._room_after


@pytest.mark.parametrize("room", [True, False])
async def test_nothing_is_put_together_beside_a_painting_that_began_meanwhile(
    tmp_path: Path, room: bool
) -> None:
    library = Library(room_after=room)
    comparing = Comparing(library, tmp_path, lambda: library.room)  # type: ignore[arg-type]
    assert comparing.possible
    if room:
        async with comparing.picture("before", "after") as picture:
            with Image.open(picture) as both:
                assert both.height > both.width
    else:
        with pytest.raises(NotNow):
            async with comparing.picture("before", "after"):
                pass
    assert not any(tmp_path.iterdir())
