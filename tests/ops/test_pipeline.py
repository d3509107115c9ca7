from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.errors import InputError
from cnnviz.ops import kernels
from cnnviz.ops.kernels import Kernel
from cnnviz.ops.pipeline import (
    Pool,
    Stage,
    activate,
    filter_terms,
    pooling_terms,
    run_stage,
    why_stage_invalid,
)

RNG = np.random.default_rng(3)
PICTURE = RNG.integers(0, 256, (24, 31)).astype(np.float32)

stages = st.builds(
    Stage,
    kernels=st.sampled_from(
        [(kernels.make(name),) for name in ("sobel-vertical", "box", "relief")]
    ),
    operation=st.sampled_from(["correlation", "convolution"]),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    bias=st.sampled_from([0.0, -40.0, 12.5]),
    activation=st.sampled_from(["none", "relu", "abs"]),
    pool=st.none()
    | st.builds(
        Pool,
        st.sampled_from(["max", "average"]),
        st.tuples(st.integers(1, 3), st.integers(1, 3)),
        st.tuples(st.integers(1, 3), st.integers(1, 3)),
    ),
)


def torch_stage(x: torch.Tensor, stage: Stage) -> torch.Tensor:
    weights = torch.tensor(stage.kernel.weights, dtype=torch.float32)
    if stage.operation == "convolution":
        weights = weights.flip((0, 1))
    y = F.conv2d(
        x[None, None],
        weights[None, None],
        torch.tensor([stage.bias]),
        stage.stride,
        stage.padding,
        stage.dilation,
    )
    y = {"none": lambda t: t, "relu": F.relu, "abs": torch.abs}[stage.activation](y)
    if stage.pool:
        pool = {"max": F.max_pool2d, "average": F.avg_pool2d}[stage.pool.kind]
        y = pool(y, stage.pool.size, stage.pool.stride)
    return y[0, 0]


@settings(deadline=None, max_examples=60)
@given(stages)
def test_a_stage_equals_torch(stage: Stage) -> None:
    maps = run_stage(PICTURE, stage)
    expected = torch_stage(torch.from_numpy(PICTURE), stage).numpy()
    assert maps.pooled.shape == expected.shape
    np.testing.assert_allclose(maps.pooled, expected, rtol=1e-5, atol=1e-3)


@settings(deadline=None, max_examples=60)
@given(stages, st.data())
def test_the_terms_close_on_the_value_in_the_map(
    stage: Stage, data: st.DataObject
) -> None:
    maps = run_stage(PICTURE, stage)
    rows, columns = maps.filtered.shape
    at = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    terms = filter_terms(PICTURE, stage, at)
    assert terms.total == pytest.approx(maps.filtered[at], rel=1e-6, abs=1e-4)
    if stage.pool:
        rows, columns = maps.pooled.shape
        at = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
        pooled = pooling_terms(maps.activated, stage.pool, at)
        assert pooled.total == pytest.approx(maps.pooled[at], rel=1e-6)


def test_steps_that_are_absent_share_their_array() -> None:
    maps = run_stage(PICTURE, Stage())
    assert maps.pooled is maps.activated is maps.filtered


def test_colour_is_filtered_channel_by_channel() -> None:
    picture = RNG.integers(0, 256, (9, 8, 3)).astype(np.float32)
    stage = Stage(pool=Pool())
    whole = run_stage(picture, stage).pooled
    for channel in range(3):
        alone = run_stage(np.ascontiguousarray(picture[..., channel]), stage).pooled
        np.testing.assert_array_equal(whole[..., channel], alone)


def test_activations() -> None:
    values = np.array([[-2.0, 0.0, 3.0]], np.float32)
    np.testing.assert_array_equal(activate(values, "relu"), [[0, 0, 3]])
    np.testing.assert_array_equal(activate(values, "abs"), [[2, 0, 3]])
    assert activate(values, "none") is values


def test_a_bank_is_checked_and_chosen() -> None:
    bank = (kernels.make("box"), kernels.make("laplacian"))
    stage = Stage(kernels=bank)
    assert stage.choose(1).kernel is bank[1]
    own = Kernel("own", ((1.0,),))
    assert stage.choose(1).with_kernel(own).kernels == (bank[0], own)
    with pytest.raises(InputError):
        Stage(kernels=())
    with pytest.raises(InputError):
        stage.choose(2)


def test_why_a_stage_cannot_work() -> None:
    assert why_stage_invalid((24, 31), Stage()) is None
    wide = Stage(padding="valid", dilation=(20, 1))
    assert why_stage_invalid((24, 31), wide)
    assert why_stage_invalid((24, 31), Stage(pool=Pool(size=(40, 40))))
    bank = Stage(
        kernels=(kernels.make("box"), Kernel("tall", ((1.0,),) * 31)), padding="valid"
    )
    assert why_stage_invalid((24, 31), bank)
    with pytest.raises(InputError):
        run_stage(PICTURE, replace(wide))
