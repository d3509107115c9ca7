"""Any torch module taken apart."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from modules_of_others import Branching, closes, example
from torch import nn

from cnnviz.errors import InputError
from cnnviz.nn.arithmetic import AddTerms, ConvTerms, PointTerms
from cnnviz.nn.foreign import inspect_module, step_terms
from cnnviz.nn.models import NETWORKS
from cnnviz.nn.modules import build


def test_branches_are_shown_as_what_they_are():
    module = Branching()
    found = inspect_module(module, example(2, 3, 20, 24))
    assert [step.name for step in found.steps] == [
        "stem",
        "relu1",
        "block.conv",
        "block.norm",
        "block.add1",
        "block.act",
        "block.conv (2)",
        "block.norm (2)",
        "block.add2",
        "block.act (2)",
        "max_pool2d1",
        "adaptive_avg_pool2d1",
        "flatten1",
        "amax1",
        "cat1",
        "head",
        "softmax1",
    ]
    assert found.step("block.add1").sources == ("block.norm", "relu1")
    readers = [step.name for step in found.steps if "relu1" in step.sources]
    assert readers == ["block.conv", "block.add1"]
    assert found.step("cat1").sources == ("flatten1", "amax1")
    assert found.step("stem").sources == ("input",)
    np.testing.assert_array_equal(found.input, example(2, 3, 20, 24)[0])
    module.eval()
    expected = module(example(2, 3, 20, 24))[0].detach()
    np.testing.assert_allclose(found.steps[-1].output, expected, atol=1e-6)
    assert found.step("stem").parameters == 4 * 3 * 15 + 4
    assert "kernel_size=(3, 5)" in found.step("stem").title
    explained = closes(found, np.random.default_rng(0))
    assert {s.name for s in found.steps} - explained == {"amax1", "cat1"}
    assert "one behind the other" in found.step("cat1").call.note
    assert "not known here" in found.step("amax1").call.note
    added = step_terms(found, "block.add2", (0, 1, 1))
    assert isinstance(added, AddTerms)


def test_in_place_activations_do_not_overwrite_what_came_before():
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True))
    found = inspect_module(module, example(1, 1, 8, 8))
    before, after = (step.output for step in found.steps)
    assert before.min() < 0
    np.testing.assert_array_equal(np.maximum(before, 0), after)


@st.composite
def convolutions(draw: st.DrawFn) -> nn.Module:
    groups = draw(st.sampled_from([1, 2, 4]))
    pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
    stride = draw(st.one_of(st.integers(1, 2), pairs))
    paddings = st.one_of(st.integers(0, 2), st.sampled_from(["same", "valid"]))
    padding = draw(paddings if stride == 1 else st.integers(0, 2))
    return nn.Conv2d(
        4,
        4 * draw(st.integers(1, 2)),
        draw(pairs),
        stride,
        padding,
        draw(pairs),
        groups,
        draw(st.booleans()),
        draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"])),
    )


@st.composite
def others(draw: st.DrawFn) -> nn.Module:
    kernel, stride = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    return draw(
        st.sampled_from(
            [
                nn.MaxPool2d(kernel, stride, kernel // 2),
                nn.MaxPool2d(2, stride, ceil_mode=True),
                nn.AvgPool2d(kernel, stride, kernel // 2),
                nn.AvgPool2d(kernel, stride, kernel // 2, count_include_pad=False),
                nn.AdaptiveAvgPool2d(draw(st.integers(1, 4))),
                nn.BatchNorm2d(4, affine=False),
                nn.BatchNorm2d(4, track_running_stats=False),
                nn.Sigmoid(),
                nn.Tanh(),
                nn.GELU(),
                nn.Dropout(),
                nn.Identity(),
                nn.ConvTranspose2d(4, 4, 2),
            ]
        )
    )


@pytest.mark.filterwarnings("ignore:Using padding=.same.")
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    parts=st.lists(st.one_of(convolutions(), others()), min_size=1, max_size=3),
    seed=st.integers(0, 99),
)
def test_terms_of_any_chain_close(parts, seed):
    chain, channels = [], 4
    for part in parts:
        if (
            getattr(part, "num_features", channels)
            == channels
            == getattr(part, "in_channels", channels)
        ):
            chain.append(part)
            channels = getattr(part, "out_channels", channels)
    module = nn.Sequential(*chain, nn.Flatten(), nn.LazyLinear(3))
    try:
        with torch.no_grad():
            module.eval()(example(1, 4, 9, 11))
    except RuntimeError:
        return
    found = inspect_module(module, example(1, 4, 9, 11))
    explained = closes(found, np.random.default_rng(seed), 3)
    assert {step.name for step in found.steps[-2:]} <= explained
    before = ["input", *(step.name for step in found.steps)]
    assert [step.sources for step in found.steps] == [(name,) for name in before[:-1]]


def test_groups_read_their_own_channels():
    module = nn.Conv2d(6, 4, 3, groups=2)
    found = inspect_module(module, example(1, 6, 5, 5))
    terms = step_terms(found, found.steps[0].name, (3, 1, 1))
    assert isinstance(terms, ConvTerms)
    assert terms.channels.tolist() == [3, 4, 5]


def test_the_window_of_a_curve_is_one_row():
    curve = nn.Sequential(nn.Conv1d(2, 3, 5), nn.ReLU(), nn.Flatten(), nn.Linear(24, 2))
    found = inspect_module(curve, example(1, 2, 12))
    assert found.steps[0].output.shape == (3, 8)
    terms = step_terms(found, "0", (2, 7))
    assert isinstance(terms, ConvTerms)
    np.testing.assert_array_equal(terms.values, example(1, 2, 12)[0, :, None, 7:])
    np.testing.assert_array_equal(terms.weights[:, 0], curve[0].weight[2].detach())
    relu = step_terms(found, "1", (2, 7))
    assert isinstance(relu, PointTerms)
    explained = closes(found, np.random.default_rng(0))
    assert explained == {step.name for step in found.steps}


def test_a_transposed_convolution_gathers_what_is_laid_on_a_value():
    """3 × 3 stamps at every second pixel: 4, 2 or 1 of their cells lie on a value."""
    up = nn.ConvTranspose2d(1, 1, 3, 2)
    found = inspect_module(up, example(1, 1, 4, 4))
    before, kernel = example(1, 1, 4, 4)[0, 0].numpy(), up.weight.detach()[0, 0].numpy()
    terms = step_terms(found, found.steps[0].name, (0, 2, 2))
    assert isinstance(terms, ConvTerms) and terms.transposed
    np.testing.assert_array_equal(terms.weights[0], kernel[::-1, ::-1])
    assert terms.taps.rows.tolist() == terms.taps.columns.tolist() == [0, -1, 1]
    np.testing.assert_array_equal(
        terms.products[0, ::2, ::2], before[:2, :2] * kernel[::2, ::2][::-1, ::-1]
    )
    assert not terms.products[0, 1].any() and not terms.products[0, :, 1].any()
    for place, count in (((0, 2, 3), 2), ((0, 3, 3), 1), ((0, 0, 0), 1)):
        terms = step_terms(found, found.steps[0].name, place)
        assert isinstance(terms, ConvTerms)
        assert terms.taps.inside.sum() == count


def test_a_value_that_no_stamp_reaches_is_the_bias():
    up = nn.ConvTranspose2d(2, 1, 1, 3, output_padding=1)
    found = inspect_module(up, example(1, 2, 2, 2))
    terms = step_terms(found, found.steps[0].name, (0, 1, 2))
    assert isinstance(terms, ConvTerms)
    assert not terms.taps.inside.any()
    assert terms.total == terms.own == terms.bias


@st.composite
def one_axis_or_transposed(draw: st.DrawFn) -> nn.Module:
    axes, transposed = draw(st.sampled_from([(1, False), (1, True), (2, True)]))
    groups = draw(st.sampled_from([1, 2]))

    def numbers(low: int, high: int) -> tuple[int, ...]:
        return draw(st.tuples(*[st.integers(low, high)] * axes))

    kernel, stride, dilation = numbers(1, 4), numbers(1, 3), numbers(1, 3)
    padding = draw(
        st.tuples(
            *(
                st.integers(0, min(2, d * (k - 1)))
                for k, d in zip(kernel, dilation, strict=True)
            )
        )
    )
    shared = (2 * groups, 3 * groups, kernel, stride, padding)
    bias = draw(st.booleans())
    if not transposed:
        return nn.Conv1d(*shared, dilation, groups, bias)
    extra = tuple(
        draw(st.integers(0, max(s, d) - 1))
        for s, d in zip(stride, dilation, strict=True)
    )
    kind = (nn.ConvTranspose1d, nn.ConvTranspose2d)[axes - 1]
    return kind(*shared, extra, groups, bias, dilation)


@settings(max_examples=150, deadline=None)
@given(layer=one_axis_or_transposed(), seed=st.integers(0, 99))
def test_terms_along_one_axis_and_of_transposed_convolutions_close(layer, seed):
    sides = (14,) if layer.weight.ndim == 3 else (5, 6)
    found = inspect_module(layer, example(2, layer.in_channels, *sides))
    (step,) = found.steps
    assert closes(found, np.random.default_rng(seed), 8) == {step.name}
    place = (1, *(size // 2 for size in step.output.shape[1:]))
    terms = step_terms(found, step.name, place)
    assert isinstance(terms, ConvTerms)
    # What the sum says of a change below, torch's own gradient says too.
    picture = example(1, layer.in_channels, *sides).requires_grad_()
    layer(picture)[(0, *place)].backward()
    gradient = np.zeros((layer.in_channels, *((1, *sides)[-2:])), np.float32)
    at = np.ix_(terms.channels, terms.taps.source_rows, terms.taps.source_columns)
    np.add.at(gradient, at, np.where(terms.taps.inside, terms.weights, 0))
    np.testing.assert_array_equal(gradient.reshape(picture.shape[1:]), picture.grad[0])


@pytest.mark.parametrize(
    "pool",
    [nn.MaxPool1d(3, 2, 1), nn.AvgPool1d(2), nn.AvgPool1d(3, 2, 1)],
    ids=["max", "average", "padded"],
)
def test_pools_of_curves_close(pool):
    found = inspect_module(
        nn.Sequential(pool, nn.AdaptiveAvgPool1d(1)), example(1, 2, 12)
    )
    assert len(closes(found, np.random.default_rng(0))) == 2


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_our_own_networks_are_like_any_other(network):
    found = inspect_module(build(network), example(1, *network.input))
    closes(found, np.random.default_rng(0), 2)


def hooks(module: nn.Module) -> int:
    return sum(
        len(part._forward_hooks) + len(part._forward_pre_hooks)
        for part in module.modules()
    )


class Raises(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        raise ValueError(f"no good: {self.conv(pictures).shape[0]}")


def test_no_hook_is_left_also_after_a_failure():
    module = Raises()
    with pytest.raises(InputError, match=r"1 × 4 × 4: no good: 1\.$"):
        inspect_module(module, example(1, 1, 4, 4))
    assert hooks(module) == 0
    assert module.training
    good = Branching()
    inspect_module(good, example(1, 3, 20, 24))
    assert hooks(good) == 0
    assert good.training
    assert all(weight.grad is None for weight in good.parameters())


def test_an_example_that_does_not_fit_says_so():
    module = nn.Sequential(nn.Conv2d(3, 2, 3), nn.Flatten(), nn.Linear(8, 2))
    with pytest.raises(InputError, match="1 × 9 × 9"):
        inspect_module(module, example(1, 1, 9, 9))
    with pytest.raises(InputError, match="batch axis"):
        inspect_module(module, np.zeros(5))
    assert inspect_module(module, np.zeros((1, 3, 4, 4))).steps


def test_weights_that_are_no_numbers_are_named():
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(72, 2))
    with torch.no_grad():
        module[0].weight[0, 0, 0, 0] = torch.nan
    with pytest.raises(InputError, match=r"0\.weight hold numbers"):
        inspect_module(module, example(1, 1, 8, 8))


def test_what_cannot_be_seen_says_so():
    with pytest.raises(InputError, match="No step"):
        inspect_module(nn.Identity(), example(1, 3))
