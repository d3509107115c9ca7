"""Every example of the lecture is an example of a page, or has a place that is named.

``lecture_examples.json`` is walked entry by entry, so that a new one fails here until
it has found its place.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from cnnviz.ops import samples
from cnnviz.ops.images import load
from cnnviz.ops.worked import work
from cnnviz.ops.worked_setting import result_size
from cnnviz.pages.signals import explain
from cnnviz.pages.signals.presets import PRESETS as SIGNALS
from cnnviz.pages.signals.presets import named as named_signal
from cnnviz.pages.signals.state import State as SignalState
from cnnviz.pages.windows import presets
from cnnviz.pages.windows.presets import PRESETS as WINDOWS

LECTURE = json.loads(Path(__file__).with_name("lecture_examples.json").read_text())

ELSEWHERE = {
    "test_accuracy": "a result of training, not an example to work by hand",
}
"""What of a layer is no number of this page."""


def test_every_part_of_the_file_is_walked():
    parts = {"about", "conv2d", "conv1d_lengths", "pooling", "layers"}
    assert set(LECTURE) == parts


@pytest.mark.parametrize("example", LECTURE["conv2d"], ids=lambda each: each["name"])
def test_two_dimensions(example):
    found = [
        each.setting
        for each in WINDOWS
        if each.setting.mode == example["mode"]
        and np.array_equal(each.setting.image, [example["image"]])
        and np.array_equal(each.setting.kernels, [[example["kernel"]]])
        and (each.setting.stride, each.setting.padding) == ((1, 1), (0, 0))
    ]
    assert found
    assert np.array_equal(work(found[0]).result, [example["result"]])


def minus(text: str) -> str:
    return text.replace("-", " − ").replace("+", " + ")


@pytest.mark.parametrize("width", ["narrow", "wide", "equal"])
def test_three_lengths(width):
    rule = LECTURE["conv1d_lengths"][width]
    preset = next(each for each in SIGNALS if each.id == width)
    state = preset.on(SignalState(stride=3, dilation=2, operation="correlation"))
    sizes = {"M": len(state.signal), "K": len(state.kernel)}
    assert state.stride == state.dilation == 1
    assert state.geometry.pads[1] == (eval(rule["padding"], sizes),) * 2
    assert state.outputs == eval(rule["length"], sizes)
    fact = explain.facts(state)[0]
    assert fact.name == f"Output length, {width}: {minus(rule['length'])}"
    assert fact.value.endswith(f" = {state.outputs}")


def test_the_rule_of_the_lengths_is_all_that_is_said_of_them():
    lengths = LECTURE["conv1d_lengths"]
    assert set(lengths) == {"rule", "narrow", "wide", "equal"}
    assert lengths["rule"] == "M input, K kernel, stride 1"


@pytest.mark.parametrize("example", LECTURE["pooling"], ids=lambda e: f"{e['input']}")
def test_pooling(example):
    size, output = tuple(example["input"]), example["output"]
    found = [
        each
        for each in WINDOWS
        if each.setting.mode == "max"
        and list(each.setting.kernel_size) == example["window"]
        and list(each.setting.stride) == example["stride"]
        and size in (each.setting.size, each.layer and each.layer.size)
    ]
    assert len(found) == 1
    if found[0].layer is None:
        assert list(result_size(found[0].setting)) == output
    else:
        (fact,) = presets.of_the_lecture(found[0].setting)
        assert fact.value.endswith(f" = {output[0]}")
        assert f"{output[0]} × {output[1]}" in fact.name


def said() -> str:
    """Return all that the examples say of layers, without grouping of digits."""
    layers = [each for each in WINDOWS if each.layer]
    words = [f"{each.layer.words}. {each.sentence}" for each in layers]
    return " ".join(words).replace(",", "")


def chain(shapes: list[list[int]]) -> list[str]:
    return [" × ".join(map(str, shape)) for shape in shapes]


@pytest.mark.parametrize("example", LECTURE["layers"], ids=lambda each: each["name"])
def test_layers(example):
    places = {"name", "input", "shapes", "first", "hidden", "output"}
    places |= {"parameters", "total"}
    assert set(example) - places <= set(ELSEWHERE)
    text = said()
    shapes = [example["input"], *example.get("shapes", [])]
    shapes += [example[key] for key in ("first", "hidden", "output") if key in example]
    texts = chain(shapes)
    for before, after in pairwise(texts):
        joined = f"{before} → {after}"
        assert joined in text or f"{before} then {after}" in text, joined
    for count in [*example.get("parameters", []), example.get("total", 0)]:
        assert not count or str(count) in text


def test_the_formula_gives_the_side_that_is_written():
    for preset in filter(lambda each: each.layer, WINDOWS):
        (fact,) = presets.of_the_lecture(preset.setting)
        before, after = fact.name.split(", ")[0].split(" → ")
        assert before.split()[-1] == str(preset.layer.size[1])
        assert fact.value.endswith(f" = {after.split()[-1]}")


def test_no_two_examples_are_the_same():
    assert len({each.setting for each in WINDOWS}) == len(WINDOWS)
    assert len({each.id for each in WINDOWS}) == len(WINDOWS)
    for each in WINDOWS:
        assert presets.named(each.setting) is each
    for preset in SIGNALS:
        assert named_signal(preset.on(SignalState())) is preset
    assert named_signal(SignalState(stride=2, width="free")) is None


def test_the_photograph_is_a_piece_of_the_sample():
    picture = load(samples.photograph_path("camera.png")).pixels
    assert picture.shape[:2] == (512, 512)
    piece = picture[198:210, 170:182]
    preset = next(each for each in WINDOWS if each.id == "halved-photograph")
    assert np.array_equal(np.rint(piece), preset.setting.image[0])
