"""The losses of an image, and their exact gradient with respect to it.

1. Forward: add each stripe's FᵀF to the Gram matrices.
2. Once every Gram matrix is known, so are the loss and its gradient with respect to every map, in
   closed form (`nst.objective`): no graph has to be kept.
3. Backward, from the deepest layer, adding each layer's own gradient.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from nst.memory.storage import Storage
from nst.network.stripes import WHOLE, Layout, Section, See, backward, forward, lay_out
from nst.network.vgg import CONTENT_LAYER, MARGIN, VGG19, Rows, as_matrix
from nst.objective import Objective, pixel_terms, second_moment
from nst.progress import Losses

Border = Literal["replicate", "zeros"]
"""How the image is padded: with its edge pixels, against artefacts, or with zeros as Gatys did."""


class Features:
    """Computes feature statistics of images, and the gradient of an objective.

    Images are 1 × 3 × H × W in float32, BGR minus the mean; maps have the network's dtype.
    """

    def __init__(
        self,
        net: VGG19,
        layout: Layout = WHOLE,
        border: Border = "replicate",
        storage: Storage | None = None,
        watch: Callable[[], None] | None = None,
    ) -> None:
        """Large tensors that aren't in use are kept in `storage`, on the network's device.

        Without a storage they stay in that device's memory. `watch` is called whenever memory may
        be at its highest.
        """
        self.net = net
        self._storage = storage or Storage(device=net.device)
        self._watch = watch
        self.layout = layout
        self.border = border
        self.mean = torch.tensor(net.mean).to(net.device).view(1, 3, 1, 1)

    def grams(self, x: Tensor, layers: list[str]) -> dict[str, Tensor]:
        """Return the Gram matrices G = FᵀF / N (C × C, float32) of the image `x` by layer."""
        sections = self._sections(x, layers, keep=False)
        measured = _Measured(sections, layers)
        self._forward(sections, x, measured.see)
        return measured.grams

    def content(self, x: Tensor) -> Tensor:
        """Return the content layer's map (1 × 512 × h × w) of the image `x`."""
        sections = self._sections(x, [CONTENT_LAYER], keep=False)
        rows, columns = sections[-1].heights[-1], sections[-1].widths[-1]
        target = self._storage.map(512, rows, columns, self.net.dtype)

        def see(layer: str, rows: Rows, values: Tensor) -> None:
            if layer == CONTENT_LAYER:
                target[:, :, rows[0] : rows[1]] = values

        self._forward(sections, x, see)
        return target

    def losses(self, x: Tensor, objective: Objective) -> Losses:
        """Return the losses alone, at less than half the cost of `gradient`."""
        sections = self._sections(x, objective.layers, keep=False)
        measured = _Measured(sections, objective.layers, objective.content_map)
        self._forward(sections, x, measured.see)
        losses, _ = _close(measured, objective)
        pixels = pixel_terms(x, self.mean, objective, None)
        return dataclasses.replace(losses, pixels=pixels)

    def gradient(self, x: Tensor, objective: Objective) -> tuple[Losses, Tensor]:
        """Return the losses at `x` and their gradient (1 × 3 × H × W, float32)."""
        sections = self._sections(x, objective.layers, keep=True)
        measured = _Measured(sections, objective.layers, objective.content_map)
        self._forward(sections, x, measured.see)
        losses, pulls = _close(measured, objective)

        def pull(layer: str, rows: Rows, values: Tensor | None, g: Tensor) -> None:
            if self._watch is not None:
                self._watch()
            if values is None:
                return
            if layer in pulls:
                as_matrix(g).addmm_(as_matrix(values), pulls[layer].to(g.dtype))
            if layer == CONTENT_LAYER and objective.content_map is not None:
                target = objective.content_map[:, :, rows[0] : rows[1]]
                share = 2 * objective.content / objective.content_map.numel()
                g.add_(values - target, alpha=share)

        g = self._storage.empty(x.shape)
        _fold(backward(sections, pull, self._storage), self.border, g)
        pixels = pixel_terms(x, self.mean, objective, g)
        return dataclasses.replace(losses, pixels=pixels), g

    def _forward(self, sections: list[Section], x: Tensor, see: See) -> None:
        """Call `see` for every layer of the image `x`, and `watch` before it."""

        def watched(layer: str, rows: Rows, values: Tensor) -> None:
            if self._watch is not None:
                self._watch()
            see(layer, rows, values)

        forward(sections, self._padded(x), watched, self._storage)

    def _sections(self, x: Tensor, layers: list[str], keep: bool) -> list[Section]:
        """Return the sections for the image, as deep as the deepest of the layers.

        Only with `keep` do they store anything for backward.
        """
        depth = max(self.net.index(layer) for layer in layers) + 1
        sections = lay_out(self.net.operations, self.layout, (x.shape[2], x.shape[3]), depth)
        for section in sections:
            section.stored &= keep
            section.valued = frozenset(layers)
        return sections

    def _padded(self, x: Tensor) -> Tensor:
        """Return the image with its margin, in the network's dtype, channels last."""
        rows, columns = x.shape[2] + 2 * MARGIN, x.shape[3] + 2 * MARGIN
        image = self._storage.map(x.shape[1], rows, columns, self.net.dtype)
        image[:, :, 1:-1, 1:-1] = x
        # First the columns, then the rows, which include the corners.
        for side, inner in ((0, 1), (-1, -2)):
            edge = image[:, :, 1:-1, inner] if self.border == "replicate" else 0
            image[:, :, 1:-1, side] = edge
        for side, inner in ((0, 1), (-1, -2)):
            image[:, :, side] = image[:, :, inner] if self.border == "replicate" else 0
        return image


class _Measured:
    """Collects in a forward pass the Gram matrices and the distance from the content's map."""

    def __init__(
        self, sections: list[Section], layers: list[str], content_map: Tensor | None = None
    ) -> None:
        self.sizes = {
            op.name: section.heights[i + 1] * section.widths[i + 1]
            for section in sections
            for i, op in enumerate(section.operations)
        }
        """Number of positions N of each layer."""
        self.grams: dict[str, Tensor] = {}
        self.content = 0.0
        """Mean of (F − P)²."""
        self._layers = [layer for layer in layers if layer != CONTENT_LAYER]
        self._content_map = content_map

    def see(self, layer: str, rows: Rows, values: Tensor) -> None:
        if layer in self._layers:
            moment = second_moment(values).div_(self.sizes[layer])
            # Add in place: a new tensor for every stripe would end up between the stripes' maps on
            # the heap, so that their memory couldn't be given back (120 MB after 64 stripes).
            if layer in self.grams:
                self.grams[layer] += moment
            else:
                self.grams[layer] = moment
        elif layer == CONTENT_LAYER and self._content_map is not None:
            difference = values - self._content_map[:, :, rows[0] : rows[1]]
            square = difference.square_().sum(dtype=torch.float32)
            self.content += float(square) / self._content_map.numel()


def _close(measured: _Measured, objective: Objective) -> tuple[Losses, dict[str, Tensor]]:
    """Return the losses, and for each style layer the matrix M (C × C) for which dL/dF = F M."""
    by_layer: dict[str, float] = {}
    pulls: dict[str, Tensor] = {}
    for layer, gram in measured.grams.items():
        by_layer[layer], pull = objective.compare(layer, gram)
        pulls[layer] = pull / measured.sizes[layer]
    content = objective.content * measured.content
    return Losses(content, sum(by_layer.values()), by_layer=by_layer), pulls


def _fold(g: Tensor, border: Border, out: Tensor) -> None:
    """Write the image's gradient to `out`, given that of the image with its margin."""
    out.copy_(g[:, :, 1:-1, 1:-1])
    if border == "replicate":
        # Each margin pixel was a copy of the nearest pixel of the image, the corners too.
        out[:, :, 0] += g[:, :, 0, 1:-1]
        out[:, :, -1] += g[:, :, -1, 1:-1]
        out[:, :, :, 0] += g[:, :, 1:-1, 0]
        out[:, :, :, -1] += g[:, :, 1:-1, -1]
        for row in (0, -1):
            for column in (0, -1):
                out[:, :, row, column] += g[:, :, row, column]
