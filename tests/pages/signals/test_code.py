from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cnnviz.ops.signals import Signal, make
from cnnviz.pages.signals.code import program
from cnnviz.pages.signals.compute import Run
from cnnviz.pages.signals.state import State

ODD = Signal("odd\nname", (0.1, -2.5, 1 / 3, 4.0))
STATES = {
    "start": State(),
    "lecture": State(signal=make("x1-x7"), kernel=make("edge"), width="wide"),
    "even, equal width": State(kernel=ODD),
    "even, dilated": State(kernel=ODD, dilation=3),
    "correlation": State(kernel=ODD, operation="correlation", width="narrow"),
    "stride": State(kernel=ODD, width="free", padding=5, stride=3, dilation=2),
}


@pytest.mark.parametrize("name", STATES)
def test_the_program_gives_the_numbers_on_the_screen(name: str) -> None:
    names: dict[str, object] = {}
    exec(program(STATES[name]), names)
    expected = Run(STATES[name]).sliding.sums
    np.testing.assert_allclose(names["y"].numpy(), expected, rtol=1e-12, atol=1e-12)


def test_whole_numbers_are_equal() -> None:
    state = replace(STATES["lecture"], operation="correlation", stride=2)
    names: dict[str, object] = {}
    exec(program(state), names)
    assert names["y"].tolist() == Run(state).sliding.sums.tolist()
