from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cnnviz.errors import InputError
from cnnviz.ops import kernel_text
from cnnviz.ops.kernels import RECIPES, Kernel, make

if TYPE_CHECKING:
    from pathlib import Path

rows = st.integers(1, 5).flatmap(
    lambda width: (
        st.lists(st.floats(-1e6, 1e6), min_size=width, max_size=width)
        .map(tuple)
        .flatmap(lambda row: st.lists(st.permutations(row), min_size=1, max_size=5))
    )
)
SQUARE = ((1, 2), (3, 4))
HALVES = ((0.5, 1.5), (2, 3))


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("1 2; 3 4", SQUARE),
        ("1 2;\n3 4;\n", SQUARE),
        ("  1\t2 \r\n\r\n 3\t4  ", SQUARE),
        ("1,2\n3,4", SQUARE),
        ("1, 2; 3, 4", SQUARE),
        ("1, 2,\n3, 4,", SQUARE),
        ("1;2\n3;4", SQUARE),
        ("1;2;3", ((1,), (2,), (3,))),
        ("1 2 3", ((1, 2, 3),)),
        ("5", ((5,),)),
        # decimal commas
        ("0,5 1,5\n2 3", HALVES),
        ("0,5\t1,5\n2\t3", HALVES),
        ("0,5;1,5\n2;3", HALVES),
        ("0,5 1,5; 2 3", HALVES),
        ("0.5,1.5\n2,3", HALVES),
        # fractions, signs, exponents
        ("1/16 −2/16", ((0.0625, -0.125),)),
        ("–1 +1 -.5 2. 1e-3", ((-1, 1, -0.5, 2, 0.001),)),
        ("0.5/2", ((0.25,),)),
        # brackets
        ("[1 2; 3 4]", SQUARE),
        ("[1 2\n 3 4]", SQUARE),
        ("[1, 2, 3]", ((1, 2, 3),)),
        ("[[1, 2], [3, 4]]", SQUARE),
        ("[[1, 2],\n [3, 4],]", SQUARE),
        ("[1, 2], [3, 4]", SQUARE),
        ("[[1,\n  2], [3, 4]]", SQUARE),
        ("kernel = np.array([[1, 2], [3, 4]], dtype=np.float32)", SQUARE),
        (repr(np.array(SQUARE, np.float32)), SQUARE),
        (str(np.array(SQUARE, np.float32)), SQUARE),
        (repr(torch.tensor([[SQUARE]], dtype=torch.float32)), SQUARE),
        ("tensor([[1., 2.], [3., 4.]], device='cuda:0', requires_grad=True)", SQUARE),
        (repr(torch.full((1, 31), 0.25)), ((0.25,) * 31,)),
    ],
)
def test_parse(text: str, weights: Any) -> None:
    assert kernel_text.parse(text).weights == weights


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "needs a weight"),
        (" \n;\n", "needs a weight"),
        ("[]", "needs a weight"),
        ("[[]]", "needs a weight"),
        ("1 2\n3", "Row 2 has another length"),
        ("[[1, 2], [3]]", "Row 2 has another length"),
        ("1 nan", "“nan” cannot be a weight"),
        ("inf", "“inf” cannot be a weight"),
        ("1e400", "“inf” cannot be a weight"),
        ("1e308/1e-308", "be a weight"),
        ("1/0", "“1/0” is not a number; write weights like 2, −0.5 or 1/16"),
        ("1 x 2", "“x” is not a number"),
        ("1,,2", "“” is not a number"),
        ("1,234,567 2", "“1.234.567” is not a number"),
        ("weight\n1", "“weight” is not a number"),
        ("[[0, ..., 0]]", "“...” is not a number"),
        ("1/16·[1 2; 3 4]", "do not form one matrix"),
        ("2 [1 2]", "do not form one matrix"),
        ("[1 2] * 2", "do not form one matrix"),
        ("[[1, 2], [3, 4]", "do not form one matrix"),
        ("[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]", "do not form one matrix"),
        ("[1] 2 [3]", "do not form one matrix"),
        ("]1[", "do not form one matrix"),
        ("1 " * 32, "has 32 rows or columns; use at most 31"),
        ("1\n" * 40_000, "has 40000 rows or columns"),
        ("1," * 500_000, "too long for a kernel"),
        ("[" * 99_000, "do not form one matrix"),
        ("a" * 90_000 + "[1]", "do not form one matrix"),
        ("k = " + " " * 90_000 + "[", "do not form one matrix"),
    ],
)
def test_parse_refuses_quickly_in_a_sentence(text: str, sentence: str) -> None:
    start = time.perf_counter()
    with pytest.raises(InputError, match=sentence) as caught:
        kernel_text.parse(text)
    assert len(str(caught.value)) < 200
    assert time.perf_counter() - start < 2


@settings(deadline=None)
@given(st.text(alphabet="0123456789.,;/[]()-−e \t\nanif=", max_size=60))
@example("9" * 5000)
def test_any_text_is_a_kernel_or_a_sentence(text: str) -> None:
    try:
        kernel = kernel_text.parse(text)
    except InputError as error:
        assert str(error).endswith(".")
    else:
        assert np.isfinite(kernel.array).all()


@settings(deadline=None)
@given(rows.map(lambda rows: Kernel("Some", rows)))
def test_text_and_csv_give_exactly_the_weights_back(kernel: Kernel) -> None:
    for form in (kernel_text.format_text, kernel_text.format_csv, repr_of):
        assert kernel_text.parse(form(kernel)).weights == kernel.weights


def repr_of(kernel: Kernel) -> str:
    return repr([list(row) for row in kernel.weights])


def test_text_is_pleasant_to_read() -> None:
    sobel = make("sobel-vertical")
    assert kernel_text.format_text(sobel) == "-1  0  1\n-2  0  2\n-1  0  1\n"
    assert kernel_text.format_csv(sobel) == "-1,0,1\n-2,0,2\n-1,0,1\n"
    assert kernel_text.format_csv(Kernel("K", [[0.1, 1 / 16]])) == "0.1,0.0625\n"


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".npy", ".NPY"])
def test_files_give_exactly_the_weights_back(tmp_path: Path, suffix: str) -> None:
    for recipe in RECIPES:
        kernel, path = make(recipe.id), tmp_path / f"{recipe.id}{suffix}"
        kernel_text.save(kernel, path)
        loaded = kernel_text.load(path)
        assert (loaded.weights, loaded.name) == (kernel.weights, recipe.id)
    assert not list(tmp_path.glob(".*"))


def test_save_needs_a_known_ending_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"use .txt, .csv or .npy"):
        kernel_text.save(make("box"), tmp_path / "kernel.xlsx")
    with pytest.raises(InputError, match="cannot be saved: there is no such"):
        kernel_text.save(make("box"), tmp_path / "absent" / "kernel.csv")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "array",
    [
        np.array(SQUARE, np.float16),
        np.array(SQUARE, ">f8"),
        np.array(SQUARE, np.uint8),
        np.asfortranarray(np.array(SQUARE, np.float32)),
        np.array([[SQUARE]], np.float32),
    ],
)
def test_numpy_files_of_every_kind(tmp_path: Path, array: Any) -> None:
    np.save(tmp_path / "kernel.npy", array)
    assert kernel_text.load(tmp_path / "kernel.npy").weights == SQUARE


@pytest.mark.parametrize(
    "array",
    [
        np.array([[1 + 2j]]),
        np.array([["1"]]),
        np.array([[None]]),
        np.array([[True]]),
        np.array(5.0),
        np.zeros((2, 3, 3)),
        np.zeros((0, 3)),
        np.zeros((32, 32)),
        np.zeros((1000, 1000)),
        np.array([[np.nan]]),
        np.array([[np.inf]], np.float32),
    ],
)
def test_numpy_files_without_a_kernel_are_refused(tmp_path: Path, array: Any) -> None:
    np.save(tmp_path / "kernel.npy", array)
    with pytest.raises(InputError):
        kernel_text.load(tmp_path / "kernel.npy")


def test_a_lying_or_damaged_numpy_header_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**9)}
    np.lib.format.write_array_header_1_0(stream, header)
    good = io.BytesIO()
    np.save(good, np.array(SQUARE, float))
    cuts = [good.getvalue()[:length] for length in (0, 3, 6, 7, 9, 40, 127, 150)]
    noise = good.getvalue().replace(b"'descr'", b"__des__")
    for data in (stream.getvalue(), b"not numpy", noise, *cuts):
        (tmp_path / "kernel.npy").write_bytes(data)
        with pytest.raises(InputError, match=r"“kernel\.npy”"):
            kernel_text.load(tmp_path / "kernel.npy")


def test_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "kernel.txt"
    for data, sentence in (
        (bytes(range(256)), "not a text file"),
        ("1 2".encode("utf-16"), "not a text file"),
        (b"", "needs a weight"),
        (b"1 " * 100_000, "larger than 0.1 MB"),
    ):
        path.write_bytes(data)
        with pytest.raises(InputError, match=sentence):
            kernel_text.load(path)
    path.write_bytes("\ufeff1 2".encode())
    assert kernel_text.load(path).weights == ((1, 2),)
    for missing in (tmp_path, tmp_path / "gone.csv"):
        with pytest.raises(InputError, match="cannot be read"):
            kernel_text.load(missing)
