"""The same tests on each device: on the processor always, on CUDA with `make test-gpu`."""

from __future__ import annotations

import pytest

from nst.machine.device import choose


@pytest.fixture(scope="session", params=["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(request: pytest.FixtureRequest) -> str:
    """The name of a device that is there."""
    try:
        return choose(request.param)
    except ValueError as error:
        pytest.skip(str(error))
