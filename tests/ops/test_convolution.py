from __future__ import annotations

import weakref
from itertools import product
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import convolve2d
from sliding import as_picture, fitting, torch_padded

from cnnviz.errors import InputError
from cnnviz.ops import convolution, filtering, kept, phase_plans
from cnnviz.ops.convolution import convolve, correlate, terms
from cnnviz.ops.filtering import plan_fold
from cnnviz.ops.geometry import Geometry, PaddingMode, Pair, output_size
from cnnviz.ops.phases import columns_apart

if TYPE_CHECKING:
    from numpy.typing import NDArray

LECTURE = {
    "tiny picture, vertical Sobel": (
        correlate,
        [[0, 50, 0, 29], [0, 80, 31, 2], [33, 90, 0, 75], [0, 9, 0, 95]],
        [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
        [[29, -192], [-35, -22]],
    ),
    "true convolution": (
        convolve,
        [
            [1, 1, 1, 1, 1],
            [-1, 0, -3, 0, 1],
            [2, 1, 1, -1, 0],
            [0, -1, 1, 2, 1],
            [1, 2, 1, 1, 1],
        ],
        [[1, 0, 0], [0, 0, 0], [0, 0, -1]],
        [[0, -2, -1], [2, 2, 4], [-1, 0, 0]],
    ),
    "letter X and a diagonal": (
        correlate,
        [
            [0, 0, 0, 0, 0, 0, 0],
            [0, 1, 0, 0, 0, 1, 0],
            [0, 0, 1, 0, 1, 0, 0],
            [0, 0, 0, 1, 0, 0, 0],
            [0, 0, 1, 0, 1, 0, 0],
            [0, 1, 0, 0, 0, 1, 0],
            [0, 0, 0, 0, 0, 0, 0],
        ],
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [
            [2, 0, 1, 0, 1],
            [0, 3, 0, 1, 0],
            [1, 0, 3, 0, 1],
            [0, 1, 0, 3, 0],
            [1, 0, 1, 0, 2],
        ],
    ),
    "weight sharing": (
        correlate,
        [
            [3, 3, 2, 1, 0],
            [0, 0, 1, 3, 1],
            [3, 1, 2, 2, 3],
            [2, 0, 0, 2, 2],
            [2, 0, 0, 0, 1],
        ],
        [[0, 1, 2], [2, 2, 0], [0, 1, 2]],
        [[12, 12, 17], [10, 17, 19], [9, 6, 14]],
    ),
    "convolved feature, X-detector": (
        correlate,
        [
            [1, 1, 1, 0, 0],
            [0, 1, 1, 1, 0],
            [0, 0, 1, 1, 1],
            [0, 0, 1, 1, 0],
            [0, 1, 1, 0, 0],
        ],
        [[1, 0, 1], [0, 1, 0], [1, 0, 1]],
        [[4, 3, 4], [2, 4, 3], [2, 3, 4]],
    ),
}


@pytest.mark.parametrize("name", LECTURE)
def test_the_lectures_examples_come_out_exactly(name: str) -> None:
    operation, image, kernel, result = LECTURE[name]
    found = operation(np.array(image, np.float32), kernel, Geometry((3, 3)))
    np.testing.assert_array_equal(found, result)


def by_torch(
    picture: NDArray[np.float32], kernel: NDArray[np.float32], g: Geometry, bias: float
) -> NDArray[np.float64]:
    weights = torch.tensor(kernel, dtype=torch.float64)[None, None]
    b = torch.tensor([bias], dtype=torch.float64)
    x = torch_padded(picture, g)
    return as_picture(F.conv2d(x, weights, b, g.stride, 0, g.dilation), picture)


def assert_equals_torch(
    picture: NDArray[np.float32], kernel: NDArray[np.float32], g: Geometry, bias: float
) -> None:
    before = picture.copy()
    found = correlate(picture, kernel, g, bias)
    expected = by_torch(picture, kernel, g, bias)
    scale = by_torch(np.abs(picture), np.abs(kernel), g, abs(bias))
    assert found.shape == expected.shape
    assert found.shape[:2] == output_size(picture.shape[:2], g)
    assert found.dtype == np.float32
    assert not np.shares_memory(found, picture)
    np.testing.assert_array_equal(picture, before)
    # Where all is zero a Fourier transform leaves a trace of the rest of the picture.
    tolerance = 1e-5 * scale + 1e-12 * scale.max()
    assert (np.abs(found - expected) <= tolerance).all()


@settings(deadline=None, max_examples=150)
@given(
    fitting(),
    st.sampled_from([(), (3,)]),
    st.sampled_from([0.0, -37.5, 0.1]),
    st.integers(0, 2**32 - 1),
)
def test_every_setting_equals_torch(
    case: tuple[Pair, Geometry], channels: tuple[int, ...], bias: float, seed: int
) -> None:
    size, g = case
    rng = np.random.default_rng(seed)
    picture = rng.uniform(-100, 255, size + channels).astype(np.float32)
    kernel = rng.normal(size=g.kernel_size).astype(np.float32)
    assert_equals_torch(picture, kernel, g, bias)


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize(
    "g",
    [
        Geometry((5, 5), padding="same", dilation=(4, 4)),
        Geometry((11, 11), padding="same", dilation=(2, 2)),
        Geometry((11, 11), padding="same", dilation=(2, 2), padding_mode="reflect"),
        Geometry((11, 11), (2, 3), (6, 6), (2, 3)),
        Geometry((3, 31), padding="same", dilation=(1, 2)),
        Geometry((15, 15), padding="full", dilation=(3, 2)),
        Geometry((3, 3), padding="same", dilation=(32, 32), padding_mode="circular"),
        Geometry((11, 13), padding="full", dilation=(1, 32)),
    ],
)
def test_wide_dilation_equals_torch(g: Geometry, channels: tuple[int, ...]) -> None:
    rng = np.random.default_rng(7)
    for size in ((96, 96), (67, 71)):
        picture = rng.uniform(0, 255, size + channels).astype(np.float32)
        kernel = rng.normal(size=g.kernel_size).astype(np.float32)
        assert_equals_torch(picture, kernel, g, bias=1.5)


@pytest.mark.parametrize("products, pixels", [(1, 2**20), (1, 1), (10**7, 1)])
@pytest.mark.parametrize("dilation", [(2, 2), (3, 3), (6, 6), (1, 6), (7, 3)])
def test_wide_dilation_in_threads_equals_torch(
    dilation: Pair, products: int, pixels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filtering, "SHARED_PRODUCTS", products)
    monkeypatch.setattr(filtering, "SHARED_PIXELS", pixels)
    monkeypatch.setattr(filtering, "FEW_PRODUCTS", 0)
    convolution._way.cache_clear()
    rng = np.random.default_rng(7)
    for size in ((96, 96), (67, 71, 3)):
        picture = rng.uniform(0, 255, size).astype(np.float32)
        for mode in ("zero", "reflect"):
            g = Geometry((11, 5), (1, 1), "same", dilation, mode)
            kernel = rng.normal(size=g.kernel_size).astype(np.float32)
            assert_equals_torch(picture, kernel, g, bias=1.5)
    convolution._way.cache_clear()


@pytest.mark.parametrize("threads", [3, 4, 7])
def test_the_cuts_between_bands_of_wide_dilation_equal_torch(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filtering, "SHARED_PRODUCTS", 1)
    monkeypatch.setattr(filtering, "NEW_PAGES", 1)
    monkeypatch.setattr(cv2, "getNumThreads", lambda: threads)
    convolution._way.cache_clear()
    rng = np.random.default_rng(7)
    for size in ((96, 96), (67, 71, 3), (5, 33)):
        picture = rng.uniform(0, 255, size).astype(np.float32)
        for k, d in product(((11, 5), (4, 11), (1, 27)), ((1, 6), (5, 5))):
            g = Geometry(k, (1, 1), "same", d)
            cuts = [rows.start for _, rows in plan_fold(size, g).parts]
            assert any(cuts) or size[0] < 6
            kernel = rng.normal(size=g.kernel_size).astype(np.float32)
            assert_equals_torch(picture, kernel, g, bias=1.5)
    convolution._way.cache_clear()


@settings(deadline=None, max_examples=100)
@given(
    fitting(), st.sampled_from([(), (3,)]), st.integers(1, 99), st.integers(0, 2**32)
)
def test_bands_of_rows_in_threads_equal_torch(
    case: tuple[Pair, Geometry], channels: tuple[int, ...], band: int, seed: int
) -> None:
    size, g = case
    rng = np.random.default_rng(seed)
    picture = rng.uniform(-100, 255, size + channels).astype(np.float32)
    kernel = rng.normal(size=g.kernel_size).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (
            ("SMALL_KERNEL", 0),
            ("SMALL_SHARED_KERNEL", 99 * (band % 3)),
            ("FAST_KERNEL", 0),
            ("SMALL_PICTURE", 1),
            ("SHARED_PIXELS", 1 if band % 4 else 2**20),
            ("BAND", band),
        ):
            patch.setattr(phase_plans, name, value)
        patch.setattr(filtering, "SHARED_PRODUCTS", 1 if band % 2 else 10**7)
        convolution._way.cache_clear()
        assert_equals_torch(picture, kernel, g, bias=1.5)
    convolution._way.cache_clear()


@settings(deadline=None, max_examples=100)
@given(fitting(), st.sampled_from([(), (3,)]), st.integers(0, 2**32))
def test_kernel_after_kernel_on_a_frozen_picture_equals_torch(
    case: tuple[Pair, Geometry], channels: tuple[int, ...], seed: int
) -> None:
    size, g = case
    rng = np.random.default_rng(seed)
    picture = rng.uniform(-100, 255, size + channels).astype(np.float32)
    picture.flags.writeable = False
    for bias in (0.0, 1.5):
        kernel = rng.normal(size=g.kernel_size).astype(np.float32)
        assert_equals_torch(picture, kernel, g, bias)


def test_only_columns_of_a_frozen_picture_are_kept_and_only_while_it_lives() -> None:
    g, kernel = Geometry((3, 3), (2, 2), (1, 1)), np.ones((3, 3))
    pictures = [np.full((32, 32), value, np.float32) for value in (1, 2)]
    first, second = (correlate(picture, kernel, g)[5, 5] for picture in pictures)
    assert (first, second) == (9, 18)
    assert not kept._kept
    view = pictures[0][:]
    view.flags.writeable = False
    for value in (1, 3):
        pictures[0][:] = value
        assert correlate(view, kernel, g)[5, 5] == 9 * value
    assert not kept._kept
    for picture in pictures:
        picture.flags.writeable = False
        for bias in (0, 1, 2):
            found = correlate(picture, kernel, g, bias)[5, 5]
            assert found == 9 * picture[5, 5] + bias
            (known,) = kept._kept.values()
            assert known.picture() is picture
    del picture, pictures, view
    assert not kept._kept


@settings(deadline=None, max_examples=100)
@given(fitting(), st.sampled_from([(), (3,)]), st.integers(0, 2**32))
def test_the_first_time_and_later_give_the_same_to_the_last_digit(
    case: tuple[Pair, Geometry], channels: tuple[int, ...], seed: int
) -> None:
    size, g = case
    rng = np.random.default_rng(seed)
    picture = rng.uniform(-100, 255, size + channels).astype(np.float32)
    kernel = rng.normal(size=g.kernel_size).astype(np.float32)
    for writeable in (True, False):
        picture.flags.writeable = writeable
        first = correlate(picture, kernel, g)
        for _ in range(2):
            np.testing.assert_array_equal(correlate(picture, kernel, g), first)


def test_strides_that_alternate_leave_nothing_behind_on_the_picture() -> None:
    picture = np.random.default_rng(4).uniform(0, 255, (32, 32)).astype(np.float32)
    picture.flags.writeable = False
    kernel = np.ones((3, 3), np.float32)
    for _ in range(3):
        for stride in ((2, 2), (3, 3)):
            assert_equals_torch(picture, kernel, Geometry((3, 3), stride), bias=0)
    assert weakref.getweakrefcount(picture) == 1
    del picture
    assert not kept._kept


@pytest.mark.parametrize("stride", [2, 3, 4])
def test_columns_taken_apart_stay_in_the_cache(stride: int) -> None:
    # Where all begin alike, cv2.split writes past the cache, at a third more time.
    for size in ((64, 64), (67, 71), (48, 60)):
        picture = np.random.default_rng(8).uniform(0, 255, size).astype(np.float32)
        for new in (False, True):
            columns = columns_apart(picture, (1, stride), range(stride), new=new)
            assert len({column.ctypes.data % 64 for column in columns.values()}) > 1
            for first, column in columns.items():
                expected = picture[:, first::stride]
                np.testing.assert_array_equal(column[:, : expected.shape[1]], expected)


def test_paddings_that_alternate_on_a_frozen_picture_equal_torch() -> None:
    picture = np.random.default_rng(5).uniform(0, 255, (33, 40)).astype(np.float32)
    picture.flags.writeable = False
    for k in (3, 5, 3):
        kernel = np.random.default_rng(k).normal(size=(k, k)).astype(np.float32)
        for mode in ("reflect", "circular", "zero", "reflect"):
            g = Geometry((k, k), (2, 2), (k // 2, k // 2), padding_mode=mode)
            for bias in (0.0, 1.5, -2.0):
                assert_equals_torch(picture, kernel, g, bias)


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_the_edges_of_a_picture_too_large_to_pad_equal_torch(
    mode: PaddingMode, channels: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(6)
    picture = rng.uniform(0, 255, (1025, 1026, *channels)).astype(np.float32)
    for kernel_size, stride, pad in (
        ((5, 3), (2, 3), (3, 1)),
        ((2, 4), (3, 2), (4, 5)),
    ):
        g = Geometry(kernel_size, stride, pad, padding_mode=mode)
        kernel = rng.normal(size=kernel_size).astype(np.float32)
        assert_equals_torch(picture, kernel, g, bias=1.5)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_same_padding_is_torchs_own() -> None:
    rng = np.random.default_rng(1)
    for kernel_size in ((2, 5), (4, 3), (6, 2)):
        x = rng.normal(size=(9, 12)).astype(np.float32)
        k = rng.normal(size=kernel_size).astype(np.float32)
        g = Geometry(kernel_size, padding="same", dilation=(3, 1))
        expected = F.conv2d(
            torch.tensor(x)[None, None],
            torch.tensor(k)[None, None],
            padding="same",
            dilation=g.dilation,
        )
        np.testing.assert_allclose(correlate(x, k, g), expected[0, 0], atol=1e-5)


def test_full_convolution_is_scipys() -> None:
    rng = np.random.default_rng(2)
    x, k = rng.integers(0, 9, (7, 8)), rng.integers(-4, 5, (4, 3))
    found = convolve(x.astype(np.float32), k, Geometry((4, 3), padding="full"))
    np.testing.assert_array_equal(found, convolve2d(x, k))


def test_a_read_only_picture_and_a_channel_of_one_are_filtered() -> None:
    picture = np.random.default_rng(3).uniform(0, 255, (40, 30, 3)).astype(np.float32)
    picture.flags.writeable = False
    kernel = np.ones((7, 7), np.float32)
    for g in (Geometry((7, 7)), Geometry((7, 7), (2, 2), (1, 1), (3, 3))):
        whole = correlate(picture, kernel, g)
        for channel in range(3):
            alone = correlate(picture[..., channel], kernel, g)
            np.testing.assert_allclose(whole[..., channel], alone, rtol=1e-6)


def test_what_does_not_fit_is_refused() -> None:
    picture = np.zeros((4, 4), np.float32)
    with pytest.raises(InputError, match="5 rows tall"):
        correlate(picture, np.ones((5, 5)), Geometry((5, 5)))
    with pytest.raises(InputError, match="5 rows tall"):
        terms(picture, np.ones((5, 5)), Geometry((5, 5)), (0, 0))
    with pytest.raises(ValueError, match="kernel"):
        correlate(picture, np.ones((3, 2)), Geometry((2, 3)))
    with pytest.raises(IndexError):
        terms(picture, np.ones((3, 3)), Geometry((3, 3)), (2, 0))


@settings(deadline=None, max_examples=100)
@given(fitting(), st.booleans(), st.data())
def test_the_terms_sum_to_the_value_shown(
    case: tuple[Pair, Geometry], whole_numbers: bool, data: st.DataObject
) -> None:
    size, g = case
    rng = np.random.default_rng(size[0])
    picture = rng.integers(0, 256, size).astype(np.float32)
    kernel = rng.integers(-4, 5, g.kernel_size).astype(np.float32)
    bias = 3.0
    if not whole_numbers:
        picture, kernel, bias = picture / 255, kernel / 7, 0.1
    at = data.draw(st.tuples(*(st.integers(0, n - 1) for n in output_size(size, g))))
    found = terms(picture, kernel, g, at, bias)
    shown = correlate(picture, kernel, g, bias)[at]
    assert found.values.shape == found.products.shape == g.kernel_size
    assert found.values.dtype == found.weights.dtype == np.float32
    np.testing.assert_array_equal(
        found.products, found.values.astype(float) * found.weights.astype(float)
    )
    scale = np.abs(found.products).sum() + bias
    assert abs(found.total - shown) <= 1e-5 * scale
    if whole_numbers and np.prod(g.kernel_size) < 130:
        assert found.total == found.products.sum() + bias == shown
