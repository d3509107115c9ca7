from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from cnnviz.codec import from_json, to_json
from cnnviz.errors import InputError
from cnnviz.ops import kernels
from cnnviz.ops.kernels import MAX_SIZE, RECIPES, Kernel, make

weights = st.floats(-1e6, 1e6)
sizes = st.integers(1, 8)
matrices = st.tuples(sizes, sizes).flatmap(
    lambda size: st.lists(
        st.lists(weights, min_size=size[1], max_size=size[1]),
        min_size=size[0],
        max_size=size[0],
    )
)
some_kernels = matrices.map(lambda rows: Kernel("Some", rows))

LECTURE = {
    "sobel-vertical": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "sobel-horizontal": [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
    "laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "gaussian": [
        [1 / 16, 1 / 8, 1 / 16],
        [1 / 8, 1 / 4, 1 / 8],
        [1 / 16, 1 / 8, 1 / 16],
    ],
    "x-detector": [[1, 0, 1], [0, 1, 0], [1, 0, 1]],
    "diagonal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "antidiagonal": [[0, 0, 1], [0, 1, 0], [1, 0, 0]],
    "relief": [[0, 1, 1], [-1, 0, 1], [-1, -1, 0]],
}


@pytest.mark.parametrize("name", LECTURE)
def test_the_lecture_has_these_kernels(name: str) -> None:
    kernel = make(name)
    assert [list(row) for row in kernel.weights] == LECTURE[name]
    assert kernel.array.tolist() == LECTURE[name]  # exact in float32 too


def test_the_table_of_recipes_is_sound() -> None:
    assert [recipe.id for recipe in RECIPES][: len(LECTURE)] == list(LECTURE)
    assert len({recipe.id for recipe in RECIPES}) == len(RECIPES)
    groups = [recipe.group for recipe in RECIPES]
    assert groups[0] == "Lecture"
    changes = sum(one != other for one, other in pairwise(groups))
    assert changes == len(set(groups)) - 1  # every group stands together
    for recipe in RECIPES:
        assert recipe.explanation.endswith(".")
        for each in recipe.parameters:
            assert each.low <= each.default <= each.high


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.id)
@settings(deadline=None)
@given(data=st.data())
def test_every_recipe_works_in_its_whole_range(
    recipe: kernels.Recipe, data: st.DataObject
) -> None:
    values = {
        each.name: data.draw(
            st.integers(int(each.low), int(each.high))
            if each.integer
            else st.floats(each.low, each.high)
        )
        for each in recipe.parameters
    }
    kernel = make(recipe.id, **values)
    assert kernel.recipe == recipe.id
    assert dict(kernel.parameters) == values
    assert max(kernel.size) <= MAX_SIZE
    total = math.fsum(weight for row in kernel.weights for weight in row)
    if recipe.group == "Smoothing":
        assert total == pytest.approx(1)
    if recipe.id in ("laplacian-of-gaussian", "gabor"):
        assert total == pytest.approx(0, abs=1e-9)
    assert from_json(Kernel, json.loads(json.dumps(to_json(kernel)))) == kernel


def test_formulas_agree_with_scipy() -> None:
    point = np.zeros((31, 31))
    point[15, 15] = 1
    bell = ndimage.gaussian_filter(point, 2.0, truncate=7)
    np.testing.assert_allclose(
        make("gaussian-sigma", size=31, sigma=2).weights, bell, atol=1e-9
    )
    # scipy samples the derivative of a bell that is normalised along each axis.
    mexican_hat = ndimage.gaussian_laplace(point, 2.0, truncate=7)
    np.testing.assert_allclose(
        make("laplacian-of-gaussian", size=31, sigma=2).weights, mexican_hat, atol=1e-6
    )


def test_gabor_answers_to_stripes_of_its_angle_and_wavelength() -> None:
    y, x = np.indices((15, 15))
    upright, level = (np.cos(2 * np.pi * (axis - 7) / 6) for axis in (x, y))
    for angle, right, wrong in ((0, upright, level), (90, level, upright)):
        weights = np.array(make("gabor", angle=angle, wavelength=6).weights)
        assert (weights * right).sum() > 10 * abs((weights * wrong).sum())
    rising = np.cos(2 * np.pi * ((x - 7) - (y - 7)) / math.sqrt(2) / 6)
    weights = np.array(make("gabor", angle=45, wavelength=6).weights)
    assert (weights * rising).sum() > 10 * abs((weights * rising[:, ::-1]).sum())


def test_motion_blur_follows_its_angle() -> None:
    level = make("motion-blur", length=5, angle=0).weights
    assert level[2] == (0.2,) * 5
    assert sum(map(sum, level)) == pytest.approx(1)
    upright = make("motion-blur", length=5, angle=90).weights
    assert [row[2] for row in upright] == [0.2] * 5
    rising = make("motion-blur", length=5, angle=45).array
    assert rising[0, 4] > 0 == rising[0, 0]
    even = make("motion-blur", length=4).weights[2]
    assert even == (0.125, 0.25, 0.25, 0.25, 0.125)


def test_random_is_the_same_for_the_same_seed() -> None:
    assert make("random", seed=3) == make("random", seed=3)
    assert make("random", seed=3) != make("random", seed=4)


@pytest.mark.parametrize(
    ("name", "parameters", "sentence"),
    [
        ("sobel", {}, "no kernel “sobel”; choose one of sobel-vertical, "),
        ("laplacian", {"size": 5}, "has no size; its parameters: none"),
        ("gaussian-sigma", {"width": 5}, "has no width; its parameters: size, sigma"),
        (
            "gaussian-sigma",
            {"size": 33},
            "Size must lie between 3 and 31; “33” does not",
        ),
        ("gaussian-sigma", {"size": 3.5}, "Size must be a whole number, not 3.5"),
        ("gaussian-sigma", {"sigma": math.nan}, "“nan” does not"),
        ("gaussian-sigma", {"sigma": "2"}, "“2” does not"),
        ("gaussian-sigma", {"size": True}, "“True” does not"),
    ],
)
def test_make_refuses_in_a_sentence(
    name: str, parameters: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        make(name, **parameters)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "needs a weight"),
        ([[]], "needs a weight"),
        ([[1, 2], [3]], r"Row 2 has another length than row 1 \(1 and 2 weights\)"),
        ([[math.nan]], "“nan” cannot be a weight; use numbers between −1,000,000"),
        ([[math.inf]], "“inf” cannot"),
        ([[2e6]], "“2000000.0” cannot"),
        ([[10**400]], "cannot be a weight"),
        ([["1"]], "“1” cannot"),
        ([[True]], "“True” cannot"),
        ([[None]], "“None” cannot"),
        ([[1] * 32], "has 32 rows or columns; use at most 31"),
        ([[1]] * 10**6, "has 1000000 rows or columns"),
        (np.zeros((1000, 1000)), "has 1000 rows or columns"),
        (5, "rows of numbers"),
        ([1, 2], "rows of numbers"),
    ],
)
def test_a_kernel_refuses_bad_weights(rows: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Kernel("Bad", rows)


def test_a_kernel_is_a_value() -> None:
    one, other = Kernel("K", [[1, -0.0]]), Kernel("K", np.array([[1, 0]]))
    assert one == other
    assert hash(one) == hash(other)
    assert str(one.weights[0][1]) == "0.0"
    assert one.array.dtype == np.float32
    assert one.size == (1, 2)
    with pytest.raises(ValueError, match="read-only"):
        one.array[0, 0] = 2


@settings(deadline=None)
@given(some_kernels)
def test_turning_back_gives_the_weights_back(kernel: Kernel) -> None:
    for change, times in (
        (kernels.flip_horizontal, 2),
        (kernels.flip_vertical, 2),
        (kernels.negate, 2),
        (kernels.rotate, 4),
    ):
        changed = kernel
        for _ in range(times):
            changed = change(changed)
        assert changed.weights == kernel.weights
    turned = kernels.rotate(kernel)
    np.testing.assert_array_equal(turned.array, np.rot90(kernel.array, -1))
    assert (
        kernels.flip_horizontal(kernel).array.tolist() == kernel.array[:, ::-1].tolist()
    )
    assert kernels.flip_vertical(kernel).array.tolist() == kernel.array[::-1].tolist()


def test_an_edit_changes_the_name_and_drops_the_recipe() -> None:
    sobel = make("sobel-vertical")
    assert kernels.edited(sobel, sobel.weights) is sobel
    once = kernels.negate(sobel)
    assert (once.name, once.recipe) == ("Sobel, vertical edges (edited)", "")
    assert kernels.resize(once, 5, 5).name == "Sobel, vertical edges (edited)"
    sized = kernels.negate(make("gaussian-sigma", size=7))
    assert sized.parameters == ()


@settings(deadline=None)
@given(some_kernels)
def test_normalise(kernel: Kernel) -> None:
    flat = [weight for row in kernel.weights for weight in row]
    if not any(flat):
        with pytest.raises(InputError, match="set one before you normalise"):
            kernels.normalise(kernel)
        return
    result = [weight for row in kernels.normalise(kernel).weights for weight in row]
    total, absolute = math.fsum(flat), math.fsum(map(abs, flat))
    if abs(total) > 1e-6 * absolute:
        assert math.fsum(result) == pytest.approx(1, rel=1e-6)
    else:
        assert math.fsum(map(abs, result)) == pytest.approx(1)


def test_normalise_the_lecture_kernels() -> None:
    assert kernels.normalise(make("x-detector")).weights[1] == (0, 0.2, 0)
    assert kernels.normalise(make("sobel-vertical")).weights[1] == (-0.25, 0, 0.25)
    assert kernels.normalise(make("gaussian")) == make("gaussian")


@settings(deadline=None)
@given(some_kernels, st.integers(0, 5), st.integers(0, 5))
def test_growing_and_shrinking_gives_the_weights_back(
    kernel: Kernel, rows: int, columns: int
) -> None:
    height, width = kernel.size
    grown = kernels.resize(kernel, height + rows, width + columns)
    assert grown.size == (height + rows, width + columns)
    assert np.abs(grown.array).sum() == pytest.approx(np.abs(kernel.array).sum())
    assert kernels.resize(grown, height, width).weights == kernel.weights


def test_resize_keeps_the_middle() -> None:
    one = Kernel("One", [[1]])
    assert kernels.resize(one, 2, 3).weights == ((0, 1, 0), (0, 0, 0))
    assert kernels.resize(make("identity"), 5, 5).weights[2] == (0, 0, 1, 0, 0)
    for size in (0, 32):
        with pytest.raises(InputError):
            kernels.resize(one, size, 3)


@settings(deadline=None)
@given(some_kernels)
def test_json_round_trip(kernel: Kernel) -> None:
    assert from_json(Kernel, json.loads(json.dumps(to_json(kernel)))) == kernel


def test_json_drops_a_recipe_that_does_not_give_the_weights() -> None:
    data = to_json(make("box", size=3))
    assert from_json(Kernel, data).recipe == "box"
    for change in (
        {"parameters": [["size", 4]]},
        {"parameters": [["sighs", 3]]},
        {"weights": [[1.0] * 3] * 3},
        {"recipe": "newer"},
    ):
        kernel = from_json(Kernel, {**data, **change})
        assert (kernel.recipe, kernel.parameters) == ("", ())


@pytest.mark.parametrize(
    "change",
    [
        {"name": 1},
        {"name": "n" * 101},
        {"weights": "1 2"},
        {"weights": {"0": [1]}},
        {"weights": [1, 2]},
        {"weights": [["1"]]},
        {"weights": [{"1": 2}]},
        {"weights": [[1], [1, 2]]},
        {"weights": [[None]]},
        {"weights": [[1e999]]},
        {"recipe": None},
        {"parameters": {"size": 3}},
        {"parameters": [["size", "3"]]},
    ],
)
def test_json_that_is_no_kernel_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        from_json(Kernel, {**to_json(make("box")), **change})


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_any_json_is_refused_in_a_sentence(data: Any) -> None:
    for candidate in (data, {**to_json(make("box")), "weights": data}):
        try:
            from_json(Kernel, candidate)
        except InputError as error:
            assert str(error).endswith(".")
