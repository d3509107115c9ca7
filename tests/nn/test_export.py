"""What is exported gives other programs the same numbers."""

from __future__ import annotations

import csv
import importlib.util
import math
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import streams
import torch
from hypothesis import HealthCheck, given, settings
from safetensors.numpy import save_file
from tables import networks

from cnnviz.errors import InputError
from cnnviz.nn import checkpoints, export, recording
from cnnviz.nn.models import NETWORKS, lenet5, tiny
from cnnviz.nn.modules import build
from cnnviz.nn.network import Layer, Network, conv, dense

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

each_network = pytest.mark.parametrize(
    "network", NETWORKS, ids=lambda network: network.id
)
few = settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))


def pictures(network: Network) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(3, *network.input, generator=generator)


def run_source(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "exported"}
    exec(compile(source, "exported.py", "exec"), names)  # what a user does with it
    return names


def test_the_table_of_tensors_is_torchs():
    for network in NETWORKS:
        state = build(network).state_dict()
        shapes = {name: tuple(value.shape) for name, value in state.items()}
        assert checkpoints.tensor_shapes(network) == shapes
        assert list(checkpoints.tensor_shapes(network)) == list(shapes)


@few
@given(network=networks())
def test_the_table_of_tensors_is_torchs_for_any_network(network):
    state = build(network).state_dict()
    expected = {name: tuple(value.shape) for name, value in state.items()}
    assert checkpoints.tensor_shapes(network) == expected


# -------------------------------------------------------------------------- PyTorch


def assert_same_in_pytorch(network: Network) -> None:
    model = run_source(export.pytorch_source(network))["network"]().eval()
    ours = build(network, seed=5).eval()
    model.load_state_dict(ours.state_dict())
    learned = sum(p.numel() for p in model.parameters())
    assert learned == sum(network.parameters)
    torch.testing.assert_close(model(pictures(network)), ours(pictures(network)))


@each_network
def test_pytorch_source_builds_the_same_network(network):
    assert_same_in_pytorch(network)


@few
@given(network=networks())
def test_pytorch_source_builds_any_network(network):
    assert_same_in_pytorch(network)


@each_network
def test_source_is_readable(network):
    for source in (export.pytorch_source(network), export.keras_source(network)):
        assert max(map(len, source.splitlines())) <= 88
        assert f"{sum(network.parameters):,} parameters" in source
        assert all(f'"{name}"' in source for name in network.names)
        assert "\n\n\n\n" not in source


def test_texts_of_a_file_do_not_become_code():
    marks = ['"""\nMARK = 1\n"""', "\rMARK = 1", "\x0cMARK = 1", "\u2028MARK = 1"]
    for mark in marks:
        network = replace(tiny.NETWORK, title=mark, note=mark, id=mark)
        assert "MARK" not in run_source(export.pytorch_source(network))
        code = compile(export.keras_source(network), "exported.py", "exec")
        assert "MARK" not in code.co_names


def test_a_network_that_does_not_work_is_not_written():
    for write in (export.pytorch_source, export.keras_source):
        with pytest.raises(InputError, match="no layer yet"):
            write(Network())


# ---------------------------------------------------------------------------- Keras


@pytest.mark.parametrize(
    "layer",
    [
        conv(2, 3, stride=2, dilation=2),
        Layer("max-pool", kernel=(2, 2), dilation=(2, 2)),
        Layer("average-pool", kernel=(2, 2), dilation=(1, 2)),
    ],
)
def test_what_keras_has_not_is_said(layer):
    network = Network(layers=(layer, Layer("flatten"), dense(10)))
    with pytest.raises(InputError, match="for this export"):
        export.keras_source(network)


@few
@given(network=networks())
def test_keras_source_is_python(network):
    try:
        source = export.keras_source(network)
    except InputError:
        return
    compile(source, "exported.py", "exec")
    for name, count in zip(network.names, network.parameters, strict=True):
        assert f'name="{name}"' in source
        assert not count or f"{count:,} parameters" in source


KERAS = (
    *NETWORKS,
    Network(
        id="others",
        input=(2, 13, 12),
        layers=(
            Layer("conv", 5, (3, 2), (2, 1), (1, 0)),
            Layer("batch-norm"),
            Layer("dropout"),
            Layer("max-pool", kernel=(3, 3), stride=(1, 2), padding=(1, 1)),
            Layer("tanh"),
            conv(4, 2, dilation=2, connections=((0, 4), (1,), (2, 3), (0, 1, 2, 3, 4))),
            Layer("average-pool", kernel=(2, 2), stride=(1, 1), padding=(1, 1)),
            Layer("subsample", kernel=(2, 1), stride=(1, 1), padding=(1, 0)),
            Layer("sigmoid"),
            Layer("flatten"),
            dense(6),
            Layer("batch-norm"),
            Layer("rbf", 4),
        ),
    ),
)


@pytest.mark.filterwarnings("default")  # others' packages warn of themselves
@pytest.mark.parametrize("network", KERAS, ids=lambda network: network.id)
def test_keras_builds_the_same_network(network, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    pytest.importorskip("keras")
    names = run_source(export.keras_source(network))
    model = names["network"]()
    ours = build(network, seed=5).eval()
    weights = {name: value.numpy() for name, value in ours.state_dict().items()}
    for name, values in weights.items():  # batch norms that do something
        if "running" in name:
            values += np.linspace(0.1, 0.9, values.size, dtype=np.float32)
    save_file(weights, tmp_path / "weights.safetensors")
    names["load_weights"](model, tmp_path / "weights.safetensors")
    learned = sum(math.prod(w.shape) for w in model.trainable_weights)
    assert learned == sum(network.parameters)
    last = pictures(network).permute(0, 2, 3, 1)
    scores = model.predict(last.numpy(), verbose=0)
    expected = ours(pictures(network)).detach().numpy()
    np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-4)


# ------------------------------------------------------------- CSV, TensorBoard, ONNX


@pytest.fixture
def run(tmp_path: Path) -> recording.Run:
    run = recording.create(tmp_path, streams.RECIPE)
    list(islice(recording.record(streams.training(), run), 20))
    return run


def test_csv_of_epochs(run):
    rows = list(csv.DictReader(export.epochs_csv(run.metrics()).splitlines()))
    assert len(rows) == len(run.metrics()) >= 2
    for row, metrics in zip(rows, run.metrics(), strict=True):
        assert "val_loss" not in row
        assert row["epoch"] == str(metrics.epoch)
        assert float(row["test_accuracy"]) == metrics.test_accuracy
        assert float(row["train_loss"]) == metrics.train_loss
    with_validation = [streams.metrics(1), streams.metrics(2, validation=True)]
    first, second = csv.DictReader(export.epochs_csv(with_validation).splitlines())
    assert (first["val_loss"], second["val_loss"]) == ("", "3.0")
    assert export.epochs_csv([]).startswith("epoch,step,train_loss")


def test_csv_of_batches(run):
    rows = list(csv.DictReader(export.steps_csv(run.steps()).splitlines()))
    assert [int(row["step"]) for row in rows] == list(range(1, run.steps().step + 1))
    loss = np.array([row["loss"] for row in rows], np.float32)
    np.testing.assert_array_equal(loss, run.steps().loss)
    part = export.steps_csv(streams.batches(6, 7)).splitlines()
    assert [line.split(",")[0] for line in part] == ["step", "6", "7"]


@pytest.mark.parametrize("package", ["tensorboard", "onnx"])
def test_an_absent_package_is_named(package, run, tmp_path, monkeypatch):
    find = importlib.util.find_spec
    absent = {"tensorboard", "onnx", "onnxscript"}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda n, *p: None if n in absent else find(n, *p)
    )
    with pytest.raises(InputError, match=f"pip install {package}"):
        if package == "onnx":
            export.onnx(tiny.NETWORK, {}, tmp_path / "a.onnx")
        else:
            export.tensorboard(run, tmp_path / "events")
    assert not (tmp_path / "events").exists()


@pytest.mark.filterwarnings("default")
def test_tensorboard_reads_the_curves(run, tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    place = export.tensorboard(run, tmp_path / "events")
    read = EventAccumulator(str(place), {"scalars": 0})
    read.Reload()
    loss = [(e.step, e.value) for e in read.Scalars("batch/loss")]
    assert loss == list(enumerate(run.steps().loss.tolist(), start=1))
    accuracy = [(e.step, e.value) for e in read.Scalars("accuracy/test")]
    assert accuracy == [(m.step, m.test_accuracy) for m in run.metrics()]
    assert "loss/val" not in read.Tags()["scalars"]
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be made"):
        export.tensorboard(run, tmp_path / "file")


def assert_same_in_onnx(network: Network, path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    reference = importlib.import_module("onnx.reference")
    ours = build(network, seed=5).eval()
    weights = {name: value.numpy() for name, value in ours.state_dict().items()}
    for name, values in weights.items():  # batch norms that do something
        if "running" in name:
            values += np.linspace(0.1, 0.9, values.size, dtype=np.float32)
    export.onnx(network, weights, path)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    x = pictures(network)
    (scores,) = reference.ReferenceEvaluator(str(path)).run(
        None, {"pictures": x.numpy()}
    )
    torch.testing.assert_close(torch.tensor(scores), ours(x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("network", KERAS, ids=lambda network: network.id)
def test_onnx_gives_the_same_scores(network, tmp_path):
    assert_same_in_onnx(network, tmp_path / "a.onnx")


@few
@given(network=networks())
def test_onnx_gives_the_same_scores_of_any_network(network, tmp_path):
    assert_same_in_onnx(network, tmp_path / "a.onnx")


def test_weights_of_another_network_are_not_written_as_onnx(tmp_path):
    pytest.importorskip("onnx")
    weights = {n: v.numpy() for n, v in build(lenet5.LENET5).state_dict().items()}
    with pytest.raises(InputError, match="are not of"):
        export.onnx(tiny.NETWORK, weights, tmp_path / "a.onnx")
    assert not (tmp_path / "a.onnx").exists()
