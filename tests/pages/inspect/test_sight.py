"""What is asked of a network that was seen, and how it is written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from networks_for_tests import MIXED, NAMES, seen, subject
from torch import nn

from cnnviz.errors import InputError
from cnnviz.nn import fields, foreign
from cnnviz.ops.geometry import output_size
from cnnviz.pages.inspect import handing, sight, tiles, words, writing
from cnnviz.pages.inspect.all_terms import as_csv, table
from cnnviz.pages.inspect.stages import chain_stages, module_seen
from cnnviz.pages.inspect.state import State

SEEN = seen(subject())
VALUES = [stage for stage in SEEN.stages if stage.name != "input"]


def places(stage):
    return st.tuples(*(st.integers(0, size - 1) for size in stage.shape))


def test_the_stages_are_picture_layers_and_softmax():
    names = [stage.name for stage in chain_stages(subject())]
    assert names == ["input", *MIXED.names, "softmax"]
    assert sum(stage.parameters for stage in SEEN.stages) == sum(MIXED.parameters)
    for stage in SEEN.stages:
        assert SEEN.outputs[stage.name].shape == stage.shape


@given(st.data())
def test_the_parts_of_every_value_add_up_to_the_networks_own(data):
    stage = data.draw(st.sampled_from(VALUES))
    place = data.draw(places(stage))
    made = sight.explain(SEEN, stage.name, place)
    written = writing.write(SEEN, made, -1, NAMES)
    assert made.terms.closes
    assert "Equal" in written.closing
    own = SEEN.outputs[stage.name][place]
    results = [part.value for part in written.parts if part.result]
    assert results[0] == pytest.approx(float(own), rel=1e-5, abs=1e-6)
    if stage.kind in ("conv", "dense"):
        added = [part.value for part in written.parts if not part.result]
        assert sum(added) == pytest.approx(float(own), rel=1e-4, abs=1e-5)
    behind = SEEN.activation(stage.name)
    if behind is not None:
        after = float(SEEN.outputs[behind.name][place])
        assert results[-1] == pytest.approx(after, rel=1e-5, abs=1e-6)


@given(st.data())
def test_a_windows_products_are_those_of_the_channel(data):
    stage = SEEN.stage("conv2")
    place = data.draw(places(stage))
    made = sight.explain(SEEN, "conv2", place)
    channel = data.draw(st.sampled_from(made.terms.channels.tolist()))
    written = writing.write(SEEN, made, channel, NAMES)
    window, kernel, products = (plane.values for plane in written.planes)
    np.testing.assert_array_equal(window * kernel, products)
    part = next(part for part in written.parts if part.channel == channel)
    assert products.sum() == pytest.approx(part.value, abs=1e-5)
    assert writing.channel(made, channel) == channel


@given(st.data())
def test_only_what_lies_below_changes_a_value(data):
    """The oracle is torch: shake all cells that are not named, and nothing moves."""
    stage = data.draw(st.sampled_from([s for s in VALUES if s.kind != "softmax"]))
    place = data.draw(places(stage))
    cells = sight.below(SEEN, stage.name, place)
    before = SEEN.outputs[cells.name]
    mask = np.zeros(before.shape, bool)
    if before.ndim == 3:
        rows = [n for n in cells.rows if 0 <= n < before.shape[1]]
        columns = [n for n in cells.columns if 0 <= n < before.shape[2]]
        mask[np.ix_(cells.maps, rows, columns)] = True
    else:
        mask[list(cells.maps)] = True
    number = MIXED.names.index(stage.name)
    from networks_for_tests import complete

    from cnnviz.nn import replay

    layer = replay.module_of(MIXED, complete(subject()))[number]
    shaken = np.where(mask, before, before + 5).astype(np.float32)
    with torch.no_grad():
        value = layer(torch.from_numpy(shaken)[None])[0].numpy()[place]
    assert value == pytest.approx(float(SEEN.outputs[stage.name][place]), abs=1e-5)


def test_a_pixel_and_a_wrong_place_are_said():
    with pytest.raises(InputError, match="pixel"):
        sight.explain(SEEN, "input", (0, 1, 1))
    with pytest.raises(InputError, match="no such value"):
        sight.explain(SEEN, "conv1", (99, 0, 0))
    with pytest.raises(InputError, match="no such value"):
        sight.explain(SEEN, "gone", (0,))


def test_crumbs_lead_back():
    found = sight.crumbs(SEEN, "conv2", (3, 1, 0))
    assert [title for title, _ in found] == [
        "Network",
        "Conv 2",
        "map 3",
        "row 1, column 0",
    ]
    assert found[2][1] == ("conv2", (3,))
    assert [t for t, _ in sight.crumbs(SEEN, "dense1", (3,))][-1] == "unit 3"
    assert len(sight.crumbs(None, "conv2", (3,))) == 1


def test_filters_of_a_map_are_those_it_reads():
    one = sight.filters(SEEN, "conv2", 2)
    np.testing.assert_array_equal(one, SEEN.subject.weights["conv2.weight"][4:6])
    assert sight.filters(SEEN, "conv1").shape == (4, 5, 5)
    assert sight.filters(SEEN, "dense1") is None


# ------------------------------------------------------------------ tiles


def test_main_layers_leave_activations_out():
    main = tiles.overview(SEEN, None, State())
    titles = [tile.title for tile in main]
    assert titles == [
        "Picture",
        "Conv 1",
        "Pool 1",
        "Conv 2",
        "Pool 2",
        "Dense 1",
        "Dense 2",
        "Softmax",
    ]
    every = tiles.overview(SEEN, None, State(layers="all"))
    assert len(every) == len(SEEN.stages)


def test_after_activation_a_layer_shows_what_comes_of_it():
    after = tiles.overview(SEEN, None, State(activated=True))
    tile = next(tile for tile in after if tile.layer == "conv2")
    np.testing.assert_array_equal(tile.maps, SEEN.outputs["relu1"])
    assert not tile.signed


def test_the_strongest_maps_are_those_with_the_largest_values():
    state = State(layer="conv2", order="strength", strongest=3)
    (tile,) = tiles.layer(SEEN, None, state)
    flat = np.abs(SEEN.outputs["conv2"]).max(axis=(1, 2))
    assert tile.shown.tolist() == np.argsort(-flat)[:3].tolist()
    np.testing.assert_array_equal(tile.maps, SEEN.outputs["conv2"][tile.shown])
    assert tile.place_of(1, 2, 0) == (int(tile.shown[1]), 2, 0)
    assert tile.indices([int(tile.shown[2])]) == [2]


def test_two_pictures_share_a_scale_and_their_difference_is_signed():
    other = seen(subject(), seed=5)
    both = tiles.overview(SEEN, other, State(compare="both"))
    assert len(both) == 16
    pair = [tile for tile in both if tile.layer == "pool1"]
    assert pair[0].scale == pair[1].scale
    difference = tiles.overview(SEEN, other, State(compare="difference"))
    tile = next(tile for tile in difference if tile.layer == "pool1")
    np.testing.assert_array_equal(
        tile.maps, SEEN.outputs["pool1"] - other.outputs["pool1"]
    )
    assert tile.signed


def test_around_a_value_are_the_layers_below_and_above():
    found = tiles.around(SEEN, None, State().at("conv2", (1, 0, 0)))
    assert [tile.layer for tile in found] == ["pool1", "conv2", "relu1"]
    alone = tiles.around(SEEN, None, State().at("conv2", (1,)))
    assert [tile.which for tile in alone] == ["", "", "filters"]
    assert alone[1].maps.shape[0] == 1
    assert alone[1].place_of(0, 2, 2) == (1, 2, 2)


def test_the_readout_says_value_window_field_and_reader():
    tile = tiles.overview(SEEN, None, State())[3]
    said = words.readout(SEEN, tile, (2, 1, 1))
    assert said.startswith("Conv 2, map 2, row 1, column 1: ")
    assert "reads 18 values of pool 1" in said
    assert "feeds 1 value of relu 1" in said
    assert "sees 15 × 15 pixels" in said


def test_the_filters_are_those_of_the_maps_on_show():
    every = tiles.filters(SEEN, State().at("conv2"))
    state = State(order="strength", strongest=2).at("conv2")
    (shown,) = tiles.layer(SEEN, None, state)
    found = tiles.filters(SEEN, state)
    own = [sight.filters(SEEN, "conv2", int(number)) for number in shown.shown]
    np.testing.assert_array_equal(found.maps, np.concatenate(own))
    assert 0 < len(found.maps) < len(every.maps)
    np.testing.assert_array_equal(every.maps[found.shown], found.maps)


def test_a_gap_is_written_as_all_numbers_are():
    class Gap:
        total, own, difference, closes = 1.0, 1.5, 2e-9, True

    assert writing.closing(Gap) == ("Equal to the network’s own tensor within 2·10⁻⁹.")


# ------------------------------------------------------------------ handing over


def test_a_window_of_one_channel_is_worked_with_bias_and_relu():
    from cnnviz.pages.windows.state import from_patch

    made = sight.explain(SEEN, "conv1", (2, 5, 5))
    work = from_patch(**handing.for_windows(made, -1)).work
    assert work.result[0, 0, 0] == pytest.approx(made.terms.own, abs=1e-5)
    two = sight.explain(SEEN, "conv2", (2, 1, 1))
    work = from_patch(**handing.for_windows(two, int(two.terms.channels[1]))).work
    assert work.result[0, 0, 0] == pytest.approx(float(two.terms.sums[1]), abs=1e-5)
    for name, place in (("pool1", (1, 2, 2)), ("pool2", (1, 0, 0))):
        pooled = sight.explain(SEEN, name, place)
        work = from_patch(**handing.for_windows(pooled, -1)).work
        assert work.result[0, 0, 0] == pytest.approx(pooled.terms.own, abs=1e-5)


def test_what_has_no_window_is_not_handed_over():
    dense = sight.explain(SEEN, "dense1", (0,))
    with pytest.raises(InputError, match="convolutions"):
        handing.for_windows(dense, -1)
    with pytest.raises(InputError, match="kernel"):
        handing.for_lab(SEEN, dense, -1)


def test_the_kernel_lab_gets_the_map_and_the_kernel():
    made = sight.explain(SEEN, "conv2", (2, 1, 1))
    channel = int(made.terms.channels[0])
    picture, stage = handing.for_lab(SEEN, made, channel)
    plane = SEEN.outputs["pool1"][channel]
    assert np.corrcoef(picture.ravel(), plane.ravel())[0, 1] > 0.999
    weights = np.array(stage["kernels"][0]["weights"])
    np.testing.assert_allclose(weights, made.terms.weights[0], rtol=1e-6)


@pytest.mark.parametrize("name", ["conv2", "pool1", "dense1", "softmax", "tanh1"])
def test_the_table_holds_every_term(name):
    stage = SEEN.stage(name)
    made = sight.explain(SEEN, name, tuple(0 for _ in stage.shape))
    header, rows = table(made.terms)
    assert as_csv(made.terms).count("\n") == len(rows) + 1
    assert all(len(row) == len(header) for row in rows)
    if name == "conv2":
        added = np.float32([row[-1] for row in rows]).sum() + made.terms.bias
        assert added == pytest.approx(made.terms.own, abs=1e-5)


# ------------------------------------------------------------------ of others


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(2, 3, 3, padding=1)
        self.second = nn.Conv2d(3, 3, 3, padding=1)
        self.wave = nn.ConvTranspose2d(3, 2, 2)
        self.end = nn.Linear(2, 4)

    def forward(self, pictures):
        first = torch.relu(self.first(pictures))
        both = first + self.second(first)
        return self.end(self.wave(both).mean(dim=(2, 3)))


def test_a_branching_module_shows_what_it_can():
    torch.manual_seed(0)
    picture = torch.rand(1, 2, 6, 6)
    found = module_seen(foreign.inspect_module(Residual(), picture))
    made = sight.explain(found, "second", (1, 2, 3))
    assert made.terms.closes
    assert output_size((6, 6), handing.geometry(found, "second")) == (6, 6)
    added = next(stage for stage in found.stages if stage.kind == "add")
    total = sight.explain(found, added.name, (0, 1, 1))
    assert writing.write(found, total, -1, ()).formula.count("+") == 1
    cells = sight.below(found, "second", (1, 2, 3))
    assert cells.maps == (0, 1, 2)
    assert sight.explain(found, "wave", (0, 1, 1)).terms.closes
    assert found.probabilities.sum() == pytest.approx(1)
    assert sight.explain(found, "softmax", (1,)).terms.closes
    assert tiles.overview(found, None, State())


def seen_module(module, *shape):
    torch.manual_seed(0)
    return module_seen(foreign.inspect_module(module, torch.rand(1, *shape)))


def test_a_transposed_convolution_shows_which_cells_lay_a_stamp():
    found = seen_module(nn.Sequential(nn.ConvTranspose2d(2, 3, 3, 2)), 2, 4, 5)
    (stage,) = found.stages[1:]
    made = sight.explain(found, stage.name, (1, 2, 3))
    written = writing.write(found, made, 0, ())
    titles = [plane.title for plane in written.planes]
    assert titles == ["Window", writing.TURNED, "Products"]
    assert "4 products (2 of 9 kernel cells); here" in written.summary
    assert "Equal" in written.closing
    cells = sight.below(found, stage.name, (1, 2, 3))
    assert (cells.maps, cells.rows, cells.columns) == ((0, 1), (0, 1), (1,))
    by_hand = handing.for_windows(made, 0)
    worked = (np.array(by_hand["values"]) * by_hand["kernel"]).sum()
    assert worked == pytest.approx(float(made.terms.sums[0]))
    with pytest.raises(InputError, match="laid down by each value"):
        handing.for_lab(found, made, 0)
    stamps = sight.filters(found, stage.name, 1)
    np.testing.assert_array_equal(stamps[0], made.terms.weights[0, ::-1, ::-1])


def test_a_value_that_no_cell_reaches_reads_nothing_below():
    found = seen_module(nn.Sequential(nn.ConvTranspose2d(1, 1, 2, 3)), 1, 2, 2)
    (stage,) = found.stages[1:]
    assert sight.below(found, stage.name, (0, 2, 0)) is None
    made = sight.explain(found, stage.name, (0, 2, 0))
    summary = writing.write(found, made, -1, ()).summary
    assert summary == "0 products (0 of 4 kernel cells)"


def test_every_value_of_curves_is_explained():
    chain = nn.Sequential(
        nn.Conv1d(2, 3, 5, padding=2),
        nn.BatchNorm1d(3),
        nn.ReLU(),
        nn.MaxPool1d(2),
        nn.ConvTranspose1d(3, 2, 4, 2),
        nn.Flatten(),
        nn.Linear(28, 3),
    ).eval()
    found = seen_module(chain, 2, 12)
    assert not any(stage.note for stage in found.stages)
    for stage in found.stages[1:]:
        place = tuple(size - 1 for size in stage.shape)
        made = sight.explain(found, stage.name, place)
        assert made.terms.closes
        assert "Equal" in writing.write(found, made, -1, ()).closing
        cells = sight.below(found, stage.name, place)
        if len(stage.shape) == 3:
            assert set(cells.rows) == {0}
    assert sight.below(found, "0", (1, 0, 0)).columns == (-2, -1, 0, 1, 2)
    assert sight.below(found, "5", (20,)) == fields.Cells("4", (1,), (0,), (6,))
    _, data = handing.for_lab(found, sight.explain(found, "0", (1, 0, 4)), 1)
    assert data["padding"] == [0, 2]


def test_a_value_sees_a_block_of_the_picture_and_a_map_none():
    field = sight.field(SEEN, "conv1", (0, 1, 2))
    rows, columns = field.seen_rows, field.seen_columns
    block = sight.block(SEEN, "conv1", (0, 1, 2))
    assert block == (rows[0], columns[0], rows[1], columns[1])
    assert sight.block(SEEN, "conv1", (0,)) is None
    found = seen_module(nn.Sequential(nn.Conv2d(1, 1, 2)), 1, 4, 4)
    assert sight.block(found, found.stages[1].name, (0, 1, 1)) is None
