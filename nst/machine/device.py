"""Chooses where a painting is computed: on a CUDA device if there is one, else on the CPU.

Whether there can be one is found out without torch, because torch is imported leanly
(`nst.machine.lean_torch`) to paint on the CPU and in full to paint on CUDA.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import warnings
from pathlib import Path

LEAST_LIMIT_MB = 2000
"""With a lower limit for the whole process "auto" means the CPU: CUDA itself needs much memory."""
LEAST_FREE_MB = 1500
"""A device with less free memory is in use by others, and "auto" leaves it to them."""
_SHARE = 0.8
"""Share of the free memory to plan with; the rest is for overhead of allocator and libraries. Not
measured."""
_DEV = Path("/dev")
_NODES = ("nvidia[0-9]*", "dxg", "nvhost-gpu")
"""Device nodes of a GPU's driver: the usual one, that of WSL, that of small boards."""


def foresee(name: str, limit_mb: float | None = None) -> str:
    """Return what `choose` will, as far as that is known without torch; raises the same ValueError.

    `choose` may still turn "cuda" into "cpu".
    """
    if name == "cpu" or (name == "auto" and limit_mb is not None and limit_mb < LEAST_LIMIT_MB):
        return "cpu"
    obstacle = _obstacle()
    if obstacle and name == "cuda":
        raise ValueError(f"can't paint on CUDA: {obstacle}")
    return "cpu" if obstacle else "cuda"


def choose(name: str, limit_mb: float | None = None) -> str:
    """Return "cpu" or "cuda" for a device's name; raises ValueError if "cuda" can't be had.

    `limit_mb` is the painting's memory limit. For CUDA this also sets, for the whole process, that
    float32 is computed in full precision and deterministically, and resets the memory peak.
    """
    if foresee(name, limit_mb) == "cpu":
        return "cpu"
    import torch

    free, obstacle = 0.0, "its driver doesn't work with the installed torch"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            free = free_mb() if torch.cuda.is_available() else 0.0
        except (
            RuntimeError
        ) as error:  # The device is broken, or another process uses it exclusively.
            obstacle = str(error).splitlines()[0]
    if name == "auto" and free < LEAST_FREE_MB:
        return "cpu"
    if not free:
        raise ValueError(f"can't paint on CUDA: {obstacle}")
    torch.backends.cudnn.fp32_precision = "ieee"  # not TF32
    torch.backends.cudnn.deterministic = True
    torch.cuda.reset_peak_memory_stats()
    return "cuda"


def has_bfloat16() -> bool:
    """Return whether the CUDA device computes bfloat16 natively."""
    import torch

    return bool(torch.cuda.is_bf16_supported(including_emulation=False))


def free_mb() -> float:
    """Return how much of the CUDA device's memory is free for this process now, in MB."""
    import torch

    ours = torch.cuda.memory_reserved() - torch.cuda.memory_allocated()
    return (torch.cuda.mem_get_info()[0] + ours) / 1e6


def room_mb(limit_mb: float | None) -> float:
    """Return how much of the CUDA device's memory a painting may plan with, in MB."""
    room = _SHARE * free_mb()
    return room if limit_mb is None else min(room, limit_mb)


def peak_mb() -> float:
    """Return the peak memory of tensors on the CUDA device since it was chosen, in MB."""
    import torch

    return torch.cuda.max_memory_allocated() / 1e6


def _obstacle() -> str | None:
    """Return why there is no CUDA device, without loading torch, or None if there may be one."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0").strip() in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES hides every GPU"
    if sys.platform == "linux" and not any(any(_DEV.glob(node)) for node in _NODES):
        return "this machine has no NVIDIA GPU"
    torch = importlib.util.find_spec("torch")
    build = Path(torch.origin).with_name("version.py") if torch and torch.origin else None
    # One line of that file is `cuda: Optional[str] = '12.6'`, or None instead of the number.
    if not build or not re.search(r"^cuda\b.*= *['\"]", build.read_text(), re.MULTILINE):
        return "the installed torch is one without CUDA"
    return None
