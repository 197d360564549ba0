"""As many threads as there are processors for us, by quotas of v1 and v2, and no spinning ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from nst.machine import environment


def group(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


def quota(tmp_path: Path, membership: str) -> float | None:
    proc = tmp_path / "proc"
    proc.write_text(membership)
    return environment._quota(proc, tmp_path)


def test_a_nested_group_of_v1_is_seen_beside_a_root_without_limit(tmp_path: Path) -> None:
    group(tmp_path / "cpu", cpu__cfs_quota_us="-1\n", cpu__cfs_period_us="100000\n")
    group(tmp_path / "cpu" / "dyno", cpu__cfs_quota_us="150000\n", cpu__cfs_period_us="100000\n")
    assert quota(tmp_path, "4:memory:/\n1:cpu,cpuacct:/dyno\n0::/\n") == 1.5
    assert quota(tmp_path, "4:memory:/dyno\n1:cpu:/\n0::/\n") is None


def test_the_least_of_a_group_of_v2_and_its_parents_counts(tmp_path: Path) -> None:
    group(tmp_path / "a", cpu__max="100000 100000\n")
    group(tmp_path / "a" / "b", cpu__max="max 100000\n")
    group(tmp_path / "a" / "b" / "c", cpu__max="400000 100000\n")
    assert quota(tmp_path, "0::/a/b\n") == 1.0
    assert quota(tmp_path, "0::/a/b/c\n") == 1.0


def test_a_container_that_does_not_see_its_own_path_finds_its_limit_at_the_root(
    tmp_path: Path,
) -> None:
    group(tmp_path, cpu__max="200000 100000\n")
    assert quota(tmp_path, "0::/docker/0123\n") == 2.0


def test_processors_are_whole_and_at_least_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment.os, "sched_getaffinity", lambda _: set(range(8)))
    for granted, expected in ((0.5, 1), (1.5, 2), (16.0, 8), (None, 8)):
        monkeypatch.setattr(environment, "_quota", lambda granted=granted: granted)
        assert environment.processors() == expected


@pytest.mark.parametrize("chosen", [None, "7"])
def test_threads_sleep_soon_unless_the_owner_chose_otherwise(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None
) -> None:
    monkeypatch.setattr(environment, "_mallopt", lambda *_: None)
    monkeypatch.setattr(environment.os, "environ", {"GOMP_SPINCOUNT": chosen} if chosen else {})
    environment.settle()
    assert environment.os.environ["GOMP_SPINCOUNT"] == (chosen or "1000")
