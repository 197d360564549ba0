"""What convolutions take beyond their maps and kernels, measured in this very process.

It depends on the processor: oneDNN reorders kernels, pads maps and gives each thread its scratch
memory as its code for that processor needs it. For one and the same plan AVX512 took 186 MB,
AVX512-BF16 202 and AMX 234. No table of processors would hold for the next one, so some stripes'
convolutions are made before anything is planned, and the kernel tells how high memory went.
"""

from __future__ import annotations

from pathlib import Path

import torch

from nst.machine import environment

_POSITIONS = {64: 24_576, 128: 12_288, 256: 6144, 512: 3072}
"""Channels to the positions of a stripe, as the thinner of the planner's stripes have them."""
_STEP = 4e6
"""What was measured is rounded up to whole steps of so many bytes, so that one machine always
plans alike."""


def beyond_maps(dtype: torch.dtype, width: int) -> float:
    """Bytes that the hungriest convolution takes beyond its maps and its kernel, rounded up.

    `width` is the painting's, in pixels. 0 where the system doesn't tell the peak of a while.
    """
    most = 0.0
    for channels, positions in _POSITIONS.items():
        columns = max(4, width * 64 // channels)
        rows = max(4, positions // columns)
        most = max(most, _beyond(dtype, channels, rows, columns))
    return -(-most // _STEP) * _STEP


def _beyond(dtype: torch.dtype, channels: int, rows: int, columns: int) -> float:
    """The larger of forward's and backward's, for a stripe of so many rows and columns."""
    kernel = torch.ones(channels, channels, 3, 3, dtype=dtype)
    kernel = kernel.contiguous(memory_format=torch.channels_last)
    x = torch.ones(1, rows, columns, channels, dtype=dtype).permute(0, 3, 1, 2)
    most = 0.0
    for convolve in (torch.conv2d, torch.conv_transpose2d):
        before = environment.resident_bytes()
        if not _forget_peak():
            return 0.0
        y = convolve(x, kernel, padding=1)
        most = max(most, environment.peak_resident_bytes() - before - y.nbytes)
        del y
    return most


def _forget_peak() -> bool:
    """Have the kernel begin anew with this process's peak; False where it does not."""
    try:
        Path("/proc/self/clear_refs").write_text("5")  # man 5 proc: resets VmHWM to VmRSS
    except OSError:
        return False
    return True
