"""`StyleTransfer` makes one picture from a photograph and one or more styles.

transfer = StyleTransfer(content, [style], Settings(size=512))
for progress in transfer.steps():
    print(progress.fraction, progress.losses.total)
transfer.picture().save("painting.png")
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterator

import torch
from PIL import Image
from torch import Tensor

from nst import pyramid
from nst.choices import SMALLEST
from nst.colors import is_grey, luminance, make_grey_, with_colors_of
from nst.images import BadPicture, as_rgb, resize
from nst.machine import environment
from nst.machine.device import choose, room_mb
from nst.machine.heap import Heap
from nst.memory.convolutions import beyond_maps
from nst.memory.plan import BASE_BYTES, DEVICE_BYTES, Plan, choose_dtype, make_plan
from nst.memory.storage import Storage
from nst.network.gradient import Border, Features
from nst.network.vgg import VGG19, Pooling
from nst.network.winograd import Winograd, is_quicker
from nst.objective import Objective
from nst.optimizer import LBFGS, Preconditioner
from nst.progress import Losses, Progress
from nst.schedule import Clock, Gain, schedule
from nst.settings import Settings, check
from nst.sizes import painting_size, style_size
from nst.targets import Targets
from weights import find
from weights.decode import load

NEAR = 0.9
"""Above this fraction of the memory limit, freed memory is returned to the system at once."""


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """The losses and times of a finished painting."""

    losses: Losses
    """Losses of the picture as delivered, with 8 bits per channel."""
    seconds: float
    stage_seconds: tuple[float, ...]
    stage_evaluations: tuple[int, ...]

    @property
    def evaluations(self) -> int:
        return sum(self.stage_evaluations)


class StyleTransfer:
    """Paints `content` in the manner of `styles`, images of any mode; transparency becomes white.

    `device` is where it computes, "cpu" or "cuda"; pictures are read and returned on the CPU.

    Raises `BadPicture` for pictures too narrow to paint, `OutOfMemoryBudget` where the memory
    limit is too small, `WeightsMissing`, `WeightsCorrupt`, and ValueError for wrong settings.
    """

    def __init__(
        self,
        content: Image.Image,
        styles: list[Image.Image],
        settings: Settings | None = None,
        start: Image.Image | None = None,
        *,
        own_process: bool = False,
    ) -> None:
        """`start` is an earlier painting of the same pair, which is continued at a larger size.

        `own_process` says that the process exists only for this painting, so that glibc may be
        told how much freed memory to keep: the painting then takes 60 to 100 MB less. Leave it
        False in a program that does other things as well.
        """
        self.settings = settings = settings or Settings()
        self._heap = heap = Heap(own=own_process)
        check(settings, len(styles))
        self.faithful = settings.preset == "gatys"
        self.size = painting_size(content.size, settings.size)
        if min(self.size) < SMALLEST:
            raise BadPicture(
                f"at {self.size[0]}×{self.size[1]} it is too narrow: "
                f"the shorter side has to have {SMALLEST} pixels"
            )
        self.device = choose(settings.device, settings.memory_limit_mb)
        self.dtype = choose_dtype(settings.dtype, self.device)
        self.stages = schedule(self.size, settings.evaluations, max(start.size) if start else 0)
        self.outcome: Outcome | None = None
        self.shares = settings.shares(len(styles))
        style_sizes = [style_size(style.size, self.size, settings.brush) for style in styles]
        self._content, self._photo, styles = self._prepared(content, styles, style_sizes)
        # The network was trained with max pooling, which lets one pixel in four through and so
        # leaves speckle in flat areas; average pooling doesn't.
        pooling: Pooling = "max" if self.faithful else "average"
        on_cpu = self.device == "cpu"
        convolutions = 0.0
        if on_cpu and settings.memory_limit_mb is not None:
            emulated = self.dtype is torch.bfloat16 and choose_dtype("auto") is torch.float32
            convolutions = beyond_maps(self.dtype, self.size[0], heap, emulated=emulated)
        heap.trim()
        self.plan: Plan = make_plan(
            self.size,
            style_sizes,
            self.dtype,
            settings.memory_limit_mb if on_cpu else room_mb(settings.memory_limit_mb),
            aim_mb=settings.memory_aim_mb,
            pooling=pooling,
            can_spill=on_cpu and settings.scratch is not None,
            base=(environment.anonymous_mb() * 1e6 or BASE_BYTES) if on_cpu else DEVICE_BYTES,
            device=self.device,
            winograd=on_cpu and self.dtype == torch.float32 and is_quicker(),
            # In bfloat16 kernels are half as large, so packing saves less, and unpacking costs more
            # relative to the rest.
            can_pack=on_cpu and self.dtype == torch.float32 and find().kind == "packaged",
            convolutions=convolutions,
            own_heap=own_process,
        )
        heap.keep_freed(self.plan.kept)
        winograd = Winograd() if self.plan.winograd else None
        kernels = load(self.dtype, packed=self.plan.packed).to(self.device)
        net = VGG19(kernels, pooling, winograd)
        heap.trim()
        self._mean = net.mean
        self._storage = Storage(settings.scratch if self.plan.spill else None, self.device, heap)
        border: Border = "zeros" if self.faithful else "replicate"
        self._peak_mb = 0.0
        limit = settings.memory_limit_mb if on_cpu else None
        self._near_mb = NEAR * limit if limit is not None else math.inf
        watch = self._look if self.plan.spill or limit is not None else None
        self._features = Features(net, self.plan.layout, border, self._storage, watch)
        self._targets = Targets(
            self._content,
            styles,
            settings,
            self._features,
            self._storage,
            grey=self._photo is not None,
        )
        self.continued = start is not None
        self._x: Tensor | None = None
        if start is not None:
            start = _no_larger(as_rgb(start), self.size)
            start = start if self._photo is None else luminance(start)
            self._x = pyramid.to_tensor(start, self._mean, self._storage)

    def _prepared(
        self, content: Image.Image, styles: list[Image.Image], style_sizes: list[tuple[int, int]]
    ) -> tuple[Image.Image, Image.Image | None, list[Image.Image]]:
        """The pictures in RGB, none larger than it will be looked at: content, photo, styles.

        The photo is there where the light alone is painted: the painting gets its colours at the
        end. Content and styles are grey then.
        """
        content = resize(as_rgb(content), self.size)
        styles = [
            _no_larger(as_rgb(style), wanted)
            for style, wanted in zip(styles, style_sizes, strict=True)
        ]
        colorless = not self.faithful and all(map(is_grey, (content, *styles)))
        if not (self.settings.keep_colors or colorless):
            return content, None, styles
        return luminance(content), content, [luminance(style) for style in styles]

    @torch.no_grad()
    def steps(self) -> Iterator[Progress]:
        """Paint, yielding the progress after every evaluation; stop iterating to cancel."""
        started = time.perf_counter()
        clock = Clock(self.stages)
        stage_seconds: list[float] = []
        stage_evaluations: list[int] = []
        curvature: dict[bool, float | None] = {}
        previous: tuple[int, int] | None = None
        objective: Objective | None = None
        for number, stage in enumerate(self.stages):
            began = time.perf_counter()
            size = (stage.width, stage.height)
            if size != previous:
                objective = None  # Free the old targets before the new ones are made.
                start = self._targets.start(size)
                objective = self._targets.objective(size)
                if self._x is None:
                    self._x = self._targets.disturbed(start)
                else:
                    self._x = pyramid.refine_(self._x, start)
                del start
                previous = size
                precondition = Preconditioner(
                    stage.height, stage.width, device=self.device, storage=self._storage
                )
            assert objective is not None and self._x is not None
            goal = objective.shallow() if stage.shallow else objective
            if stage is not self.stages[-1] and (stage.shallow or self.faithful):
                # Preparatory stages may use another loss than the paper's: only the last stage's
                # result is delivered. With the painter's weight of the content, transport in full
                # stages gives no lower loss, and draws whirls into faces (docs/engine.md).
                goal = goal.leading()
            optimizer = LBFGS(
                self.plan.history, curvature.get(stage.shallow), storage=self._storage
            )
            gain = Gain(stage.least_gain)
            for evaluation in range(1, stage.evaluations + 1):
                tick = time.perf_counter()
                losses, g = self._features.gradient(self._x, goal)
                if self._photo is not None:
                    make_grey_(g)
                self._x += precondition.apply_(optimizer.step_(precondition.apply_(g)))
                del g
                clock.tick(number, time.perf_counter() - tick)
                gain.add(losses.total)
                if gain.is_spent or evaluation == stage.evaluations:
                    clock.end(number)
                yield Progress(
                    stage=number + 1,
                    stages=len(self.stages),
                    size=max(size),
                    evaluation=evaluation,
                    evaluations=stage.evaluations,
                    fraction=clock.fraction,
                    seconds=time.perf_counter() - started,
                    seconds_left=clock.seconds_left,
                    losses=losses,
                )
                if gain.is_spent:
                    break
            stage_evaluations.append(evaluation)
            curvature[stage.shallow] = optimizer.curvature
            stage_seconds.append(time.perf_counter() - began)
            del optimizer
        assert self._x is not None and objective is not None
        painted = pyramid.to_image(self._x, self._mean)
        self._x = pyramid.to_tensor(painted, self._mean, self._storage)
        self.outcome = Outcome(
            self._features.losses(self._x, objective),
            time.perf_counter() - started,
            tuple(stage_seconds),
            tuple(stage_evaluations),
        )

    def paint(self, callback: Callable[[Progress], None] | None = None) -> Image.Image:
        """Paint to the end and return the painting.

        `callback` is called after every evaluation; an exception from it ends the painting.
        """
        for progress in self.steps():
            if callback is not None:
                callback(progress)
        return self.picture()

    def picture(self) -> Image.Image:
        """Return the painting so far, at the size of the current stage."""
        if self._x is None:
            return self._photo or self._content
        painted = pyramid.to_image(self._x, self._mean)
        if self._photo is None:
            return painted
        return with_colors_of(painted, resize(self._photo, painted.size))

    @property
    def peak_mb(self) -> float:
        """Largest anonymous memory of the process so far, in MB."""
        return self._peak_mb if self.plan.spill else environment.peak_anonymous_mb()

    def _look(self) -> None:
        # With mapped files, the kernel's peak can't be used to tell that of anonymous memory.
        now = environment.anonymous_mb()
        self._peak_mb = max(self._peak_mb, now)
        if now > self._near_mb:
            # The C library keeps freed memory that is between allocated blocks: 70 MB and more.
            self._heap.trim()


def _no_larger(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The image itself, or at this width and height where it is larger."""
    return image if max(image.size) <= max(size) else resize(image, size)
