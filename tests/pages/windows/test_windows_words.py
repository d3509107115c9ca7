"""What is said of a step: sums that close, tables to copy, mistakes that are found."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnviz.ops.exercises import exercise
from cnnviz.ops.worked import work
from cnnviz.ops.worked_setting import MODES, Setting, why_unworkable
from cnnviz.pages.windows import tables, words
from cnnviz.pages.windows.mistakes import Clue, why_wrong
from cnnviz.pages.windows.presets import PRESETS
from cnnviz.pages.windows.table import content

BY_ID = {preset.id: preset.setting for preset in PRESETS}


@st.composite
def workable(draw) -> Setting:
    """Draw an exercise with another mode, stride, scale and bias."""
    setting = exercise(
        draw(st.sampled_from(["easy", "medium", "hard"])), draw(st.integers(0, 9999))
    )
    scale = draw(st.sampled_from([1.0, 0.1, 1 / 3, 1e-7, 12345.678]))
    image = tuple(
        tuple(tuple(cell * scale for cell in row) for row in plane)
        for plane in setting.image
    )
    pair = st.tuples(st.integers(1, 2), st.integers(1, 2))
    setting = replace(
        setting,
        image=image,
        mode=draw(st.sampled_from(MODES)),
        stride=draw(pair),
        padding=draw(st.sampled_from([(0, 0), (1, 1)])),
        biases=(draw(st.sampled_from([0.0, 0.1, -7.0])),),
        relu=draw(st.booleans()),
    )
    assume(why_unworkable(setting) is None)
    return setting


@settings(deadline=None, max_examples=40)
@given(workable())
def test_no_hyphen_stands_for_a_minus(setting):
    step = work(setting).step(0)
    text = " ".join(words.equation(step, setting))
    lines = [term for c in content(step, setting).channels for term in c.terms]
    for part in [text, *(f"{t.value} {t.weight} {t.product}" for t in lines)]:
        assert "-" not in part
        assert "−0 " not in f"{part} "


def test_the_lecture_s_sentence():
    step = work(BY_ID["tiny-picture"]).step(0)
    setting = BY_ID["tiny-picture"]
    said = re.sub("<[^>]+>", "", words.where(step, setting))
    assert said == ("Only two products are not zero: 31 × 2 = 62 and 33 × −1 = −33.")
    assert words.equation(step, setting) == ("62 − 33", "29")


def test_a_single_product_is_written_out():
    setting = BY_ID["true-convolution"]
    told = [words.equation(work(setting).step(n), setting) for n in range(9)]
    assert ("1 × 1", "1") not in told and ("−1", "−1") not in told
    assert told[4] == ("2 × 1", "2")
    nothing = replace(setting, kernels=((((0.0,) * 3,) * 3,),))
    assert words.equation(work(nothing).step(0), nothing) == ("sum of 9 zeros", "0")


def test_what_relu_cuts_off_is_seen_of_a_long_sum():
    setting = BY_ID["mnist-3"]
    step = work(setting).step(20)
    assert words.equation(step, setting) == ("ReLU(−10)", "0")
    long = replace(setting, relu=False)
    left, _ = words.equation(work(long).step(20), long)
    assert left == "sum of 16 products"


def test_a_layer_s_equation_adds_channels_bias_and_relu():
    setting = BY_ID["rgb-layer"]
    step = work(setting).step(4)
    assert words.equation(step, setting) == ("ReLU(1 + 0 + 6 + 1)", "8")
    assert words.place(step, setting) == "filter 1, row 1, column 1"


def test_floor_is_named_where_it_drops_columns():
    setting = replace(BY_ID["tiny-picture"], stride=(2, 2))
    facts = words.sizes(setting)
    assert facts[0].name == "Output rows and columns, floor drops 1"
    assert facts[0].value == "floor((4 + 2·0 − 1·(3 − 1) − 1) / 2) + 1 = 1"


def test_markdown():
    step = work(BY_ID["tiny-picture"]).step(0)
    text = tables.as_markdown(step, BY_ID["tiny-picture"])
    assert "| 31 | 2 | 62 |" in text
    assert text.endswith("62 − 33 = **29**\n")


def test_latex():
    step = work(BY_ID["tiny-picture"]).step(0)
    text = tables.as_latex(step, BY_ID["tiny-picture"])
    assert "  $33$ & $-1$ & $-33$ \\\\" in text
    assert text.endswith("\\[ 62 - 33 = \\mathbf{29} \\]\n")
    for preset in PRESETS:
        done = work(preset.setting)
        text = tables.as_latex(done.step(done.count - 1), preset.setting)
        assert text.isascii()
        assert text.count("{") == text.count("}")


def told(key: str, index: int, answer: float) -> str:
    return why_wrong(work(BY_ID[key]), index, answer).sentence


def test_mistakes_are_named():
    assert told("tiny-picture", 0, 62) == "The term 33 × −1 is missing."
    assert told("tiny-picture", 0, 95) == "The term 33 × −1 has the wrong sign."
    assert "turned" in told("tiny-picture", 0, -29)
    assert "turn it by half a turn" in told("true-convolution", 1, 2)
    assert told("rgb-layer", 4, 7) == "The bias of 1 is missing."
    assert told("rgb-layer", 4, 2) == "The sum of channel 3 is missing."
    assert "before ReLU" in told("rgb-layer-6", 20, -4)
    assert "divide it by 4" in told("average-pooling", 0, 15)
    assert "not the largest" in told("max-pooling", 0, 5)


def test_the_terms_that_went_astray_are_told():
    wrong = why_wrong(work(BY_ID["tiny-picture"]), 0, 62)
    assert wrong.astray == ((0, 2, 0),) and not wrong.opened
    wrong = why_wrong(work(BY_ID["max-pooling"]), 0, 5)
    assert wrong.astray == ((0, 1, 0),)


def test_an_answer_without_a_single_slip_opens_the_products():
    assert why_wrong(work(BY_ID["tiny-picture"]), 0, 12345).opened
    assert told("tiny-picture", 0, 12345).endswith("the table has the products now.")
    assert told("rgb-layer", 4, 12345).endswith("; mind the bias and ReLU.")
    assert "divide by 4" in told("average-pooling", 0, 12345)
    assert "look for the largest" in told("max-pooling", 0, 12345)


def test_opened_products_stand_beside_a_covered_sum():
    setting = BY_ID["tiny-picture"]
    step = work(setting).step(0)
    open_ = content(step, setting, covered=True, seen=Clue(opened=True)).channels[0]
    assert [term.product for term in open_.terms][5:7] == ["62", "−33"]
    assert open_.last == ("sum", "?")
    seen = Clue(frozenset({(0, 2, 0)}))
    one = content(step, setting, covered=True, seen=seen).channels[0]
    assert [term.product for term in one.terms][5:7] == ["?", "−33"]
    assert [term.astray for term in one.terms].index(True) == 6


@settings(deadline=None, max_examples=60)
@given(workable(), st.floats(-1e6, 1e6))
def test_any_wrong_answer_gets_a_sentence(setting, answer):
    done = work(setting)
    wrong = why_wrong(done, done.count - 1, answer)
    assert wrong.sentence.endswith(".")
    assert not (wrong.opened and wrong.astray)
