"""What convolutions take beyond their maps and kernels, measured in this very process.

It depends on the processor: oneDNN reorders kernels, pads maps and gives each thread its scratch
memory as its code for that processor needs it. For one and the same plan AVX512 took 186 MB,
AVX512-BF16 202 and AMX 234. No table of processors would hold for the next one, so some stripes'
convolutions are made before anything is planned, and the kernel tells how high memory went.
"""

from __future__ import annotations

import torch

from nst.machine import environment
from nst.machine.heap import Heap

_POSITIONS = {64: 24_576, 128: 12_288, 256: 6144, 512: 3072}
"""Channels to the positions of a stripe, as the thinner of the planner's stripes have them."""
_STEP_MB = 4
"""What was measured is rounded up to whole steps, so that one machine always plans alike."""


def beyond_maps(dtype: torch.dtype, width: int, heap: Heap, *, emulated: bool = False) -> float:
    """Bytes that the hungriest convolution takes beyond its maps and its kernel, rounded up.

    `width` is the painting's, in pixels. 0 where the system doesn't tell the peak of a while.
    An `emulated` type takes the same for each number of channels, and much time, so that only the
    quickest is measured: 0.7 s instead of 13 in bfloat16 under AVX2, 28 MB by either.
    """
    stripes = list(_POSITIONS.items())[: 1 if emulated else None]
    most = 0.0
    for channels, positions in stripes:
        columns = max(4, width * 64 // channels)
        rows = max(4, positions // columns)
        most = max(most, _beyond_mb(dtype, (channels, rows, columns), heap))
    return -(-most // _STEP_MB) * _STEP_MB * 1e6


def _beyond_mb(dtype: torch.dtype, shape: tuple[int, int, int], heap: Heap) -> float:
    """The larger of forward's and backward's, for a stripe of so many channels, rows, columns."""
    channels, rows, columns = shape
    kernel = torch.ones(channels, channels, 3, 3, dtype=dtype)
    kernel = kernel.contiguous(memory_format=torch.channels_last)
    x = torch.ones(1, rows, columns, channels, dtype=dtype).permute(0, 3, 1, 2)
    most = 0.0
    for convolve in (torch.conv2d, torch.conv_transpose2d):
        heap.trim()  # what lies free would be used, and not be seen
        before = environment.resident_mb()
        if not environment.begin_peak():
            return 0.0
        y = convolve(x, kernel, padding=1)
        most = max(most, environment.peak_since_begun_mb() - before - y.nbytes / 1e6)
        del y
    return most
