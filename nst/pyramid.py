"""From coarse to fine: the start image, and the step from one scale to the next."""

from __future__ import annotations

import ctypes
import dataclasses

import torch
from PIL import Image
from torch import Tensor

from nst.images import resize
from nst.memory.storage import MEMORY, Storage
from nst.schedule import fitting
from nst.transport import power

_BAND = 128
"""Rows that are converted at a time, for the sake of memory."""


def to_tensor(
    image: Image.Image, mean: tuple[float, float, float], storage: Storage = MEMORY
) -> Tensor:
    """An RGB image as the network's input, 1 × 3 × H × W, BGR minus mean, float32."""
    x = storage.empty((1, 3, image.height, image.width))
    for top in range(0, image.height, _BAND):
        band = image.crop((0, top, image.width, min(top + _BAND, image.height)))
        raw = torch.frombuffer(bytearray(band.tobytes()), dtype=torch.uint8)
        rgb = raw.to(x.device).view(band.height, band.width, 3)
        for channel in range(3):
            rows = x[0, channel, top : top + band.height]
            rows.copy_(rgb[:, :, 2 - channel]).sub_(mean[channel])
    return x


def to_image(x: Tensor, mean: tuple[float, float, float]) -> Image.Image:
    """The network's input as an RGB image; rounds and clamps."""
    height, width = x.shape[2], x.shape[3]
    image = Image.new("RGB", (width, height))
    for top in range(0, height, _BAND):
        rows = x[0, :, top : top + _BAND]
        rgb = torch.empty(rows.shape[1], width, 3, dtype=torch.uint8, device=x.device)
        for channel in range(3):
            rgb[:, :, 2 - channel] = (rows[channel] + mean[channel]).round_().clamp_(0, 255)
        rgb = rgb.cpu()
        # Without numpy there is no quicker way to a tensor's bytes.
        data = ctypes.string_at(rgb.data_ptr(), rgb.numel())
        image.paste(Image.frombytes("RGB", (width, rows.shape[1]), data), (0, top))
    return image


def scaled(x: Tensor, size: tuple[int, int]) -> Tensor:
    """`x` resized to width × height, smoothly upwards and without aliasing downwards."""
    aten, rows_columns = torch.ops.aten, [size[1], size[0]]
    if size[0] < x.shape[3]:
        resized: Tensor = aten._upsample_bicubic2d_aa(x, rows_columns, False, None)
    else:
        resized = aten.upsample_bicubic2d(x, rows_columns, False, None)
    return resized


def refine_(x: Tensor, start: Tensor) -> Tensor:
    """Take a coarse painting up to the size of `start`, the start image there, which becomes it.

    The detail that the coarse image can't have comes from the start image: one step of a
    Laplacian pyramid, start + up(x − down(start)), a channel at a time.
    """
    coarse, fine = (x.shape[3], x.shape[2]), (start.shape[3], start.shape[2])
    for c in range(x.shape[1]):
        one = slice(c, c + 1)
        start[:, one] += scaled(x[:, one] - scaled(start[:, one], coarse), fine)
    return start


@dataclasses.dataclass(frozen=True, slots=True)
class Colors:
    """Mean (3) and covariance (3 × 3) of an image's colours, always on the processor."""

    mean: Tensor
    covariance: Tensor

    @staticmethod
    def of(image: Image.Image, mean: tuple[float, float, float]) -> Colors:
        """Measured on a small copy: colours don't need detail."""
        small = resize(image, fitting(image.size, min(256, max(image.size))))
        pixels = to_tensor(small, mean)[0].flatten(1)
        center = pixels.mean(1)
        pixels -= center[:, None]
        return Colors(center, pixels @ pixels.T / pixels.shape[1])

    @staticmethod
    def mix(colors: list[Colors], shares: list[float]) -> Colors:
        """The colours of several paintings together, each with its share (sum 1)."""
        mean = sum((c.mean * w for c, w in zip(colors, shares, strict=True)), torch.zeros(3))
        second = torch.zeros(3, 3)
        for c, w in zip(colors, shares, strict=True):
            second += w * (c.covariance + torch.outer(c.mean, c.mean))
        return Colors(mean, second - torch.outer(mean, mean))


def recolor_(x: Tensor, source: Colors, target: Colors) -> Tensor:
    """Move the colours of `x`, in place, from one mean and covariance to another.

    As little as possible, by the optimal transport between two normal distributions: with A, B
    the covariances, T = A^(−1/2) (A^(1/2) B A^(1/2))^(1/2) A^(−1/2).
    """
    ridge = torch.eye(3)  # One level of noise keeps grey pictures invertible.
    a, b = source.covariance + ridge, target.covariance + ridge
    root = power(a, 0.5)
    inverse = power(a, -0.5)
    transport = (inverse @ power(root @ b @ root, 0.5) @ inverse).to(x.device)
    before, after = source.mean[:, None].to(x.device), target.mean[:, None].to(x.device)
    for top in range(0, x.shape[2], _BAND):
        rows = x[0, :, top : top + _BAND]
        flat = rows.flatten(1) - before
        rows.copy_((transport @ flat).add_(after).view_as(rows))
    return x
