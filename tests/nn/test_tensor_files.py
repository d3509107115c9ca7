"""Files of tensors, as safetensors itself reads them."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors.numpy import load_file

from cnnviz.nn import tensor_files

DTYPES = (
    *("float16", "float32", "float64", "bool"),
    *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
)
values = st.sampled_from(DTYPES).flatmap(
    lambda dtype: arrays.arrays(dtype, arrays.array_shapes(min_dims=0, min_side=0))
)
few = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))


@few
@given(tensors=st.dictionaries(st.text(max_size=5), values, max_size=4))
def test_safetensors_reads_what_is_written(tensors, tmp_path):
    path = tmp_path / "a.safetensors"
    tensors.pop("__metadata__", None)
    tensor_files.write(path, tensors, {"step": 3})
    theirs = load_file(path)
    ours, facts = tensor_files.read(path)
    assert facts == {"step": 3}
    for found in (theirs, ours):
        assert found.keys() == tensors.keys()
        for name, array in tensors.items():
            assert found[name].dtype == array.dtype
            np.testing.assert_array_equal(found[name], array)
    length = int.from_bytes(path.read_bytes()[:8], "little")
    assert length % 8 == 0, "the arrays begin where their widest numbers may"


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12, dtype=np.float32).reshape(3, 4).T,
        np.arange(12, dtype=np.float32)[::-2],
        np.arange(3, dtype=">f4"),
        np.array(2.5, np.float32),
    ],
    ids=["turned", "strided", "foreign", "single"],
)
def test_arrays_are_written_as_they_read_not_as_they_lie(array, tmp_path):
    tensor_files.write(tmp_path / "a.safetensors", {"a": array}, {})
    found = load_file(tmp_path / "a.safetensors")["a"]
    assert found.shape == array.shape
    np.testing.assert_array_equal(found, array)


def test_nothing_is_copied_on_the_way_to_the_disk(tmp_path):
    large = np.zeros((1024, 2048), np.float32)
    tracemalloc.start()
    tensor_files.write(tmp_path / "a.safetensors", {"a": large, "b": large}, {})
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < large.nbytes / 8
    assert (tmp_path / "a.safetensors").stat().st_size > 2 * large.nbytes
