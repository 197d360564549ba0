"""Converts between images and tensors, and takes a painting from one scale to the next."""

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
"""Rows to convert at a time, to save memory."""


def to_tensor(
    image: Image.Image, mean: tuple[float, float, float], storage: Storage = MEMORY
) -> Tensor:
    """Return an RGB image as the network's input: 1 × 3 × H × W, BGR minus mean, float32."""
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
    """Return the network's input as an RGB image, rounded and clamped."""
    height, width = x.shape[2], x.shape[3]
    image = Image.new("RGB", (width, height))
    for top in range(0, height, _BAND):
        rows = x[0, :, top : top + _BAND]
        rgb = torch.empty(rows.shape[1], width, 3, dtype=torch.uint8, device=x.device)
        for channel in range(3):
            rgb[:, :, 2 - channel] = (rows[channel] + mean[channel]).round_().clamp_(0, 255)
        rgb = rgb.cpu()
        # Without numpy this is the quickest way to read a tensor's bytes.
        data = ctypes.string_at(rgb.data_ptr(), rgb.numel())
        image.paste(Image.frombytes("RGB", (width, rows.shape[1]), data), (0, top))
    return image


def scaled(x: Tensor, size: tuple[int, int]) -> Tensor:
    """Return `x` resized to width × height: bicubic, and antialiased when it gets smaller."""
    aten, rows_columns = torch.ops.aten, [size[1], size[0]]
    if size[0] < x.shape[3]:
        resized: Tensor = aten._upsample_bicubic2d_aa(x, rows_columns, False, None)
    else:
        resized = aten.upsample_bicubic2d(x, rows_columns, False, None)
    return resized


def refine_(x: Tensor, start: Tensor) -> Tensor:
    """Enlarge the coarse painting `x` to the size of `start`, the start image at that size.

    The detail that the coarse painting lacks comes from the start image, by one step of a
    Laplacian pyramid: start + up(x − down(start)), one channel at a time. The result replaces
    the contents of `start` and is returned.
    """
    coarse, fine = (x.shape[3], x.shape[2]), (start.shape[3], start.shape[2])
    for c in range(x.shape[1]):
        one = slice(c, c + 1)
        start[:, one] += scaled(x[:, one] - scaled(start[:, one], coarse), fine)
    return start


@dataclasses.dataclass(frozen=True, slots=True)
class Colors:
    """The mean (3) and covariance (3 × 3) of an image's colours, always on the CPU."""

    mean: Tensor
    covariance: Tensor

    @staticmethod
    def of(image: Image.Image, mean: tuple[float, float, float]) -> Colors:
        """Return the colours of an image, measured on a small copy: detail doesn't matter."""
        small = resize(image, fitting(image.size, min(256, max(image.size))))
        pixels = to_tensor(small, mean)[0].flatten(1)
        center = pixels.mean(1)
        pixels -= center[:, None]
        return Colors(center, pixels @ pixels.T / pixels.shape[1])

    @staticmethod
    def mix(colors: list[Colors], shares: list[float]) -> Colors:
        """Return the combined colours of several paintings; the shares add up to 1."""
        mean = sum((c.mean * w for c, w in zip(colors, shares, strict=True)), torch.zeros(3))
        second = torch.zeros(3, 3)
        for c, w in zip(colors, shares, strict=True):
            second += w * (c.covariance + torch.outer(c.mean, c.mean))
        return Colors(mean, second - torch.outer(mean, mean))


def recolor_(x: Tensor, source: Colors, target: Colors) -> Tensor:
    """Change the colours of `x` in place from one mean and covariance to another.

    Colours move as little as possible, by the optimal transport between two normal distributions
    with covariances A and B: T = A^(−1/2) (A^(1/2) B A^(1/2))^(1/2) A^(−1/2).
    """
    ridge = torch.eye(3)  # A variance of 1 keeps a grey picture's covariance invertible.
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
