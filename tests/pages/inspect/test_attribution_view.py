"""Why did it say that: what is on the screen is what the formulas give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import small_views as small
from PySide6.QtWidgets import QComboBox

from cnnviz.nn import attribution, probing, replay
from cnnviz.nn.network import Layer as Row
from cnnviz.nn.network import Network, dense
from cnnviz.nn.occlusion import occlusion
from cnnviz.pages.inspect import attributing
from cnnviz.pages.inspect.attribution_view import AttributionView
from cnnviz.pages.inspect.state import State
from cnnviz.pages.inspect.why_state import Attributing, Why


def with_settings(**fields):
    return State(why=Why(attributing=Attributing(**fields)))


def heat(view, key):
    return view.tiles[key].heat._values


def test_five_ways_of_the_predicted_class(show, weights):
    view = show(AttributionView)
    module = replay.module_of(small.SMALL, weights)
    label = probing.predict(module, small.PICTURE).label
    assert small.DATA.test.labels[0] == label
    wanted = {
        "saliency": attribution.saliency(module, small.PICTURE).heat,
        "product": attribution.gradient_times_input(module, small.PICTURE).heat,
        "integrated": list(
            attribution.integrated_gradients(module, small.PICTURE, steps=50)
        )[-1].heat,
        "cam": attribution.grad_cam(module, small.PICTURE, "relu1").heat,
        "occlusion": list(occlusion(module, small.PICTURE))[-1].heat,
    }
    for key, values in wanted.items():
        np.testing.assert_array_equal(heat(view, key), values)
    assert heat(view, "cam").any()


def test_a_chosen_class_and_a_square(show, weights):
    view = show(AttributionView, with_settings(target=3, window=3, stride=2, fill=1.0))
    module = replay.module_of(small.SMALL, weights)
    found = list(
        occlusion(module, small.PICTURE, 3, window=(3, 3), stride=(2, 2), fill=1.0)
    )
    np.testing.assert_array_equal(heat(view, "occlusion"), found[-1].heat)
    saliency = attribution.saliency(module, small.PICTURE, 3)
    np.testing.assert_array_equal(heat(view, "saliency"), saliency.heat)


def test_the_gap_is_told(weights):
    module = replay.module_of(small.SMALL, weights)
    found = list(attribution.integrated_gradients(module, small.PICTURE, 0, steps=3))
    words = attributing.about_integrated(found[-1])
    gap = found[-1].heat.sum() - (found[-1].score - found[-1].baseline_score)
    assert f"{abs(gap):.1g}"[:1] in words
    assert "3 steps" in words


def test_a_class_chosen_by_a_person_is_an_edit(show, qtbot):
    view = show(AttributionView)
    box = next(b for b in view.findChildren(QComboBox) if b.accessibleName() == "Class")
    with qtbot.waitSignal(view.edited) as told:
        box.setCurrentIndex(2)
        box.activated.emit(2)
    assert told.args[0].why.attributing.target == 1
    qtbot.waitUntil(lambda: not view.busy)
    assert view.tiles["picture"].heat._caption.startswith("b: ")


def test_a_smaller_picture_is_no_edit(show, qtbot, weights):
    view = show(AttributionView, with_settings(window=8, stride=7))
    flat = Network(input=(1, 6, 6), layers=(Row("flatten"), dense(4)))
    drawn = {
        "dense1.weight": np.ones((4, 36), np.float32),
        "dense1.bias": np.zeros(4, np.float32),
    }
    fields = [view._fields[name] for name in ("window", "stride")]
    with qtbot.assertNotEmitted(view.edited):
        for network, values, side in (
            (flat, drawn, 6),
            (small.SMALL, weights, 8),
        ):
            picture = small.PICTURE[:, :side, :side].copy()
            view.show_inputs(small.asked(values, network), picture, None)
            qtbot.waitUntil(lambda: not view.busy)
            shown = [field.value() for field in fields]
            assert shown == [min(side, 8), min(side, 7)]


def test_without_a_convolution_it_says_so(show, qtbot, weights):
    view = show(AttributionView)
    flat = Network(input=(1, 8, 8), layers=(Row("flatten"), dense(4)))
    random = np.random.default_rng(0)
    drawn = {
        "dense1.weight": random.normal(size=(4, 64)).astype(np.float32),
        "dense1.bias": np.zeros(4, np.float32),
    }
    view.show_inputs(small.asked(drawn, flat), small.PICTURE, None)
    qtbot.waitUntil(lambda: not view.busy)
    assert heat(view, "cam") is None
    assert heat(view, "occlusion") is not None
    assert "has none" in view.tiles["cam"]._words.text()


def test_weights_that_are_no_numbers_are_a_sentence(show, weights):
    broken = {**weights, "dense1.bias": np.full(4, np.nan, np.float32)}
    view = show(AttributionView, weights=broken)
    assert "not finite" in view.sentence.text()
    assert heat(view, "saliency") is None


def test_hidden_it_asks_nothing_and_shown_again_it_does(show, qtbot, weights):
    view = show(AttributionView)
    before = heat(view, "saliency")
    view.hide()
    small.give(view, weights, small.PICTURE[:, ::-1].copy())
    assert not view.busy
    assert heat(view, "saliency") is before
    view.show()
    assert view.busy
    qtbot.waitUntil(lambda: not view.busy)
    assert heat(view, "saliency") is not before


def test_the_same_inputs_are_not_asked_again(show, weights):
    view = show(AttributionView)
    small.give(view, weights, small.PICTURE.copy())
    view.set_state(replace(view.state, layer="conv1"))
    assert not view.busy


def test_a_cell_is_marked_in_all_pictures(show):
    view = show(AttributionView)
    told = []
    view.readout.connect(told.append)
    view.tiles["cam"].heat.hovered.emit((2, 3))
    assert {tile.heat._marked for tile in view.tiles.values()} == {(2, 3)}
    value = heat(view, "cam")[2, 3]
    assert told[-1].startswith("Grad-CAM, row 2, column 3: ")
    assert float(told[-1].split(": ")[1]) == pytest.approx(value)


def test_values_beyond_one_are_refused_with_a_way_out(show, weights):
    view = show(AttributionView)
    small.give(view, weights, small.PICTURE * 255)
    assert "“0 to 1”" in view.sentence.text()
    small.give(view, weights)
    assert view.busy
