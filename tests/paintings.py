"""Records of paintings in states that tests need."""

from __future__ import annotations

from database.paintings import Paintings


async def painted(
    paintings: Paintings,
    painting: str,
    *,
    work: float = 1.0,
    seconds: float = 1.0,
    peak_mb: float = 1.0,
) -> None:
    """Bring an open painting to its good end in the records: painted and delivered."""
    sent = await paintings.sending(
        painting,
        held_by=None,
        width=4,
        height=3,
        seconds=seconds,
        peak_mb=peak_mb,
        file_id="file",
    )
    assert sent
    await paintings.note_work(painting, work)
    await paintings.done(painting)
    await paintings.last_word_said(painting)
