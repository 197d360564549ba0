"""Paints light alone, and gives every place its own colour back.

Who asks for the photograph's colours means that a red wall stays red and only the strokes come from
the painting. Gatys, Bethge, Hertzmann and Shechtman (2016, "Preserving Color in Neural Artistic
Style Transfer", section 4) transfer the style between the luminances of the pictures alone, and add
the photograph's colour at the end. They do so in YIQ; here it is done in linear light, where a
colour that is made brighter or darker keeps its hue: another light on the same wall does the same.

A photograph without colour, painted the way of paintings without colour, stays without by the same
means.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable

import torch
from PIL import Image
from torch import Tensor

_BAND = 128
"""Rows that are converted at a time, for the sake of memory."""
_LUMINANCE = (0.2126, 0.7152, 0.0722)
"""Of linear R, G and B: IEC 61966-2-1 (sRGB)."""
_MOST_GAIN = 4.0
"""How much stronger a colour may get with its light: in the dark there is hardly any, and noise."""
_GREY = 4
"""Difference of two channels, of 255, up to which a pixel counts as grey: a scan is never quite."""


def is_grey(image: Image.Image) -> bool:
    """Whether an RGB image has no colour anywhere that would be seen."""
    small = image if max(image.size) <= 512 else image.reduce(max(image.size) // 256)
    red, green, blue = (
        torch.frombuffer(bytearray(channel.tobytes()), dtype=torch.uint8).to(torch.int16)
        for channel in small.split()
    )
    return all(int((one - green).abs().max()) <= _GREY for one in (red, blue))


def luminance(image: Image.Image) -> Image.Image:
    """The RGB image as the grey one that is as bright everywhere."""

    def convert(band: Tensor) -> Tensor:
        return _coded(_light(_linear(band)))[..., None].expand(-1, -1, 3)

    return _by_bands(convert, image)


def with_colors_of(painting: Image.Image, photo: Image.Image) -> Image.Image:
    """The painting's light with the photograph's colours; both are RGB and of one size.

    A colour gets stronger or weaker with its light, as far as the screen can show it without a
    change of hue or of light.
    """

    def convert(band: Tensor, below: Tensor) -> Tensor:
        light = _light(_linear(band))[..., None]
        theirs = _linear(below)
        before = _light(theirs)[..., None]
        color = theirs - before
        gain = (light / before.clamp(min=1e-4)).clamp(max=_MOST_GAIN)
        # Each channel has to stay from 0 to 1; the light stays whatever the gain is.
        room = torch.where(color > 0, 1 - light, light) / color.abs().clamp(min=1e-6)
        gain = torch.minimum(gain, room.amin(2, keepdim=True))
        return _coded(light + gain * color)

    return _by_bands(convert, painting, photo)


def make_grey_(g: Tensor) -> Tensor:
    """Give all channels of a gradient (1 × 3 × H × W) their mean, in place.

    What is grey then stays grey: it is the gradient with respect to the light alone.
    """
    for top in range(0, g.shape[2], _BAND):
        rows = g[0, :, top : top + _BAND]
        rows.copy_(rows.mean(0, keepdim=True).expand_as(rows))
    return g


def _light(linear: Tensor) -> Tensor:
    """Luminance of linear RGB (h × w × 3)."""
    red, green, blue = _LUMINANCE
    return linear[..., 0] * red + linear[..., 1] * green + linear[..., 2] * blue


def _linear(coded: Tensor) -> Tensor:
    """SRGB's numbers 0..255 as linear light 0..1 (IEC 61966-2-1)."""
    value = coded.float() / 255
    return torch.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _coded(linear: Tensor) -> Tensor:
    """Linear light 0..1 as sRGB's numbers, rounded to uint8."""
    value = linear.clamp(0, 1)
    coded = torch.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)
    return (coded * 255).round_().to(torch.uint8)


def _by_bands(convert: Callable[..., Tensor], *images: Image.Image) -> Image.Image:
    """Convert images of one size, as uint8 tensors h × w × 3, some rows at a time."""
    width, height = images[0].size
    made = Image.new("RGB", (width, height))
    for top in range(0, height, _BAND):
        box = (0, top, width, min(top + _BAND, height))
        bands = [
            torch.frombuffer(bytearray(image.crop(box).tobytes()), dtype=torch.uint8).view(
                box[3] - top, width, 3
            )
            for image in images
        ]
        rgb = convert(*bands).contiguous()
        # Without numpy there is no quicker way to a tensor's bytes.
        data = ctypes.string_at(rgb.data_ptr(), rgb.numel())
        made.paste(Image.frombytes("RGB", (width, box[3] - top), data), (0, top))
    return made
