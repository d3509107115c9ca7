"""From a drawing, a photograph or a test picture to what the network sees."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from cnnviz.errors import InputError
from cnnviz.ops import handwriting
from cnnviz.ops.changes import changed
from cnnviz.ops.handwriting import Steps
from cnnviz.pages.inspect.preparing import Ready, Wish, fitted, make_ready, to_sheet
from cnnviz.pages.inspect.state import SIDE, Changes

SHEET = np.zeros((SIDE, SIDE), np.uint8)
cv2.line(SHEET, (40, 30), (90, 30), 255, 16)
cv2.line(SHEET, (90, 30), (60, 110), 255, 16)


def test_a_drawing_is_made_ready_as_mnist_was():
    ready = make_ready(Wish(sheet=SHEET))
    expected = handwriting.prepare(255 - SHEET).picture
    np.testing.assert_array_equal(ready.pixels[0], expected)
    assert ready.values.dtype == np.float32
    assert ready.values.max() <= 1


def test_a_step_that_is_off_is_left_out():
    ready = make_ready(Wish(sheet=SHEET, steps=Steps(centre=False)))
    expected = handwriting.prepare(255 - SHEET, Steps(centre=False)).picture
    np.testing.assert_array_equal(ready.pixels[0], expected)


def test_without_normalising_the_network_gets_bytes():
    wish = Wish(sheet=SHEET)
    raw = make_ready(Wish(sheet=SHEET, normalise=False))
    np.testing.assert_allclose(raw.values, make_ready(wish).values * 255, rtol=1e-6)
    np.testing.assert_array_equal(raw.pixels, make_ready(wish).pixels)


def test_changes_follow_each_other():
    changes = Changes(shift_right=3.0, rotate=20.0)
    ready = make_ready(Wish(sheet=SHEET, changes=changes))
    values = make_ready(Wish(sheet=SHEET)).values
    values = changed(changed(values, "shift-right", 3.0), "rotate", 20.0)
    np.testing.assert_allclose(ready.values, values)


def test_an_example_is_left_as_it_is():
    values = np.linspace(-2, 2, 24, dtype=np.float32).reshape(2, 3, 4)
    ready = make_ready(Wish(values=values, changes=Changes(rotate=20.0)))
    assert ready.values is values
    assert ready.pixels.min() == 0
    assert ready.pixels.max() == 255


@pytest.mark.parametrize("shape", [(), (5,), (3, 4), (2, 3, 4, 5), (3, 4, 5)])
def test_any_example_has_a_picture(shape):
    pixels = Ready(None, np.ones(shape, np.float32)).pixels
    assert pixels.ndim == 3
    assert pixels.dtype == np.uint8


def test_an_empty_drawing_and_no_picture_are_said():
    with pytest.raises(InputError, match="no ink"):
        make_ready(Wish(sheet=np.zeros_like(SHEET)))
    with pytest.raises(InputError, match="no picture"):
        make_ready(Wish())


@pytest.mark.parametrize("paper", [255, 200, 150])
@pytest.mark.parametrize("colour", [False, True])
def test_a_photograph_of_a_digit_becomes_a_drawing(paper, colour):
    photo = np.full((90, 150), float(paper), np.float32)
    photo += np.random.default_rng(0).normal(0, 3, photo.shape).astype(np.float32)
    photo[20:70, 70:78] = 20
    pixels = np.repeat(photo[..., None], 3, axis=2) if colour else photo
    sheet = to_sheet(pixels)
    assert sheet.shape == (SIDE, SIDE)
    rows, columns = np.nonzero(sheet > 128)
    box = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    scale, top = SIDE / 150, (SIDE - 168) // 2
    expected = (top + 20 * scale, top + 70 * scale, 70 * scale, 78 * scale)
    np.testing.assert_allclose(box, expected, atol=2)
    assert not sheet[:, :100].any(), "the paper's noise is no ink"


def test_white_ink_on_black_is_taken_as_it_is():
    picture = make_ready(Wish(sheet=SHEET)).pixels[0].astype(np.float32)
    again = make_ready(Wish(sheet=to_sheet(picture))).pixels[0]
    assert np.abs(again.astype(float) - picture).mean() < 8


def test_a_picture_of_nothing_is_said():
    with pytest.raises(InputError, match="No ink"):
        to_sheet(np.full((50, 50), 90, np.float32))


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 20)])
def test_a_picture_takes_the_shape_of_the_network(shape):
    pixels = np.full((64, 64, 3), (10, 20, 30), np.float32)
    made = fitted(pixels, shape)
    assert made.shape == shape
    expected = [10, 20, 30] if shape[0] == 3 else [18]
    assert made[:, 0, 0].tolist() == expected


def test_a_network_of_five_channels_takes_no_picture():
    with pytest.raises(InputError, match="5 channels"):
        fitted(np.zeros((8, 8), np.float32), (5, 8, 8))


def test_a_photograph_of_fifty_megapixels_is_made_small_at_once():
    photo = np.full((5000, 10000), 230, np.uint8)
    photo[1000:4000, 4800:5200] = 10
    sheet = to_sheet(photo.astype(np.float32))
    assert sheet.any()
