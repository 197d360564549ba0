"""Scales, schedule, colours and the step from a coarse painting to a finer one."""

from __future__ import annotations

import pytest
import torch
from PIL import Image

from nst.memory.storage import Storage
from nst.pyramid import Colors, recolor_, refine_, scaled, to_image, to_tensor
from nst.schedule import schedule, work
from tests.nst.pictures import painting, photograph

MEAN = (103.939, 116.779, 123.68)


def test_image_survives_the_way_there_and_back(device: str) -> None:
    image = photograph(37, 21)
    x = to_tensor(image, MEAN, Storage(device=device))
    assert x.device.type == device and to_image(x, MEAN).tobytes() == image.tobytes()


def test_tensor_is_blue_green_red_minus_the_mean() -> None:
    x = to_tensor(Image.new("RGB", (2, 3), (10, 20, 30)), MEAN)
    assert x.shape == (1, 3, 3, 2)
    assert x[0, :, 0, 0].tolist() == pytest.approx([30 - MEAN[0], 20 - MEAN[1], 10 - MEAN[2]])


def test_stages_go_from_coarse_to_the_painting_s_own_size() -> None:
    stages = schedule((512, 384), 40)
    assert [max(s.width, s.height) for s in stages if not s.shallow] == [128, 256, 512]
    assert (stages[-1].width, stages[-1].height, stages[-1].evaluations) == (512, 384, 40)
    assert all(stage.evaluations > 0 for stage in stages)


@pytest.mark.parametrize("size", [(16, 16), (600, 17), (17, 2000), (64, 64), (129, 97)])
def test_no_stage_is_too_narrow_for_the_network(size: tuple[int, int]) -> None:
    stages = schedule(size, 10)
    assert all(min(stage.width, stage.height) >= 16 for stage in stages)
    assert (stages[-1].width, stages[-1].height) == size


def test_refining_the_start_image_gives_the_start_image_at_the_finer_scale() -> None:
    start = to_tensor(photograph(64, 48), MEAN)
    assert torch.allclose(refine_(scaled(start, (32, 24)), start.clone()), start, atol=1e-3)


def test_refining_keeps_the_coarse_painting_and_the_start_s_detail(device: str) -> None:
    start = to_tensor(photograph(64, 48), MEAN, Storage(device=device))
    brighter = scaled(start, (32, 24)) + 20
    assert torch.allclose(refine_(brighter, start.clone()), start + 20, atol=1e-3)


def test_recoloured_picture_has_the_mean_and_covariance_asked_for(device: str) -> None:
    content, style = photograph(80, 60), painting(70, 70)
    target = Colors.of(style, MEAN)
    x = to_tensor(content, MEAN, Storage(device=device))
    flat = recolor_(x, Colors.of(content, MEAN), target)[0].flatten(1).cpu()
    assert torch.allclose(flat.mean(1), target.mean, atol=0.5)
    difference = torch.cov(flat) - target.covariance
    assert difference.norm() < 0.02 * target.covariance.norm() + 5


def test_recolouring_to_its_own_colours_changes_nothing() -> None:
    content = photograph(80, 60)
    own = Colors.of(content, MEAN)
    x = to_tensor(content, MEAN)
    assert torch.allclose(recolor_(x.clone(), own, own), x, atol=0.1)


def test_grey_pictures_can_be_recoloured() -> None:
    grey = Image.new("RGB", (40, 40), (128, 128, 128))
    x = recolor_(to_tensor(grey, MEAN), Colors.of(grey, MEAN), Colors.of(painting(40, 40), MEAN))
    assert torch.isfinite(x).all()


def test_mixed_colours_are_between_those_of_the_styles() -> None:
    a = Colors.of(Image.new("RGB", (20, 20), (0, 0, 0)), MEAN)
    b = Colors.of(Image.new("RGB", (20, 20), (200, 200, 200)), MEAN)
    mixed = Colors.mix([a, b], [0.25, 0.75])
    assert torch.allclose(mixed.mean, a.mean + 150, atol=1e-3)
    assert torch.allclose(mixed.covariance, torch.full((3, 3), 7500.0), rtol=1e-3)


def test_an_earlier_painting_is_continued_at_the_scales_above_it() -> None:
    stages = schedule((2048, 1536), 40, start=512)
    assert [(max(s.width, s.height), s.shallow) for s in stages] == [
        (1024, True),
        (1024, False),
        (2048, True),
        (2048, False),
    ]
    assert work(2048, 1536, start=512) < work(2048, 1536)
    finest = schedule((512, 384), 40, start=600)
    assert {max(s.width, s.height) for s in finest} == {512}
