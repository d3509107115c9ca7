"""Trained networks as files: what is saved is loaded, and what is evil is not run."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import safetensors.numpy
import torch
from safetensors import safe_open
from torch import nn

from cnnviz.errors import InputError
from cnnviz.nn import checkpoints
from cnnviz.nn.models import NETWORKS, lenet5, tiny
from cnnviz.nn.network import Layer, Network, conv, dense

if TYPE_CHECKING:
    from cnnviz.nn.events import Weights

FACTS = {"classes": list("0123456789"), "note": "Trained by a test."}


def some_weights(network: Network) -> Weights:
    random = np.random.default_rng(0)
    return {
        name: random.normal(size=shape).astype(np.float32)
        for name, shape in checkpoints.tensor_shapes(network).items()
    }


def assert_same(found: Weights, expected: Weights) -> None:
    assert list(found) == list(expected)
    for name, values in expected.items():
        assert found[name].dtype == np.float32
        np.testing.assert_array_equal(found[name], values)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_what_is_saved_is_loaded(network, tmp_path):
    weights, path = some_weights(network), tmp_path / "a.safetensors"
    checkpoints.save(path, network, weights, FACTS)
    for wanted in (None, network, replace(network, title="renamed")):
        found, values, facts = checkpoints.load(path, wanted)
        assert (found.layers, facts) == (network.layers, FACTS)
        assert_same(values, weights)
        torch.from_numpy(values["dense1.bias"])  # would warn of what is read only


def test_any_program_can_read_the_file(tmp_path):
    weights, path = some_weights(tiny.NETWORK), tmp_path / "a.safetensors"
    turned = {k: np.asfortranarray(v) for k, v in weights.items()}
    checkpoints.save(path, tiny.NETWORK, turned, FACTS)
    with safe_open(path, framework="pt") as file:
        assert set(file.keys()) == set(weights)
        for name, values in weights.items():
            torch.testing.assert_close(
                file.get_tensor(name), torch.from_numpy(values), rtol=0, atol=0
            )
        told = json.loads(file.metadata()["cnnviz"])
    assert told["network"]["title"] == "Tiny network"
    assert told["facts"] == FACTS


def test_the_weights_of_every_kind_of_layer_are_torchs():
    network = Network(
        layers=(
            conv(2, 3),
            Layer("batch-norm"),
            Layer("subsample", kernel=(2, 2)),
            conv(3, 2, connections=((0,), (1,), (0, 1))),
            Layer("flatten"),
            dense(4),
            Layer("batch-norm"),
            Layer("rbf", 3),
        )
    )
    shapes = checkpoints.tensor_shapes(network)
    norm = nn.BatchNorm2d(2).state_dict()
    assert {k: v for k, v in shapes.items() if k.startswith("norm1")} == {
        f"norm1.{name}": tuple(value.shape) for name, value in norm.items()
    }
    assert shapes["conv2.weight"] == (4, 2, 2)
    assert shapes["subsample1.weight"] == (2,)
    buffers = 2 * 2 + 1 + 2 * 4 + 1
    assert sum(int(np.prod(s)) for s in shapes.values()) - buffers == sum(
        network.parameters
    )


def tutorial() -> nn.Sequential:
    """Return LeNet-5 under other names, as students write it."""
    c, p, r = nn.Conv2d, nn.MaxPool2d(2), nn.ReLU()
    dense = [nn.Flatten(), nn.Linear(400, 120), r, nn.Linear(120, 84), r]
    return nn.Sequential(
        c(1, 6, 5, padding=2), r, p, c(6, 16, 5), r, p, *dense, nn.Linear(84, 10)
    )


@pytest.mark.parametrize("wrapper", ["", "state_dict", "model_state_dict", "model"])
@pytest.mark.parametrize("suffix", [".pt", ".pth"])
def test_a_students_file_opens(tmp_path, suffix, wrapper):
    state = tutorial().state_dict()
    path = tmp_path / f"mine{suffix}"
    torch.save({"epoch": 3, wrapper: state} if wrapper else state, path)
    network, weights, facts = checkpoints.load(path)
    assert network == lenet5.LENET5
    assert facts == {}
    renamed = zip(checkpoints.tensor_shapes(network), state.values(), strict=True)
    assert_same(weights, {name: value.numpy() for name, value in renamed})


def test_a_students_safetensors_opens_where_no_two_shapes_are_the_same(tmp_path):
    path = tmp_path / "mine.safetensors"
    state = {k: v.numpy() for k, v in tutorial().double().state_dict().items()}
    safetensors.numpy.save_file(state, path)
    network, weights, _ = checkpoints.load(path)
    assert network == lenet5.LENET5
    np.testing.assert_array_equal(
        weights["dense2.weight"], state["9.weight"].astype(np.float32)
    )
    twice = Network(
        layers=(Layer("flatten"), dense(20), dense(20), dense(20), dense(10)),
        input=(1, 2, 2),
    )
    state = {f"x.{k}": v for k, v in some_weights(twice).items()}
    safetensors.numpy.save_file(state, path)
    with pytest.raises(InputError, match="do not fit “My network”"):
        checkpoints.load(path, twice)


class Evil:
    """A pickle that writes a file when it is loaded."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return (Path.write_text, (self.mark, "run"))


@pytest.mark.parametrize("name", ["a.pt", "a.pth", "a.safetensors"])
@pytest.mark.parametrize("how", ["pickle", "torch", "legacy"])
def test_a_malicious_pickle_runs_nothing(tmp_path, name, how):
    mark, path = tmp_path / "executed", tmp_path / name
    evil = {"conv1.weight": Evil(mark)}
    if how == "pickle":
        path.write_bytes(pickle.dumps(evil))
    else:
        torch.save(evil, path, _use_new_zipfile_serialization=how == "torch")
    with pytest.raises(InputError) as caught:
        checkpoints.load(path)
    assert not mark.exists()
    assert str(caught.value).count(". ") == 0
    if how == "pickle":
        pickle.loads(path.read_bytes())  # it does bite where it is let
        assert mark.exists()


def refused(
    path: Path, data: bytes, words: str, network: Network | None = None
) -> None:
    path.write_bytes(data)
    with pytest.raises(InputError, match=words):
        checkpoints.load(path, network)


def saved(value: object) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


def test_damaged_files_say_so(tmp_path):
    good = tmp_path / "good.safetensors"
    checkpoints.save(good, tiny.NETWORK, some_weights(tiny.NETWORK))
    data, path = good.read_bytes(), tmp_path / "a.safetensors"
    huge = (2**62).to_bytes(8, "little")
    for bad in (b"", b"\0" * 7, data[:-1], data[:200], huge + data[8:], b"<html>" * 9):
        refused(path, bad, "is damaged or is no safetensors file")
    refused(path, data.replace(b'\\"conv\\"', b'\\"canv\\"', 1), "is damaged")
    refused(path, data.replace(b'version\\": 1', b'version\\": 9'), "newer cnnviz")
    torch_file = saved(tutorial().state_dict())
    for bad in (b"", torch_file[:-40], b"PK\3\4" * 9, data):
        refused(tmp_path / "a.pt", bad, "was not saved by torch")
    refused(tmp_path / "a.txt", data, "is no file of weights")
    with pytest.raises(InputError, match="cannot be read: there is no such file"):
        checkpoints.load(tmp_path / "absent.pt")
    with pytest.raises(InputError, match=r"call it \*\.safetensors"):
        checkpoints.save(tmp_path / "a.pt", tiny.NETWORK, {})


def test_other_things_by_torch_are_refused(tmp_path):
    path = tmp_path / "a.pt"
    refused(path, saved([1, 2]), "something else than a network's weights")
    refused(path, saved({"a": 1}), "something else than a network's weights")
    sparse = torch.eye(3).to_sparse()
    # torch 2.11 itself refuses to read it, 2.13 reads it.
    refused(path, saved({"a": sparse}), "else than a network's weights|nothing in it")
    refused(path, saved({}), "do not fit any network here")
    refused(path, saved({"a": torch.ones(3)}), "do not fit any network here")
    refused(path, saved(tutorial()), "nothing in it was run")
    vast = torch.ones(1).expand(2**40)  # 4 TB, if anybody took it at its word
    refused(path, saved({"a": vast}), "do not fit any network here")


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(2**24))
    refused(tmp_path / "a.pt", stream.getvalue(), "is packed as torch packs nothing")


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    for name in ("a.pt", "a.safetensors"):
        with (tmp_path / name).open("wb") as stream:
            stream.truncate(checkpoints.LIMIT + 1)
        with pytest.raises(InputError, match="is larger than"):
            checkpoints.load(tmp_path / name)


def test_weights_of_another_network_are_refused(tmp_path):
    path = tmp_path / "a.safetensors"
    checkpoints.save(path, tiny.NETWORK, some_weights(tiny.NETWORK))
    with pytest.raises(InputError, match=r"of “Tiny network” and not of “LeNet-5 with"):
        checkpoints.load(path, lenet5.LENET5)
    torch_file = saved(tutorial().state_dict())
    refused(tmp_path / "a.pt", torch_file, "do not fit “Tiny network”", tiny.NETWORK)
    # A description that lies about the tensors.
    checkpoints.save(path, tiny.NETWORK, some_weights(lenet5.LENET5))
    with pytest.raises(InputError, match="do not fit"):
        checkpoints.load(path)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers_are_refused(tmp_path, value):
    weights, path = some_weights(tiny.NETWORK), tmp_path / "a.safetensors"
    weights["conv2.bias"][3] = value
    checkpoints.save(path, tiny.NETWORK, weights)
    with pytest.raises(InputError, match=r"no numbers, first in conv2\.bias"):
        checkpoints.load(path)


def test_values_too_large_for_float32_are_refused(tmp_path):
    state = OrderedDict(tutorial().double().state_dict())
    state["0.weight"] = state["0.weight"] + 1e300
    refused(tmp_path / "a.pt", saved(state), r"no numbers, first in conv1\.weight")
