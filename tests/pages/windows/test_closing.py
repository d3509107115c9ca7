"""The arithmetic closes on the screen: what the widgets write adds up, and is torch's.

Every text here is read from a widget of the page and parsed back into numbers.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from workable import REAL, any_settings, by_torch

from cnnviz.ops.worked_setting import MAX_SIDE, MODES, why_unworkable
from cnnviz.pages.windows import words
from cnnviz.pages.windows.changes import with_size
from cnnviz.pages.windows.page import WindowsPage
from cnnviz.pages.windows.presets import PRESETS
from cnnviz.pages.windows.state import State
from cnnviz.widgets import numbers

STEPS = 5
"""So many steps of a setting are read, from the first to the last."""

ON_PAGE = settings(
    deadline=None,
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture
def page(qtbot):
    made = WindowsPage(State(motion=False))
    qtbot.addWidget(made)
    made.resize(1090, 760)
    made.show()
    yield made
    made.shut_down()


class Written(float):
    """A number that was read; ``slack`` is by how much it may have been rounded."""

    slack: float

    def __new__(cls, text: str) -> Written:
        if text == "−∞":  # the padding around a maximum
            made = super().__new__(cls, -math.inf)
            made.slack = 0.0
            return made
        number = numbers.parse(text.removeprefix(numbers.ROUNDED).replace(",", ""))
        made = super().__new__(cls, number)
        made.slack = 1e-12 * abs(number)
        if text.startswith(numbers.ROUNDED):
            made.slack = max(1e-12, 5 * 10.0**-words.DIGITS * abs(number))
        return made


def table(page) -> list[list[list[Written]]]:
    """Return for each channel its lines of numbers; the last one is its sum."""
    channels: list[list[list[Written]]] = [[]]
    for line in page._explanation.table.lines():
        if line.startswith(("sum ", "largest ")):
            channels[-1].append([Written(line.partition(" ")[2])])
            channels.append([])
        else:
            channels[-1].append([Written(part) for part in re.split(" [×=] ", line)])
    assert not channels.pop()
    return channels


def equation(page) -> tuple[str, Written]:
    """Return the equation's left side, and the number on its right."""
    text = re.sub("<[^>]+>", "", page._explanation.story.text())
    left, sign, right = re.fullmatch("(.*) ([=≈]) (.*)", text).groups()
    return left, Written(right if sign == "=" else f"{numbers.ROUNDED}{right}")


def check_terms(lines: list[list[Written]]) -> None:
    *terms, (total,) = lines
    room = total.slack
    for value, weight, product in terms:
        near = value.slack * abs(weight) + weight.slack * abs(value) + product.slack
        assert value * weight == pytest.approx(product, rel=1e-9, abs=near + 1e-9)
        room += product.slack
    added = math.fsum(product for _, _, product in terms)
    assert added == pytest.approx(total, abs=room + 1e-9)


def check_pool(lines: list[list[Written]], mode: str) -> None:
    *terms, (total,) = lines
    values = [value for (value,) in terms]
    if mode == "max":
        assert total == max(values)
    else:
        room = total.slack + sum(value.slack for value in values)
        assert math.fsum(values) == pytest.approx(total, abs=room + 1e-9)


def check_left(left: str, result: Written, channels: list[list[list[Written]]]) -> None:
    """Work the left side of the equation out, as far as it is written out."""
    if left == "largest value":
        assert result == channels[0][-1][0]
        return
    cut = left.startswith("ReLU(")
    body = left.removeprefix("ReLU(").removesuffix(")")
    if match := re.match("sum of ([0-9]+) (products|zeros)", body):
        lines = [line for lines in channels for line in lines[:-1]]
        found = [line for line in lines if bool(line[2]) is (match[2] == "products")]
        assert len(found) == int(match[1])
        total = sum(lines[-1][0] for lines in channels)
        body = body.replace(match[0], numbers.plain(total))
    if match := re.match(r"(\S+) × (\S+)", body):
        value, weight = Written(match[1]), Written(match[2])
        product = next(line[2] for line in channels[0][:-1] if line[2])
        room = value.slack * abs(weight) + weight.slack * abs(value) + product.slack
        assert value * weight == pytest.approx(product, abs=room + 1e-9)
        rounded = numbers.approx(product, words.DIGITS)
        body = body.replace(match[0], rounded if not product.slack else f"≈{rounded}")
    room = result.slack
    if "÷" in body:
        above, below = map(Written, body.split(" ÷ "))
        total, room = above / below, room + above.slack / below
    else:
        parts = re.split(r" (?=[+−] )", body)
        texts = [part.replace("+ ", "").replace("− ", numbers.MINUS) for part in parts]
        texts = [text.replace("−≈", "≈−") for text in texts]
        added = [Written(text) for text in texts]
        total, room = math.fsum(added), room + sum(each.slack for each in added)
    total = max(total, 0.0) if cut else total
    assert total == pytest.approx(result, abs=room + 1e-9)


def check_cell(page, place: tuple[int, int, int], result: Written) -> None:
    """Compare the output cell, where it is large enough for a number."""
    matrix = page._board.matrix("result", place[0])
    assert matrix.isVisible()
    if matrix.texts:
        text = matrix.texts[place[1]][place[2]]
        decimals = len(text.partition(".")[2]) if "·" not in text else 0
        near = 10.0**-decimals if matrix.rounded else 0.0
        near = max(near, 0.06 * abs(result) if "·" in text else 0.0)
        assert Written(text) == pytest.approx(result, abs=near + result.slack + 1e-9)


def walk(page, setting) -> None:
    """Show a setting and read its steps from the widgets."""
    page.edit(State(setting, motion=False))
    assert page.state.setting == setting
    done, answer = page.state.work, by_torch(setting)
    whole = all(
        float(number).is_integer()
        for part in (setting.image, setting.kernels, setting.biases)
        for number in np.ravel(part)
    )
    if whole and setting.mode != "average":
        assert np.array_equal(done.result, answer)
    else:
        np.testing.assert_allclose(done.result, answer, rtol=1e-6, atol=1e-6)
    for index in {round(n) for n in np.linspace(0, done.count - 1, STEPS)}:
        page.amend(page.state.moved(index))
        place, channels = done.place(index), table(page)
        left, result = equation(page)
        for lines in channels:
            if setting.pooling:
                check_pool(lines, setting.mode)
            else:
                check_terms(lines)
        check_left(left, result, channels)
        check_cell(page, place, result)
        near = result.slack + 1e-6 * abs(answer[place])
        assert result == pytest.approx(answer[place], abs=near + 1e-9)
        if setting.mode == "transposed":
            scatter = page._board.matrix("scatter").values[place[1:]]
            before = done.before[place]
            assert scatter == before


def in_mode(setting, mode):
    """Return a preset in another mode, with as little changed as must be."""
    if mode not in ("max", "average") and max(setting.size) > MAX_SIDE:
        setting = with_size(setting, (MAX_SIDE, MAX_SIDE))
    setting = replace(setting, mode=mode)
    for less in ({}, {"padding": (0, 0)}, {"stride": (1, 1)}, {"dilation": (1, 1)}):
        setting = replace(setting, **less)
        if why_unworkable(setting) is None:
            break
    else:
        setting = with_size(setting, tuple(map(max, setting.size, setting.kernel_size)))
    # Holes in an average are no torch's.
    return replace(setting, dilation=(1, 1)) if mode == "average" else setting


@pytest.mark.parametrize("mode", MODES)
def test_every_preset_closes_in_every_mode(page, mode):
    for preset in PRESETS:
        setting = in_mode(preset.setting, mode)
        assert why_unworkable(setting) is None, preset.id
        walk(page, setting)


@pytest.mark.parametrize("mode", MODES)
def test_whole_numbers_close(page, mode):
    @ON_PAGE
    @given(any_settings(modes=(mode,)))
    def closes(setting):
        walk(page, setting)

    closes()


@pytest.mark.parametrize("mode", MODES)
def test_real_numbers_close(page, mode):
    @ON_PAGE
    @given(any_settings(REAL, modes=(mode,)))
    def closes(setting):
        walk(page, setting)

    closes()
