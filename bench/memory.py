"""What a painting takes: predicted against measured, pixel by pixel, and in a 512 MB container.

Each painting is a process of its own (`python -m nst --memory-limit`), whose anonymous memory is
looked at from outside fifty times a second. The poster is painted three times: without a limit,
within one, and within the same beside the whole bot in a memory cgroup without swap, where this
machine lets one be made. Twelve minutes, on a slow machine in float32 an hour (each row is told as
it comes); `--quick` leaves the poster out and takes two.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import bot
from jobs.worker import memory_budget
from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.trials import tree

ROOT = Path(__file__).resolve().parent.parent
Figures = dict[str, Any]
_POSTER = 2048
_LOOK = 0.02  # seconds
_MB = 1e6
_COLUMNS = ("limit", "predicted", "measured", "s an evaluation", "plan")


def parser() -> argparse.ArgumentParser:
    """Options of this measurement."""
    parser = argparse.ArgumentParser(prog="python -m bench memory", description=__doc__)
    parser.add_argument("--evaluations", type=int, default=9, help="at the finest scale (9)")
    parser.add_argument("--container", type=int, default=512, help="the cgroup's MB (512)")
    parser.add_argument(
        "--dtype",
        choices=("auto", "bfloat16", "float32"),
        default="auto",
        help="of maps (auto)",
    )
    parser.add_argument("--quick", action="store_true", help="nothing above 1024 px")
    return parser


def measure(options: argparse.Namespace) -> Figures:
    """Everything, the small first."""
    return asyncio.run(_measure(options))


def show(figures: Figures) -> None:
    """The figures as a table."""
    head = "".join(f"{name:>17}" for name in _COLUMNS)
    sys.stdout.write(f"{'painting':<34}{head}\n")
    for name, one in figures["paintings"].items():
        sys.stdout.write(_row(name, one))
    for name, value in figures.items():
        if name != "paintings":
            number = f"{value:,.2f}" if isinstance(value, float) else str(value)
            sys.stdout.write(f"{name:<64}{number:>14}\n")


def _row(name: str, one: Figures) -> str:
    """A painting's line of the table."""
    cells = [one[column] for column in _COLUMNS]
    text = "".join(f"{cell:>17.2f}" if isinstance(cell, float) else f" {cell!s:>16}"
                   for cell in cells)  # fmt: skip
    return f"{name:<34}{text}\n"


async def _measure(options: argparse.Namespace) -> Figures:
    paintings: dict[str, Figures] = {}
    figures: Figures = {"paintings": paintings, "processor": _processor()}
    limit = _left_for_the_child(options.container)
    with tempfile.TemporaryDirectory(prefix="bench-memory-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        bench = _Bench(folder, options.evaluations, options.dtype)
        bare = await bench.paint("64 px", (64, 64), None)
        for label, size, bound in (
            ("512 px", (512, 384), None),
            ("512 px, roomy", (512, 384), 420),
            ("512 px, limit", (512, 384), limit),
            ("512 px, tight", (512, 384), 280),
            ("1024 px, limit", (1024, 768), limit),
            ("4000 × 300 px", (4000, 300), 420),
        ):
            paintings[label] = await bench.paint(label, size, bound)
        if not options.quick:
            size = (_POSTER, _POSTER * 3 // 4)
            poster = f"{_POSTER} px"
            for label, bound in ((poster, None), (f"{poster}, limit", limit)):
                paintings[label] = await bench.paint(label, size, bound)
            figures |= await _in_a_container(options, bench, size, paintings)
            plain = paintings[poster]["s an evaluation"] / (size[0] * size[1])
            small = paintings["512 px"]["s an evaluation"] / (512 * 384)
            figures["poster: s an evaluation and pixel, to those at 512 px"] = plain / small
            figures["poster: s an evaluation with the limit, to without"] = (
                paintings[f"{poster}, limit"]["s an evaluation"]
                / paintings[poster]["s an evaluation"]
            )
        figures["512 px: s an evaluation with the limit, to without"] = (
            paintings["512 px, limit"]["s an evaluation"] / paintings["512 px"]["s an evaluation"]
        )
        for label, one in paintings.items():
            beyond = (one["measured"] - bare["measured"]) * _MB / one["pixels"]
            figures[f"{label}: bytes a pixel beyond a small painting's"] = beyond
        figures["512 px: first estimate of the time, to the real one"] = await bench.estimate()
    return figures


def _processor() -> str:
    """Which instructions oneDNN and torch may use: what convolutions take depends on them."""
    command = [sys.executable, "-c", "import torch; print(torch.backends.cpu.get_cpu_capability())"]
    torchs = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    newer = [name for name in ("avx512_bf16", "amx_bf16") if name in flags]
    bound = os.environ.get("ONEDNN_MAX_CPU_ISA")
    return ", ".join([torchs, *newer, *([f"at most {bound}"] if bound else [])])


def _left_for_the_child(container_mb: int) -> int:
    """The limit that the bot gives its painting child in such a container, itself at 90 MB."""
    own = memory_budget._own_mb()
    return memory_budget.child_limit_mb(container_mb, 1, embedded=True) + round(own) - 94


async def _in_a_container(
    options: argparse.Namespace,
    bench: _Bench,
    size: tuple[int, int],
    paintings: dict[str, Figures],
) -> Figures:
    """The poster beside the bot and its database, all of them in one memory cgroup."""
    with tree.cgroup(options.container) as group:
        if group is None:
            return {"poster in a container": "no cgroup can be made here"}
        chat = LocalChat(bench.folder / "chat", port=0)
        await chat.start()
        settings = argparse.Namespace(size=_POSTER, limit=options.container)
        person = Person(chat, 7, "Ann")
        async with bot._bot(chat, bench.folder, group, settings) as pid:
            await person.send_text("/start")
            await person.wait_for(lambda message: message.from_bot, 60)
            await asyncio.sleep(2)
            own = tree.status_mb(pid, "VmRSS") * tree.MB / _MB
            left = memory_budget.child_limit_mb(options.container, 1, embedded=True)
            limit = left + round(memory_budget._own_mb() - own)
            label = f"{_POSTER} px in {options.container} MB with the bot"
            paintings[label] = await bench.paint(label, size, limit, group=group)
        figures = {
            f"{label}: the tree's peak, MB": tree.cgroup_peak_mb(group),
            f"{label}: killed for lack of memory": tree.cgroup_kills(group),
        }
        await chat.stop()
    return figures


class _Bench:
    """Paints the same two pictures at any size."""

    def __init__(self, folder: Path, evaluations: int, dtype: str) -> None:
        from bench._photos import photo
        from data.gallery.painters import PAINTERS

        self.folder = folder
        self._evaluations, self._dtype = evaluations, dtype
        self._photo, self._style = photo("coffee"), folder / "style.png"
        PAINTERS["whirls"](768, 1).save(self._style)

    async def paint(
        self, label: str, size: tuple[int, int], limit: int | None, group: Path | None = None
    ) -> Figures:
        """One painting, in `group` where there is one; memory in MB (10⁶ bytes). Told at once."""
        content, report = self.folder / "content.png", self.folder / "report.json"
        self._photo.resize(size).save(content)
        command = [*self._command(content, max(size)), "--report", str(report)]
        command += ["--evaluations", str(self._evaluations)]
        command += ["--memory-limit", str(limit)] if limit else []
        enter = f"echo $$ > {group}/cgroup.procs; " if group else ""
        process = await asyncio.create_subprocess_exec(
            *("sh", "-c", f'{enter}exec "$0" "$@"', *command), cwd=ROOT,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        ended, peak = asyncio.create_task(process.communicate()), 0.0
        while not ended.done():
            peak = max(peak, tree.status_mb(process.pid, "RssAnon") * tree.MB / _MB)
            await asyncio.sleep(_LOOK)
        if process.returncode:
            raise SystemExit(f"{size[0]} × {size[1]}: {ended.result()[1].decode()}")
        said = json.loads(report.read_text())
        last = said["stages"][-1]
        plan = said["plan"]
        kept = "".join("s" if unit["maps"] == "stored" else "r" for unit in plan["units"])
        figures = {
            "limit": limit or "none",
            "predicted": said["memory_mb"]["predicted"],
            "measured": peak,
            "s an evaluation": last["seconds"] / last["evaluations"],
            "plan": f"{kept} {plan['history']} {plan['kept']}"
            + " files" * plan["spill"]
            + " tiles" * plan["winograd"]
            + " packed" * plan["packed"],
            "pixels": size[0] * size[1],
        }
        sys.stderr.write(_row(label, figures))
        return figures

    async def estimate(self) -> float:
        """What the command says of the time at first, relative to what it then takes."""
        content = self.folder / "content.png"
        self._photo.resize((512, 384)).save(content)
        process = await asyncio.create_subprocess_exec(
            *self._command(content, 512), cwd=ROOT, stderr=asyncio.subprocess.PIPE
        )
        assert process.stderr
        first, began = 0.0, 0.0
        async for line in process.stderr:
            words = line.decode().split()
            if not began:  # The clock begins with the first evaluation.
                began = time.monotonic()
            elif not first and "left" in words:
                left = float(words[words.index("left") - 2])
                first = time.monotonic() - began + left
        return first / (time.monotonic() - began)

    def _command(self, content: Path, size: int) -> list[str]:
        out = self.folder / "out.png"
        return [sys.executable, "-m", "nst", str(content), str(self._style), "-o", str(out),
                "--size", str(size), "--device", "cpu", "--dtype", self._dtype]  # fmt: skip
