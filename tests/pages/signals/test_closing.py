"""The arithmetic closes on the screen: what the page writes adds up, and is torch's.

Every text here is read from a widget of the page and parsed back into numbers.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cnnviz.ops.signal_recipes import KERNELS, SIGNALS
from cnnviz.ops.signals import Signal, make
from cnnviz.pages.signals.page import create
from cnnviz.pages.signals.presets import PRESETS
from cnnviz.pages.signals.state import State
from cnnviz.widgets import numbers

ON_PAGE = settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def page(qtbot):
    page = create()
    qtbot.addWidget(page)
    page.resize(1100, 740)
    page.show()
    yield page
    page.shut_down()


def by_torch(state: State) -> np.ndarray:
    x = torch.tensor(state.signal.values, dtype=torch.float64)[None, None]
    w = torch.tensor(state.kernel.values, dtype=torch.float64)[None, None]
    w = w.flip(2) if state.operation == "convolution" else w
    x = F.pad(x, state.geometry.pads[1])
    y = F.conv1d(x, w, stride=state.stride, dilation=state.dilation)
    return y[0, 0].numpy()


def read(text: str) -> tuple[float, float]:
    """Return a number and by how much its text may be rounded."""
    body = text.removeprefix(numbers.ROUNDED).replace(",", "")
    number = numbers.parse(body)
    if "·" in body or "⁻" in body:
        return number, 0.06 * abs(number)
    decimals = len(body.partition(".")[2])
    return number, 0.51 * 10.0**-decimals


def plain(label) -> str:
    return re.sub("<[^>]+>", "", label.text())


def check_steps(page, expected: float) -> None:
    """Read the cells of the terms, the sum beside them and the equation below."""
    terms = page._steps.terms
    total, near = read(terms.value_text())
    assert total == pytest.approx(expected, abs=near + 1e-9)
    rows = [[read(text) for text in row.texts[0]] for row in terms.rows if row.texts]
    if len(rows) == 3:
        for (x, a), (w, b), (made, c) in zip(*rows, strict=True):
            room = a * abs(w) + b * abs(x) + a * b + c
            assert x * w == pytest.approx(made, abs=room + 1e-9)
        exact = not terms.rows[2].rounded
        room = near + (0 if exact else sum(each for _, each in rows[2]))
        added = math.fsum(number for number, _ in rows[2])
        assert added == pytest.approx(total, abs=room + 1e-9)
    written = plain(page._first)
    right = re.split("[=≈]", written)[-1].strip()
    assert read(right)[0] == pytest.approx(total, abs=near + 1e-9)


def check_copies(page, expected: float) -> None:
    """Read the value of every delayed copy and that of their sum."""
    view, state = page._copies, page.state
    lanes = view.lanes[: len(state.kernel)]
    parts = [read(plain(lane.value)) for lane in lanes]
    total, near = read(plain(view.total.value))
    room = near + sum(each for _, each in parts)
    assert math.fsum(part for part, _ in parts) == pytest.approx(total, abs=room)
    assert total == pytest.approx(expected, abs=near + 1e-9)


def walk(page, state: State) -> None:
    """Show a state at its first, middle and last window, in two views."""
    page.edit(replace(state, motion=False, view="steps"))
    answer = by_torch(state)
    assert len(answer) == state.outputs
    whole = all(v.is_integer() for v in (*state.signal.values, *state.kernel.values))
    if whole:
        assert np.array_equal(page._run.sliding.sums, answer)
    else:
        np.testing.assert_allclose(page._run.sliding.sums, answer, atol=1e-6)
    for position in {0, state.outputs // 2, state.outputs - 1}:
        page.amend(replace(page.state, position=position, view="steps"))
        check_steps(page, answer[position])
        page.amend(replace(page.state, view="copies"))
        check_copies(page, answer[position])


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_every_preset_closes(page, preset):
    state = preset.on(State())
    for operation in ("convolution", "correlation"):
        for width in ("narrow", "equal", "wide"):
            walk(page, replace(state, operation=operation, width=width))
    for stride, padding, dilation in ((2, 1, 1), (1, 3, 2), (3, 0, 2)):
        walk(
            page,
            replace(
                state, width="free", stride=stride, padding=padding, dilation=dilation
            ),
        )


@pytest.mark.parametrize("kernel", [recipe.id for recipe in KERNELS])
def test_every_kernel_closes_on_every_signal(page, kernel):
    for recipe in SIGNALS:
        walk(page, State(signal=make(recipe.id), kernel=make(kernel)))


@st.composite
def states(draw, elements):
    def signal(least, most):
        return Signal(
            "x", tuple(draw(st.lists(elements, min_size=least, max_size=most)))
        )

    width = draw(st.sampled_from(["narrow", "equal", "wide", "free"]))
    state = State(
        signal=signal(1, 30),
        kernel=signal(1, 7),
        operation=draw(st.sampled_from(["convolution", "correlation"])),
        width=width,
        stride=1 if width == "equal" else draw(st.integers(1, 3)),
        padding=draw(st.integers(0, 4)),
        dilation=draw(st.integers(1, 3)),
    )
    assume(state.reason is None)
    return state


@ON_PAGE
@given(states(st.integers(-99, 99).map(float)))
def test_whole_numbers_close(page, state):
    walk(page, state)


@ON_PAGE
@given(states(st.floats(-100, 100, width=32)))
def test_real_numbers_close(page, state):
    walk(page, state)
