"""The start-up notice."""

from utils.notice import StartNotice


def test_a_painting_never_seems_to_get_more_than_there_is() -> None:
    # 12,052 MiB are 12,637 MB: said in the two units, a part looked larger than the whole.
    notice = StartNotice(
        memory_limit_mb=12_052,
        child_limit_mb=12_287,
        slots=1,
        weights="fine",
        database="of its own",
    )
    assert "Memory: 12052 MB in all, 11718 MB a painting\n" in notice.text()
