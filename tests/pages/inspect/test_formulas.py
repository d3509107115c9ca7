"""The formula and the sentence under each view, against what the views compute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from networks_for_tests import NAMES, seen, subject

from cnnviz.nn import adversarial, dreaming
from cnnviz.pages.inspect import formulas
from cnnviz.pages.inspect.asked import of_chain
from cnnviz.pages.inspect.state import Changes, State
from cnnviz.pages.inspect.views import TITLES
from cnnviz.pages.inspect.why_state import Attacking, Changing, Dreaming, Mapping, Why
from cnnviz.widgets.probability_bars import percentage

SUBJECT = subject()
SEEN = seen(SUBJECT)
SHARES = SEEN.outputs["softmax"]
BEST = int(SHARES.argmax())


def words(view: Any, *, what: Any = SEEN, changes: Any = None, **why: Any) -> str:
    state = State(view=view, changes=changes or Changes(), why=Why(**why))
    return " | ".join(formulas.of_view(state, of_chain(SUBJECT), what, NAMES))


@pytest.mark.parametrize("view", TITLES)
def test_each_view_has_a_heading_and_a_sentence(view: Any) -> None:
    heading, sentence = words(view).split(" | ")
    assert heading and sentence.endswith(".")


@pytest.mark.parametrize("view", TITLES)
def test_without_a_picture_only_views_that_need_none_say_something(view: Any) -> None:
    assert (words(view, what=None) != " | ") == (view in ("dream", "points"))


def test_the_predicted_class_and_its_probability_are_said() -> None:
    said = f"speak for {BEST}? s is its score, p its probability: "
    assert said + percentage(float(SHARES[BEST])) in words("why")
    assert "maps A of Conv 2" in words("why")


def test_a_step_of_fgsm_goes_as_the_formula_says() -> None:
    said = words("adversarial", attacking=Attacking(epsilon=0.125))
    assert "x′ = x + ε · sign(g), ε = 0.125" in said
    assert f"L = −ln p({BEST}) is to grow" in said
    led = words("adversarial", attacking=Attacking(epsilon=0.125, target=3))
    assert "x′ = x − ε · sign(g)" in led
    assert "L = −ln p(3) is to fall" in led
    x, g = torch.full((1, 1, 1, 3), 0.5), torch.tensor([[[[2.0, 0.0, -0.1]]]])
    moved = adversarial.stepped(x, g, "linf", 0.125)[0, 0, 0]
    assert moved.tolist() == [0.625, 0.5, 0.375]


def test_the_step_of_pgd_is_said() -> None:
    settings = Attacking("pgd", "l2", epsilon=2.0, steps=10)
    assert "x + α · g / ‖g‖), 10 times, α = 0.5;" in words(
        "adversarial", attacking=settings
    )


def test_a_dream_is_said_with_the_settings_that_it_has() -> None:
    said = words("dream", dreaming=Dreaming("conv2", 3, variation=0.0, jitter=0))
    assert "x ← 0.99 · x + 0.05 · (g / rms(g)), cut off" in said
    assert "a is the mean of map 3 of Conv 2; every 4 steps" in said
    assert "TV" not in said and "rolled" not in said
    assert "a is the score of 2;" in words("dream", dreaming=Dreaming(channel=2))
    settings = dreaming.Dream()
    assert (settings.decay, settings.blur_every) == (
        formulas.DECAY,
        formulas.BLUR_EVERY,
    )


@pytest.mark.parametrize(
    ("layer", "size"), [("input", "784"), ("conv2", "96"), ("", "10")]
)
def test_the_numbers_that_points_come_from_are_counted(layer: str, size: str) -> None:
    if layer == "conv2":
        size = f"{int(np.prod(SEEN.outputs['conv2'].shape)):,}"
    assert f"from {size} numbers to two" in words("points", mapping=Mapping(layer))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("shift-down", "shifted down by t, 121 values from −10 to 10 px; now t = 2 px"),
        ("scale", "scaled by t, 121 values from 0.5 to 1.5 ×; now t = 1 ×"),
        ("noise", "standard deviation t, 121 values from 0 to 1; now t = 0:"),
    ],
)
def test_the_range_of_a_change_and_where_it_is_are_said(change: Any, said: str) -> None:
    found = words("changes", changes=Changes(shift_down=2.0), changing=Changing(change))
    assert said in found
