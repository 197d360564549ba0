"""The memory budget follows the container, v1 and v2, parents included."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import machine


def test_cgroup_v2_limits_of_the_group_and_its_parents_are_read(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "memory.max").write_text("536870912\n")
    (tmp_path / "a" / "b" / "memory.max").write_text("max\n")
    proc = tmp_path / "cgroup"
    proc.write_text("0::/a/b\n")
    assert machine._cgroup_limits(proc, tmp_path) == [536870912]


def test_cgroup_v1_limits_are_read(tmp_path: Path) -> None:
    (tmp_path / "memory" / "dyno").mkdir(parents=True)
    (tmp_path / "memory" / "dyno" / "memory.limit_in_bytes").write_text("1073741824\n")
    proc = tmp_path / "cgroup"
    proc.write_text("5:cpu:/x\n4:memory:/dyno\n0::/\n")
    assert machine._cgroup_limits(proc, tmp_path) == [1073741824]


def test_a_dyno_says_its_size_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_cgroup_limits", lambda: [])
    monkeypatch.setenv("DYNO_RAM", "512")
    assert machine.memory_limit_mb() == 512


def test_half_the_machine_where_nothing_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_cgroup_limits", lambda: [1 << 60])
    monkeypatch.delenv("DYNO_RAM", raising=False)
    assert 100 < machine.memory_limit_mb() < 1 << 24
