"""The start image, the targets and their weights at each scale of a painting."""

from __future__ import annotations

import math

import torch
from PIL import Image
from torch import Tensor

from nst import pyramid
from nst.colors import make_grey_
from nst.images import resize
from nst.memory.storage import Storage
from nst.network.gradient import Features
from nst.network.vgg import STYLE_LAYERS
from nst.objective import PASTICHE_CONTENT, RANGE_WEIGHT, Objective, pastiche_style
from nst.pyramid import Colors
from nst.settings import Settings
from nst.sizes import style_size

TYPICAL_STYLE_LOSS = 1e6
"""The painter's losses are scaled so that the photograph itself has this style loss, whatever the
style is. So the strength and the weights of the pixel terms mean the same for every style."""
LEAST_DISTANCE = 1e-3
"""The photograph's distance from the style is taken to be at least this fraction of the style's own
magnitude."""
CONTENT_SHARE = 0.015
"""The share at strength 0.5: a face stays recognisable, and the sky gets the style's strokes."""
NOISE = 30.0
"""Standard deviation of a seed's noise, on the scale of 0..255."""
VARIATION = 8.0
"""Weight of the total variation: just enough against speckle."""


class Targets:
    """The photograph and the styles, measured at the scale that is asked for."""

    def __init__(
        self,
        content: Image.Image,
        styles: list[Image.Image],
        settings: Settings,
        features: Features,
        storage: Storage,
        *,
        grey: bool = False,
    ) -> None:
        """`content` and `styles` are at least as large as the largest scale needs.

        Colours are matched first. If the photograph's palette is to be kept, those of the styles
        are matched to it; otherwise the start image gets the styles' colours. With `grey` pictures
        the noise of a seed is grey, too.
        """
        self._content, self._styles, self._grey = content, styles, grey
        self._shares = settings.shares(len(styles))
        self._settings, self._features, self._storage = settings, features, storage
        self._mean = mean = features.net.mean
        self._own = Colors.of(content, mean)
        if settings.palette:
            self._styles = [self._in_own_colors(style) for style in styles]
        theirs = [Colors.of(style, mean) for style in self._styles]
        self._theirs = Colors.mix(theirs, self._shares)

    def start(self, size: tuple[int, int]) -> Tensor:
        """Return the photograph at this size, in the styles' colours, as the network's input."""
        return pyramid.recolor_(self._photograph(size), self._own, self._theirs)

    def disturbed(self, x: Tensor) -> Tensor:
        """Return the first image `x` with the seed's noise, so that seeds give different pictures.

        Gatys et al. start from noise; a little noise on the photograph is enough to change where
        the coarse strokes go. Seed 0 adds none.
        """
        if self._settings.seed == 0:
            return x
        # The default generator, because a leanly imported torch can't create another one.
        generator = torch.default_generator
        before = generator.get_state()
        noise = torch.randn(x.shape, generator=generator.manual_seed(self._settings.seed))
        generator.set_state(before)
        if self._grey:
            noise = make_grey_(noise) * math.sqrt(3)  # of the same standard deviation
        return x + NOISE * noise.to(x.device)

    def objective(self, size: tuple[int, int]) -> Objective:
        """Return the objective at one scale, weighted so that strength suits every style alike."""
        grams = self._grams(size)
        weights = {layer: pastiche_style(gram.shape[0]) for layer, gram in grams.items()}
        x = self._photograph(size)
        target = self._features.content(x)
        own = self._features.grams(x, list(grams))
        distance = sum(
            weight * float((own[layer] - grams[layer]).square().mean())
            for layer, weight in weights.items()
        )
        # Where the photograph nearly is the style, the distance is no useful scale.
        least = LEAST_DISTANCE * sum(
            weight * float(grams[layer].square().mean()) for layer, weight in weights.items()
        )
        scale = TYPICAL_STYLE_LOSS / max(distance, least, 1e-6)
        if self._settings.preset == "gatys":
            # These losses are the paper's and stay unscaled, so the pixel term is scaled instead.
            range_weight = RANGE_WEIGHT / scale
            return Objective(grams, weights, target, PASTICHE_CONTENT, range_weight)
        energy = sum(float(row.float().square().sum()) for row in target[0].unbind(1))
        energy /= target.numel()
        content = content_share(self._settings.strength) * TYPICAL_STYLE_LOSS / max(energy, 1e-6)
        return Objective(
            grams,
            {layer: weight * scale for layer, weight in weights.items()},
            target,
            content,
            variation=VARIATION,
        )

    def _grams(self, size: tuple[int, int]) -> dict[str, Tensor]:
        """Return the styles' Gram matrices, added by their shares, for a painting of this size."""
        grams: dict[str, Tensor] = {}
        for style, share in zip(self._styles, self._shares, strict=True):
            picture = resize(style, style_size(style.size, size, self._settings.brush))
            x = pyramid.to_tensor(picture, self._mean, self._storage)
            for layer, gram in self._features.grams(x, list(STYLE_LAYERS)).items():
                grams[layer] = grams.get(layer, torch.zeros_like(gram)) + share * gram
        return grams

    def _photograph(self, size: tuple[int, int]) -> Tensor:
        return pyramid.to_tensor(resize(self._content, size), self._mean, self._storage)

    def _in_own_colors(self, style: Image.Image) -> Image.Image:
        x = pyramid.to_tensor(style, self._mean)
        x = pyramid.recolor_(x, Colors.of(style, self._mean), self._own)
        return pyramid.to_image(x, self._mean)


def content_share(strength: float) -> float:
    """Return the weight of the content's energy relative to the photograph's style distance.

    It falls by a factor of 1000 from strength 0 to 1, exponentially, so that equal changes of
    strength look equally large.
    """
    return float(CONTENT_SHARE * 10 ** (3 * (0.5 - strength)))
