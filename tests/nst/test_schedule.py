"""When a stage ends, and what the clock says of it."""

from __future__ import annotations

import pytest

from nst.schedule import FINEST_EVALUATIONS, Clock, Gain, Stage, schedule


def spent_after(gain: Gain, losses: list[float]) -> int | None:
    """After how many of the losses the stage ends."""
    for number, loss in enumerate(losses, 1):
        gain.add(loss)
        if gain.is_spent:
            return number
    return None


def test_a_stage_goes_on_while_it_gains() -> None:
    assert spent_after(Gain(0.01), [100 * 0.98**n for n in range(60)]) is None


def test_a_stage_ends_when_it_gains_too_little() -> None:
    falling = [100 * 0.9**n for n in range(20)]
    flat = [falling[-1] * 0.999**n for n in range(1, 30)]
    ended = spent_after(Gain(0.01), falling + flat)
    assert ended is not None and 20 < ended <= 26


def test_a_bad_step_ends_nothing() -> None:
    losses = [100 * 0.95**n for n in range(40)]
    losses[20] = losses[21] = 1e6
    assert spent_after(Gain(0.01), losses) is None


def test_asked_for_evaluations_are_neither_more_nor_fewer() -> None:
    finest = schedule((512, 384), 17)[-1]
    assert finest.evaluations == 17 and finest.least_gain == 0
    assert schedule((512, 384))[-1].evaluations == FINEST_EVALUATIONS


def test_cheaper_evaluations_may_gain_less() -> None:
    gains = [stage.least_gain for stage in schedule((1024, 768)) if not stage.shallow]
    assert gains[:-1] == sorted(gains[:-1])


def test_clock_comes_to_its_end_though_stages_end_early() -> None:
    stages = [Stage(10, 10, 5, shallow=False), Stage(20, 20, 5, shallow=False)]
    clock = Clock(stages)
    fractions = []
    for number in (0, 1):
        for evaluation in range(3):
            clock.tick(number, 0.01)
            if evaluation == 2:
                clock.end(number)
            fractions.append(clock.fraction)
    assert fractions == sorted(fractions) and fractions[-1] == 1.0
    assert clock.seconds_left == 0.0


def test_clock_knows_what_is_left() -> None:
    stages = [Stage(100, 100, 4, shallow=False), Stage(200, 200, 4, shallow=True)]
    clock = Clock(stages)
    for _ in range(2):
        clock.tick(0, stages[0].cost_of_one * 1e-6)
    assert clock.seconds_left == pytest.approx((stages[0].cost / 2 + stages[1].cost) * 1e-6)


def test_clock_is_not_misled_by_what_a_stage_prepares() -> None:
    stages = [Stage(100, 100, 4, shallow=False), Stage(200, 200, 4, shallow=False)]
    clock = Clock(stages)
    for stage in (0, 1):
        for seconds in (9.0, 1.0):
            clock.tick(stage, seconds * stages[stage].cost_of_one)
        assert clock.seconds_left == pytest.approx(sum(clock._left))
