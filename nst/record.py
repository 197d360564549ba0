"""Records about a painting: the losses of each evaluation, the report and the recipe.

None of them says where the pictures came from: no path, no name, no time of day.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from nst.machine import environment
from nst.machine.device import peak_mb

if TYPE_CHECKING:
    from nst.progress import Progress
    from nst.transfer import StyleTransfer

COLUMNS = ("stage", "size", "evaluation", "content", "style", "total", "seconds")


class LossTable:
    """Writes a CSV file with one line per evaluation."""

    def __init__(self, file: TextIO) -> None:
        self._writer = csv.writer(file, lineterminator="\n")
        self._writer.writerow(COLUMNS)

    def add(self, p: Progress) -> None:
        losses = p.losses
        numbers = (f"{v:.6g}" for v in (losses.content, losses.style, losses.total))
        self._writer.writerow((p.stage, p.size, p.evaluation, *numbers, f"{p.seconds:.3f}"))


def report(transfer: StyleTransfer) -> dict[str, Any]:
    """Return what was done and what it took. Call it only after `steps` has finished."""
    outcome, plan = transfer.outcome, transfer.plan
    assert outcome is not None
    losses = outcome.losses
    return {
        **recipe(transfer),
        "device": transfer.device,
        "evaluations": outcome.evaluations,
        "seconds": round(outcome.seconds, 3),
        "stages": [
            {
                "size": max(stage.width, stage.height),
                "shallow": stage.shallow,
                "evaluations": done,
                "seconds": round(seconds, 3),
            }
            for stage, done, seconds in zip(
                transfer.stages, outcome.stage_evaluations, outcome.stage_seconds, strict=True
            )
        ],
        "losses": {
            "content": losses.content,
            "style": losses.style,
            "total": losses.total,
            "by_layer": losses.by_layer,
        },
        "memory_mb": {
            "anonymous": round(transfer.peak_mb, 1),
            "total": round(environment.peak_total_mb(), 1),
            "predicted": round(plan.predicted_mb, 1),
            "limit": transfer.settings.memory_limit_mb,
            "device": round(peak_mb(), 1) if transfer.device == "cuda" else 0.0,
        },
        "plan": plan.describe(transfer.size),
    }


def recipe(transfer: StyleTransfer) -> dict[str, Any]:
    """Return all that is needed to paint it again from the same pictures."""
    settings = transfer.settings
    return {
        "engine": "nst 1",
        "preset": settings.preset,
        **settings.fields(),
        "size": max(transfer.size),
        "width": transfer.size[0],
        "height": transfer.size[1],
        "styles": len(transfer.shares),
        "style_weights": [round(share, 6) for share in transfer.shares],
        "finest_evaluations": transfer.stages[-1].evaluations,
        "continued": transfer.continued,
        "dtype": str(transfer.dtype).removeprefix("torch."),
    }


def recipe_text(transfer: StyleTransfer) -> str:
    return json.dumps(recipe(transfer))


def write_json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n")
