"""The function to minimise: Gatys' content and style losses in closed form, and two pixel terms.

For a style layer l with C channels and N positions, whose map as a matrix is F (N × C), the Gram
matrix is G = Fᵀ F / N and

    style_l   = w_l · mean over C × C of (G − A)²        dL/dF = (4 w_l / (C² N)) · F (G − A)

where A is the Gram matrix of the painting to imitate. For the content layer

    content   = w · mean over N × C of (F − P)²          dL/dF = (2 w / (C N)) · (F − P)

where P is the photograph's map. Gatys et al. (2015) use sums and 1/(4 N² M²); means differ from
those only by constants. With `PASTICHE_CONTENT` and `pastiche_style` the losses are exactly those
of pastiche, the program that we compare with.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from nst.network.vgg import CONTENT_LAYER, STYLE_LAYERS, as_matrix
from nst.transport import bures, power

PASTICHE_CONTENT = 0.01
RANGE_WEIGHT = 1000.0
"""Chosen for a photograph whose style loss is a million. With a sixteenth of it, the delivered
(clamped) picture has 13 to 39 % more loss after as many evaluations (docs/engine.md)."""
_CHUNK = 4096
_BAND = 256


def pastiche_style(channels: int) -> float:
    """Return pastiche's weight of a style layer, 10 / C²."""
    return 10.0 / channels**2


def second_moment(rows: Tensor) -> Tensor:
    """Return FᵀF (C × C, float32) of a stripe's rows (1 × C × h × w).

    In bfloat16 each product is rounded to 8 bits when it leaves the matrix unit. So the rows are
    multiplied in chunks and the results added in float32: the rounding errors average out.
    """
    matrix = as_matrix(rows)
    if matrix.dtype == torch.float32:
        return matrix.T @ matrix
    whole = matrix.shape[0] // _CHUNK * _CHUNK
    total = torch.zeros(matrix.shape[1], matrix.shape[1], device=matrix.device)
    for start in range(0, whole, _CHUNK):
        chunk = matrix[start : start + _CHUNK].view(8, _CHUNK // 8, -1)
        total += torch.bmm(chunk.transpose(1, 2), chunk).sum(0, dtype=torch.float32)
    if whole < matrix.shape[0]:
        rest = matrix[whole:]
        total += rest.T @ rest
    return total


@dataclasses.dataclass(frozen=True, slots=True)
class Objective:
    """The targets and weights of one stage. Layers without a weight are not computed."""

    grams: dict[str, Tensor]
    """Target Gram matrix A (C × C, float32) of each style layer."""
    style: dict[str, float]
    """Weight w_l of each style layer."""
    content_map: Tensor | None = None
    """P, 1 × 512 × h × w; None means no content loss."""
    content: float = 0.0
    range: float = RANGE_WEIGHT
    """Weight of the mean squared excess over 0..255, so that clamping at the end changes little."""
    variation: float = 0.0
    """Weight of the total variation: the mean squared difference of neighbours."""
    roots: dict[str, Tensor] | None = None
    """A^½ of each style layer, if Gram matrices are to be compared by `nst.transport`."""

    @property
    def layers(self) -> list[str]:
        """The layers whose maps this objective needs, from shallow to deep."""
        deep = [CONTENT_LAYER] if self.content_map is not None and self.content > 0 else []
        return [layer for layer in STYLE_LAYERS if self.style.get(layer)] + deep

    def shallow(self) -> Objective:
        """Return the cheap part of it: relu1_1, relu2_1 and relu3_1, 31 % of the arithmetic."""
        style = {layer: self.style[layer] for layer in STYLE_LAYERS[:3]}
        return dataclasses.replace(self, style=style, content_map=None, content=0.0)

    def leading(self) -> Objective:
        """Return the objective for preparatory stages, which compares Gram matrices by transport.

        Its style loss is a different measure and can't be compared with that of other stages.
        """
        roots = {layer: power(self.grams[layer], 0.5) for layer in self.style}
        return dataclasses.replace(self, roots=roots)

    def compare(self, layer: str, gram: Tensor) -> tuple[float, Tensor]:
        """Return a style layer's loss, and the symmetric P (C × C) for which dL/dF = F P / N."""
        weight, target = self.style[layer], self.grams[layer]
        if self.roots is not None:
            distance, pull = bures(gram, self.roots[layer])
            weight *= 4 * float(target.trace()) / target.numel()
            return weight * distance, pull * (2 * weight)
        difference = gram - target
        loss = weight * float(difference.square().mean())
        return loss, difference * (4 * weight / gram.numel())


def pixel_terms(x: Tensor, mean: Tensor, objective: Objective, g: Tensor | None) -> float:
    """Return the loss of the terms on pixels, and add their gradient to `g` if there is one.

    `x` and `g` are 1 × 3 × H × W in float32; `x` has `mean` (1 × 3 × 1 × 1) subtracted. To save
    memory only some rows of one channel are handled at a time.
    """
    loss = 0.0
    for c in range(x.shape[1]):
        for top in range(0, x.shape[2], _BAND):
            rows = x[0, c, top : top + _BAND]
            if objective.range > 0:
                excess = rows + mean[0, c]
                excess -= excess.clamp(0, 255)
                loss += objective.range * float(excess.square().sum())
                if g is not None:
                    g[0, c, top : top + _BAND].add_(excess, alpha=2 * objective.range / x.numel())
            if objective.variation > 0:
                # The last row's difference needs the row below, which the next band starts with.
                below = slice(top, top + _BAND + 1)
                for dim, part in ((0, below), (1, slice(top, top + _BAND))):
                    steps = x[0, c, part].diff(dim=dim)
                    loss += objective.variation * float(steps.square().sum())
                    if g is not None:
                        steps *= 2 * objective.variation / x.numel()
                        slopes = g[0, c, part]
                        slopes.narrow(dim, 1, steps.shape[dim]).add_(steps)
                        slopes.narrow(dim, 0, steps.shape[dim]).sub_(steps)
    return loss / x.numel()
