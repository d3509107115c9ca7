from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from sliding import as_picture, fitting, pairs, torch_padded

from cnnviz.errors import InputError
from cnnviz.ops.geometry import Geometry, Pair, output_size, why_invalid
from cnnviz.ops.pooling import (
    POOL_KINDS,
    PoolKind,
    pool,
    pool_terms,
    why_invalid_pool,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


@st.composite
def poolable(draw: st.DrawFn) -> tuple[Pair, Geometry]:
    size, g = draw(fitting())
    half = g.kernel_size[0] // 2, g.kernel_size[1] // 2
    padding = draw(st.sampled_from(["valid", half]) | st.just((0, 0)))
    g = replace(g, padding=padding, padding_mode="zero")
    taller = max(size[0], g.extent[0]), max(size[1], g.extent[1])
    return taller, g


def by_torch(
    x: NDArray[np.float32], kind: PoolKind, g: Geometry
) -> NDArray[np.float64]:
    """Take torch's own function wherever it knows the setting."""
    planes = torch_padded(x, replace(g, padding="valid"))
    k, s, d = g.kernel_size, g.stride, g.dilation
    p = g.pads[0][0], g.pads[1][0]
    match kind:
        case "max":
            y = F.max_pool2d(planes, k, s, p, d)
        case "min":
            y = -F.max_pool2d(-planes, k, s, p, d)
        case "average" if d == (1, 1):
            y = F.avg_pool2d(planes, k, s, p)
        case "l2" if d == (1, 1) and p == (0, 0):
            y = F.lp_pool2d(planes, 2, k, s)
        case _:
            power = 2 if kind == "l2" else 1
            ones = torch.ones(1, 1, *k, dtype=torch.float64)
            y = F.conv2d(planes**power, ones, None, s, p, d)
            y = y.sqrt() if kind == "l2" else y / ones.numel()
    return as_picture(y, x)


@settings(deadline=None, max_examples=150)
@given(
    poolable(),
    st.sampled_from([(), (3,)]),
    st.sampled_from(POOL_KINDS),
    st.integers(0, 2**32 - 1),
)
def test_every_setting_equals_torch(
    case: tuple[Pair, Geometry], channels: tuple[int, ...], kind: PoolKind, seed: int
) -> None:
    size, g = case
    if why_invalid_pool(size, g):
        return
    rng = np.random.default_rng(seed)
    picture = rng.uniform(-100, 255, size + channels).astype(np.float32)
    before = picture.copy()
    found, expected = pool(picture, kind, g), by_torch(picture, kind, g)
    assert found.shape == expected.shape
    assert found.dtype == np.float32
    assert not np.shares_memory(found, picture)
    np.testing.assert_array_equal(picture, before)
    if kind in ("max", "min"):
        np.testing.assert_array_equal(found, expected)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=255e-5)


@pytest.mark.parametrize("kind", POOL_KINDS)
def test_whole_numbers_are_pooled_exactly(kind: PoolKind) -> None:
    picture = np.zeros((40, 60), np.float32)
    picture[:, 40:] = np.random.default_rng(1).integers(0, 256, (40, 20))
    for size in ((2, 2), (10, 10), (31, 31)):
        g = Geometry(size, (2, 2))
        found = pool(picture, kind, g)
        np.testing.assert_array_equal(found, by_torch(picture, kind, g).astype("f4"))


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("window", [(2, 2), (3, 2), (1, 3), (4, 1)])
def test_large_maps_are_pooled_in_bands_as_torch_does(
    window: Pair, channels: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(2)
    picture = rng.uniform(-100, 255, (1031, 1025, *channels)).astype(np.float32)
    g = Geometry(window, window)
    for kind in ("max", "min"):
        found = pool(picture, kind, g)
        np.testing.assert_array_equal(found, by_torch(picture, kind, g))


@settings(deadline=None, max_examples=100)
@given(pairs(1, 6), pairs(1, 4), pairs(0, 3))
def test_a_setting_is_refused_when_torch_refuses_it(
    size: Pair, window: Pair, padding: Pair
) -> None:
    g = Geometry(window, padding=padding)
    try:
        expected = F.max_pool2d(torch.zeros(1, *size), window, 1, padding).shape[1:]
    except RuntimeError:
        assert why_invalid_pool(size, g)
        with pytest.raises(InputError):
            pool(np.zeros(size, np.float32), "max", g)
    else:
        assert why_invalid_pool(size, g) is None
        assert pool(np.zeros(size, np.float32), "max", g).shape == tuple(expected)


@pytest.mark.parametrize(
    ("size", "g", "sentence"),
    [
        (
            (8, 8),
            Geometry((3, 3), padding=(1, 2)),
            "Pooling pads by at most half its window, here 1 columns and not 2; lower "
            "the padding or choose a larger window.",
        ),
        (
            (8, 8),
            Geometry((3, 3), padding_mode="reflect"),
            "Pooling knows one kind of padding only; choose zero padding.",
        ),
        (
            (3, 8),
            Geometry((2, 2), padding=(1, 1), dilation=(4, 1)),
            "With dilation 4 a window would see padding only and none of the 3 rows; "
            "lower the dilation or the padding.",
        ),
    ],
)
def test_why_in_one_sentence(size: Pair, g: Geometry, sentence: str) -> None:
    assert why_invalid(size, g) is None
    assert why_invalid_pool(size, g) == sentence
    with pytest.raises(InputError, match=sentence):
        pool_terms(np.zeros(size, np.float32), "max", g, (0, 0))


@pytest.mark.parametrize(
    ("g", "sentence"),
    [
        (Geometry((0, 2)), "The window size is 0 rows; choose 1 to 31."),
        (
            Geometry((2, 9)),
            "The window is 9 columns wide but the picture has only 8; choose a smaller "
            "window or add padding.",
        ),
        (
            Geometry((5, 2), dilation=(2, 1)),
            "The window is 9 rows tall (window 5, dilation 2) but the picture has only "
            "8; lower the dilation or add padding.",
        ),
    ],
)
def test_it_speaks_of_its_window_not_of_a_kernel(g: Geometry, sentence: str) -> None:
    assert why_invalid_pool((8, 8), g) == sentence


@settings(deadline=None, max_examples=100)
@given(poolable(), st.sampled_from(POOL_KINDS), st.data())
def test_the_terms_give_the_value_shown(
    case: tuple[Pair, Geometry], kind: PoolKind, data: st.DataObject
) -> None:
    size, g = case
    if why_invalid_pool(size, g):
        return
    plane = np.random.default_rng(size[1]).integers(-9, 10, size).astype(np.float32)
    at = data.draw(st.tuples(*(st.integers(0, n - 1) for n in output_size(size, g))))
    found = pool_terms(plane, kind, g, at)
    assert found.total == pytest.approx(pool(plane, kind, g)[at], rel=1e-6, abs=1e-6)
    inside = found.values[found.taps.inside]
    match kind:
        case "max" | "min":
            assert found.chosen is not None
            assert found.values[found.chosen] == found.total
            first = np.argwhere(found.values == found.total)[0]
            assert found.chosen == tuple(first)
            assert found.taps.inside[found.chosen]
        case "average":
            assert found.chosen is None
            assert found.total == pytest.approx(inside.sum() / found.values.size)
        case "l2":
            assert found.chosen is None
            assert found.total == pytest.approx(np.sqrt((inside**2).sum()))


def test_the_lectures_sizes() -> None:
    twenty = np.zeros((20, 20), np.float32)
    assert pool(twenty, "max", Geometry((10, 10), (10, 10))).shape == (2, 2)
    large = np.zeros((512, 512), np.float32)
    assert pool(large, "max", Geometry((2, 2), (2, 2))).shape == (256, 256)
