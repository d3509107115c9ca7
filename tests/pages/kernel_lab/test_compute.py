from __future__ import annotations

from dataclasses import replace

import numpy as np

from cnnviz.ops import kernels
from cnnviz.ops.pipeline import Pool, Stage, run_stage
from cnnviz.pages.kernel_lab.compute import run, work

PICTURE = np.random.default_rng(1).integers(0, 256, (40, 50)).astype(np.float32)
BOX, SOBEL = kernels.make("box"), kernels.make("sobel-vertical")
TWO = (
    Stage((SOBEL, BOX), activation="relu", pool=Pool()),
    Stage((BOX,), padding="valid"),
)


def test_each_stage_takes_what_the_one_before_passes_on() -> None:
    result = run(PICTURE, TWO)
    first = run_stage(PICTURE, TWO[0])
    np.testing.assert_array_equal(result.layers[0].output, first.pooled)
    np.testing.assert_array_equal(
        result.layers[1].output, run_stage(first.pooled, TWO[1]).pooled
    )
    assert set(result.layers[0].thumbs) == {"filtered", "activated", "pooled"}
    assert set(result.layers[1].thumbs) == {"filtered"}


def test_the_ranges_are_those_of_the_whole_maps() -> None:
    layer = run(np.tile(PICTURE, (9, 9)), TWO).layers[0]
    small = layer.thumbs["filtered"]
    assert (small.low, small.high) == (
        layer.maps.filtered.min(),
        layer.maps.filtered.max(),
    )
    assert max(small.array.shape) <= 96


def test_the_bank_holds_every_kernel_and_the_chosen_one_goes_on() -> None:
    result = run(PICTURE, (TWO[0].choose(1), TWO[1]))
    layer = result.layers[0]
    assert [round(each.high) for each in layer.bank] == [
        round(float(run_stage(PICTURE, TWO[0].choose(k)).pooled.max())) for k in (0, 1)
    ]
    np.testing.assert_array_equal(
        layer.output, run_stage(PICTURE, TWO[0].choose(1)).pooled
    )


def test_what_did_not_change_is_taken_over() -> None:
    before = run(PICTURE, TWO)
    same = run(PICTURE, TWO, before)
    assert same.layers[0] is before.layers[0]
    assert same.layers[1] is before.layers[1]
    later = run(PICTURE, (TWO[0], replace(TWO[1], bias=3.0)), before)
    assert later.layers[0] is before.layers[0]
    assert later.layers[1].stage.bias == 3.0
    aside = run(PICTURE, (TWO[0].with_kernel(BOX), TWO[1]), before)
    assert aside.layers[0].bank[1] is before.layers[0].bank[1]
    assert run(PICTURE.copy(), TWO, before).layers[0] is not before.layers[0]


def test_a_stage_that_cannot_work_ends_the_run_with_a_sentence() -> None:
    wide = replace(TWO[1], dilation=(30, 30))
    result = run(PICTURE, (TWO[0], wide, TWO[1]))
    assert len(result.layers) == 1
    assert result.reason.startswith("Stage 2: ")


def test_work_grows_with_picture_taps_and_kernels() -> None:
    assert work((10, 10), TWO) > work((10, 10), TWO[1:])
    assert work((10, 10, 3), TWO) == 3 * work((10, 10), TWO)


def test_what_follows_the_filter_is_work_too() -> None:
    plain, relu = Stage(), Stage(activation="relu")
    small, large = (Stage(pool=Pool("max", (n, n), (1, 1))) for n in (2, 31))
    amounts = [work((10, 10), (stage,)) for stage in (plain, relu, small, large)]
    assert amounts == sorted(set(amounts))
