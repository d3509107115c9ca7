"""Bytes and colours: zero is pinned, nothing wraps, means are means."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cnnviz.ops import colour
from cnnviz.ops.colour import Scale
from cnnviz.palette import DARK, LIGHT, grey_table, sequential_table, signed_table

RANDOM = np.random.default_rng(0)

finite = st.floats(-1e6, 1e6, width=32)
planes = arrays.arrays(
    np.float32, arrays.array_shapes(min_dims=2, max_dims=2), elements=finite
)


def plane(*values: float) -> np.ndarray:
    return np.array([values], np.float32)


# ------------------------------------------------------------------ scales


@pytest.mark.parametrize(
    ("low", "high", "scale"),
    [
        (-3, 5, Scale(-5, 5, "signed")),
        (-7, 5, Scale(-7, 7, "signed")),
        (-7, -2, Scale(-7, 7, "signed")),
        (0, 9, Scale(0, 9, "sequential")),
        (4, 9, Scale(0, 9, "sequential")),
        (0, 0, Scale(0, 1, "sequential")),
        (-1e-44, 0, Scale(-1, 1, "signed")),
        (0, np.inf, Scale(0, colour.LARGEST, "sequential")),
        (np.nan, np.nan, Scale(0, 1, "sequential")),
    ],
)
def test_natural_scale(low: float, high: float, scale: Scale) -> None:
    assert colour.natural_scale(low, high) == scale


@pytest.mark.parametrize("ends", [(1, 1), (2, 1), (0, np.inf), (np.nan, 1)])
def test_an_impossible_scale_is_refused(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="not a scale"):
        Scale(*ends, "grey")


@given(planes)
def test_range_is_that_of_numpy(array: np.ndarray) -> None:
    assert colour.value_range(array) == (array.min(), array.max())


@pytest.mark.parametrize("place", [(0, 0), (999, 2), (1000, 2), (2000, 1099)])
def test_range_of_a_large_array(place: tuple[int, int]) -> None:
    array = np.zeros((2001, 1100), np.float32)
    assert array.size > colour.SHARED_SIZE
    array[place] = -3
    assert colour.value_range(array) == (-3, 0)
    assert colour.value_range(-array) == (0, 3)


def test_range_of_one_long_row() -> None:
    array = np.ones((1, colour.SHARED_SIZE + 1), np.float32)
    assert colour.value_range(array) == (1, 1)


# ------------------------------------------------------------------ bytes


def test_signed_places() -> None:
    scale = Scale(-508, 508, "signed")
    places = colour.to_bytes(plane(-508, -4, 0, 4, 508), scale)
    assert places.tolist() == [[1, 127, 128, 129, 255]]


def test_other_places() -> None:
    assert colour.to_bytes(plane(-10, 0, 10), Scale(-10, 10, "colour")).tolist() == [
        [0, 128, 255]
    ]
    every = np.arange(256, dtype=np.float32)[np.newaxis]
    assert (colour.to_bytes(every, Scale(0, 255, "grey")) == every).all()


@pytest.mark.parametrize("far", [9.0, 1e9, 1e30, np.inf])
def test_values_outside_go_to_the_nearer_end(far: float) -> None:
    values = plane(-far, far)
    assert colour.to_bytes(values, Scale(-1, 1, "signed")).tolist() == [[1, 255]]
    assert colour.to_bytes(values, Scale(0, 1, "sequential")).tolist() == [[0, 255]]


@given(planes, st.floats(1e-3, 1e6))
def test_signed_places_mirror_and_keep_the_order(
    array: np.ndarray, limit: float
) -> None:
    scale = Scale(-limit, limit, "signed")
    places = colour.to_bytes(array, scale).astype(int)
    mirrored = colour.to_bytes(-array, scale).astype(int)
    assert (places + mirrored == 256).all()
    order = np.argsort(array, axis=None)
    assert (np.diff(places.ravel()[order]) >= 0).all()
    assert (places[array == 0] == 128).all()


# ------------------------------------------------------------------ colours


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_zero_has_the_neutral_colour_and_the_ends_theirs(palette: object) -> None:
    table = signed_table(palette)
    pixels = colour.to_bgrx(plane(-8, 0, 8), Scale(-8, 8, "signed"), table)[0]
    wanted = [palette.negative, palette.zero, palette.positive]
    assert [f"#{r:02X}{g:02X}{b:02X}" for b, g, r, _ in pixels.tolist()] == wanted
    assert (pixels[:, 3] == 255).all()


def test_colours_are_those_of_applycolormap() -> None:
    array = RANDOM.normal(0, 100, (37, 53)).astype(np.float32)
    scale, table = Scale(0, 100, "sequential"), sequential_table()
    pixels = colour.to_bgrx(array, scale, table)
    wanted = cv2.applyColorMap(colour.to_bytes(array, scale), table)
    assert (pixels[..., :3] == wanted).all()
    assert pixels.flags.c_contiguous


def test_a_colour_picture_is_shown_as_it_is() -> None:
    picture = RANDOM.integers(0, 256, (5, 7, 3)).astype(np.float32)
    pixels = colour.to_bgrx(picture, Scale(0, 255, "colour"), grey_table())
    assert (pixels[..., 2::-1] == picture).all()


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 4), (4, 1), (1, 1, 3), (2, 4), (3, 1, 3)]
)
def test_small_and_narrow_arrays(shape: tuple[int, ...]) -> None:
    array = np.ones(shape, np.float32)
    scale = Scale(0, 1, "sequential")
    assert colour.value_range(array) == (1, 1)
    assert colour.to_bgrx(array, scale, grey_table()).shape == (*shape[:2], 4)
    assert colour.reduce(array, 1, 1).shape[:2] == (1, 1)
    assert colour.counts(array, 2, 0, 1).tolist() == [0, array.size]


# ------------------------------------------------------------------ reduction


def test_whole_blocks_give_exact_means() -> None:
    array = RANDOM.integers(0, 256, (12, 20)).astype(np.float32)
    means = array.reshape(4, 3, 5, 4).mean(axis=(1, 3))
    assert np.allclose(colour.reduce(array, 4, 5), means, atol=1e-3)


def test_an_axis_that_is_no_longer_stays() -> None:
    array = RANDOM.normal(size=(8, 8)).astype(np.float32)
    assert colour.reduce(array, 9, 8) is array
    halved = colour.reduce(array, 20, 4)
    assert np.allclose(halved, array.reshape(8, 4, 2).mean(axis=2), atol=1e-6)


@pytest.mark.parametrize(
    ("shape", "rows", "columns"),
    [
        ((512, 512), 492, 492),
        ((720, 1279), 333, 592),
        ((1079, 1917), 337, 600),
        ((2159, 3839), 337, 600),
        ((301, 401, 3), (90), (120)),
    ],
)
def test_reduction_is_a_mean(shape: tuple[int, ...], rows: int, columns: int) -> None:
    """Smooth waves survive, and the mean of the whole does too."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    waves = np.cos(y * 20 / shape[0]) + np.sin(x * 20 / shape[1]) + 3
    if len(shape) == 3:
        waves = np.dstack([waves, 2 * waves, -waves])
    got = colour.reduce(waves, rows, columns)
    exact = cv2.resize(waves, (columns, rows), interpolation=cv2.INTER_AREA)
    assert got.shape[:2] == (rows, columns)
    assert np.abs(got - exact).max() < 0.02
    assert abs(got.mean() - waves.mean()) < 1e-3


@pytest.mark.parametrize("position", [0, 1, 300, 777, 1918, 1919])
def test_a_line_one_pixel_wide_is_never_lost(position: int) -> None:
    array = np.zeros((100, 1920), np.float32)
    array[:, position] = 1
    reduced = colour.reduce(array, 100, 600)
    assert reduced[0].max() > 0.15
    assert reduced[0].sum() == pytest.approx(1 / 3.2, rel=0.1)


def test_parts_of_a_larger_array_do() -> None:
    whole = RANDOM.normal(size=(90, 90, 3)).astype(np.float32)
    for part in (whole[10:70, 20:80, 0].copy(), whole[10:70, 20:80]):
        assert np.allclose(
            colour.reduce(part, 20, 20), colour.reduce(part.copy(), 20, 20)
        )


# ------------------------------------------------------------------ counting


@given(planes)
def test_no_value_lies_outside_its_own_scale(array: np.ndarray) -> None:
    scale = colour.natural_scale(*colour.value_range(array))
    counts = colour.counts(array, 128, scale.low, scale.high)
    assert counts.sum() == array.size


@pytest.mark.parametrize("bins", [2, 51, 64, 128, 256])
@pytest.mark.parametrize(("low", "high"), [(0, 255), (-1020, 1020), (-7, 100)])
def test_counts_are_those_of_numpy(bins: int, low: int, high: int) -> None:
    array = RANDOM.integers(-1100, 1100, (200, 300)).astype(np.float32)
    wanted, _ = np.histogram(array, bins, (low, high))
    assert (colour.counts(array, bins, low, high) == wanted).all()


def test_counts_beyond_float32_are_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(colour, "COUNTED_AT_ONCE", 100)
    array = RANDOM.normal(size=(60, 20, 3)).astype(np.float32)
    wanted, _ = np.histogram(array, 10, (-2, 2))
    assert (colour.counts(array, 10, -2, 2) == wanted).all()
