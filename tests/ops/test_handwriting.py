"""Drawings prepared as MNIST was; the oracle is MNIST itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from cnnviz.errors import InputError
from cnnviz.ops.handwriting import Steps, centre, prepare


def page(height: int, width: int) -> np.ndarray:
    return np.full((height, width), 255, np.uint8)


def box_of(picture: np.ndarray) -> tuple[int, int]:
    rows, columns = ndimage.find_objects((picture > 0).astype(int))[0]
    return rows.stop - rows.start, columns.stop - columns.start


def test_a_bar_goes_where_sums_done_by_hand_put_it():
    drawing = page(200, 300)
    drawing[30:70, 250:270] = 0  # 40 by 20: half as large, 20 by 10
    steps = prepare(drawing)
    assert steps.cropped.shape == (40, 20)
    assert steps.scaled.shape == (20, 10)
    expected = np.zeros((28, 28), np.uint8)
    # Rows 4 to 23 have their middle at 13.5, columns 9 to 18 too.
    expected[4:24, 9:19] = 255
    np.testing.assert_array_equal(steps.picture, expected)
    np.testing.assert_array_equal(steps.centred, 255 - expected)


@settings(deadline=None, max_examples=50)
@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 300),
    width=st.integers(1, 300),
    strokes=st.integers(1, 6),
)
def test_any_drawing_ends_boxed_and_centred(seed, height, width, strokes):
    rng = np.random.default_rng(seed)
    drawing = page(height, width)
    for _ in range(strokes):
        top, left = rng.integers(height), rng.integers(width)
        size = rng.integers(1, 60, 2)
        drawing[top : top + size[0], left : left + size[1]] = rng.integers(0, 200)
    steps = prepare(drawing)
    assert steps.picture.shape == (28, 28) and steps.picture.dtype == np.uint8
    assert max(steps.scaled.shape) == 20
    longer, shorter = max(steps.cropped.shape), min(steps.cropped.shape)
    assert min(steps.scaled.shape) == max(1, round(shorter * (20 / longer)))
    tall = steps.cropped.shape[0] >= steps.cropped.shape[1]
    assert steps.scaled.shape[0 if tall else 1] == 20
    if steps.picture.sum() == (255 - steps.scaled.astype(int)).sum():  # none lost
        for at in ndimage.center_of_mass(steps.picture):
            assert 13.5 - 1e-9 <= at < 14.5 + 1e-9
        assert max(box_of(steps.picture)) <= 20


def test_all_that_is_on_an_edge_is_lost_and_nothing_wraps_around():
    drawing = page(20, 20)
    drawing[:, 0] = 200  # a long faint tail …
    drawing[:4, :20] = 0  # … on a heavy head pulls the head to the middle
    picture = prepare(drawing).picture
    assert picture[:10].sum() == 0
    assert picture[-1].any()


@pytest.mark.mnist
def test_mnist_comes_out_as_it_went_in(mnist):
    pictures = mnist.train.images[:, 0]
    changed = sum(
        not np.array_equal(prepare(255 - picture).picture, picture)
        for picture in pictures[:5_000]
    )
    assert changed <= 2  # MNIST's own have lost ink at the edge, or tie


@pytest.mark.mnist
def test_a_large_drawing_of_a_digit_comes_out_as_mnist_has_it(mnist):
    for picture in mnist.test.images[:200, 0]:
        drawing = page(600, 450)
        drawing[13 : 13 + 280, 150 : 150 + 280] = np.kron(
            255 - picture, np.ones((10, 10), np.uint8)
        )
        np.testing.assert_array_equal(prepare(drawing).picture, picture)


@pytest.mark.mnist
def test_many_boxes_are_centred_as_one_by_one(mnist):
    fields = mnist.test.images[:300, 0]
    boxes = np.stack([np.roll(f, (-3, 2), (0, 1))[1:27, 1:27] for f in fields])
    inside = boxes.sum(axis=(1, 2), dtype=int) == fields.sum(axis=(1, 2), dtype=int)
    assert inside.sum() > 200
    np.testing.assert_array_equal(centre(boxes)[inside], fields[inside])


def test_steps_can_be_left_out():
    drawing = page(56, 112)
    drawing[:14, :14] = 0
    whole = prepare(drawing, Steps(crop=False))
    assert whole.cropped.shape == (56, 112) and whole.scaled.shape == (10, 20)
    stretched = prepare(drawing, Steps(crop=False, scale=False, centre=False))
    # 56 rows and 112 columns become 28: ink of 7 rows and 3.5 columns at the corner.
    assert (stretched.picture[:7, :3] == 255).all()
    assert stretched.picture.sum(dtype=int) == pytest.approx(255 * 7 * 3.5, abs=7)
    uncentred = prepare(drawing, Steps(centre=False))
    assert (uncentred.picture[4:24, 4:24] == 255).all()
    dark = prepare(drawing, Steps(invert=False))
    np.testing.assert_array_equal(dark.picture, 255 - prepare(drawing).picture)


@pytest.mark.parametrize(
    ("drawing", "sentence"),
    [
        (page(100, 100), "no ink"),
        (np.zeros((0, 5), np.uint8), "no ink"),
        (np.zeros((5, 5, 3), np.uint8), "one grey"),
        (np.zeros((5, 5), np.bool_), "one grey"),
        (np.full((5, 5), 256), "0 (ink) to 255"),
        (np.full((5, 5), np.nan), "0 (ink) to 255"),
    ],
    ids=["blank", "empty", "colour", "truth", "too light", "not a number"],
)
def test_what_cannot_be_prepared_is_said(drawing, sentence):
    with pytest.raises(InputError) as caught:
        prepare(drawing)
    assert sentence in str(caught.value)


def test_decimals_and_a_dot_of_one_pixel_do():
    drawing = np.full((9, 9), 255.0)
    drawing[4, 7] = 0.4
    picture = prepare(drawing).picture
    assert (picture[4:24, 4:24] == 255).all() and picture.sum() == 400 * 255
