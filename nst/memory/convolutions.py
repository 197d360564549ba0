"""Measures, in this process, the memory that convolutions take beyond their maps and kernels.

It depends on the processor: oneDNN reorders kernels, pads maps and allocates scratch memory per
thread, each as its code for that processor needs it. The same plan took 186 MB with AVX512, 202
with AVX512-BF16 and 234 with AMX. A table would be wrong for the next processor, so some stripes'
convolutions are run before planning, and the kernel (of the system) reports the memory's peak.
"""

from __future__ import annotations

import torch

from nst.machine import environment
from nst.machine.heap import Heap

_POSITIONS = {64: 24_576, 128: 12_288, 256: 6144, 512: 3072}
"""Positions of a stripe by its channels, as in the planner's thinner stripes."""
_STEP_MB = 4
"""The measurement is rounded up to a multiple of this, so that a machine always plans alike."""


def beyond_maps(dtype: torch.dtype, width: int, heap: Heap, *, emulated: bool = False) -> float:
    """Return the most bytes that a convolution takes beyond its maps and its kernel, rounded up.

    `width` is the painting's, in pixels. Returns 0 if the system can't measure a peak. An
    `emulated` dtype takes the same memory for each number of channels, but much time, so only the
    quickest is measured: 0.7 s instead of 13 in bfloat16 with AVX2, and 28 MB either way.
    """
    stripes = list(_POSITIONS.items())[: 1 if emulated else None]
    most = 0.0
    for channels, positions in stripes:
        columns = max(4, width * 64 // channels)
        rows = max(4, positions // columns)
        most = max(most, _beyond_mb(dtype, (channels, rows, columns), heap))
    return -(-most // _STEP_MB) * _STEP_MB * 1e6


def _beyond_mb(dtype: torch.dtype, shape: tuple[int, int, int], heap: Heap) -> float:
    """Return the larger of forward's and backward's, in MB, for (channels, rows, columns)."""
    channels, rows, columns = shape
    kernel = torch.ones(channels, channels, 3, 3, dtype=dtype)
    kernel = kernel.contiguous(memory_format=torch.channels_last)
    x = torch.ones(1, rows, columns, channels, dtype=dtype).permute(0, 3, 1, 2)
    most = 0.0
    for convolve in (torch.conv2d, torch.conv_transpose2d):
        heap.trim()  # The convolution would reuse freed memory, which wouldn't be counted.
        before = environment.resident_mb()
        if not environment.begin_peak():
            return 0.0
        y = convolve(x, kernel, padding=1)
        most = max(most, environment.peak_since_begun_mb() - before - y.nbytes / 1e6)
        del y
    return most
