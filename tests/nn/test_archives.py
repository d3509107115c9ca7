"""Networks from ONNX files and torch.export archives."""

from __future__ import annotations

import importlib.util
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from modules_of_others import Branching, closes, example
from torch import nn

from cnnviz.errors import InputError
from cnnviz.nn import archives, export
from cnnviz.nn.archives import open_archive
from cnnviz.nn.attribution import (
    grad_cam,
    gradient_times_input,
    integrated_gradients,
    saliency,
)
from cnnviz.nn.foreign import inspect_module
from cnnviz.nn.models import lenet5
from cnnviz.nn.modules import build
from cnnviz.nn.occlusion import occlusion
from cnnviz.nn.scoring import Scores

if TYPE_CHECKING:
    from pathlib import Path

needs_onnx = pytest.mark.skipif(
    importlib.util.find_spec("onnx") is None, reason="needs the extra onnx"
)


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """Write a branching network as torch.export does."""
    path = tmp_path / "network.pt2"
    module = Branching().eval()
    torch.export.save(torch.export.export(module, (example(1, 3, 20, 24),)), path)
    return path


@pytest.mark.filterwarnings("ignore:.*LeafSpec")
def test_an_exported_network_is_taken_apart(exported):
    archive = open_archive(exported, trusted=True)
    assert archive.input == (1, 3, 20, 24)
    found = inspect_module(archive.module, example(*archive.input))
    kinds = [step.call.kind for step in found.steps]
    assert kinds.count("conv") == 3
    assert kinds.count("add") == 2
    explained = closes(found, np.random.default_rng(0), 2)
    assert len(explained) >= len(found.steps) - 2
    assert saliency(archive.module, found.input).heat.shape == (20, 24)


@pytest.mark.filterwarnings("ignore:.*LeafSpec")
def test_an_exported_network_is_explained_as_what_it_was_made_from(tmp_path):
    """Its batch of one is fixed, and its layers are no modules any more."""
    module, path = Branching().eval(), tmp_path / "network.pt2"
    torch.export.save(torch.export.export(module, (example(1, 3, 20, 24),)), path)
    batch = example(1, 3, 20, 24)
    opened = open_archive(path, trusted=True).module
    pairs = [(one, inspect_module(one, batch)) for one in (opened, module)]
    ours, theirs = (Scores(*pair) for pair in pairs)
    picture = batch[0].numpy()
    for explain in (saliency, gradient_times_input):
        found, wanted = explain(ours, picture, 1), explain(theirs, picture, 1)
        np.testing.assert_allclose(found.values, wanted.values, atol=1e-6)
    first = next(step.name for step in pairs[0][1].steps if step.call.kind == "conv")
    found, wanted = (
        grad_cam(ours, picture, first, 1),
        grad_cam(theirs, picture, "stem", 1),
    )
    np.testing.assert_allclose(found.coarse, wanted.coarse, atol=1e-6)
    for explain in (
        integrated_gradients,
        partial(occlusion, window=(9, 9), stride=(9, 9)),
    ):
        found, wanted = (
            list(explain(ours, picture, 1))[-1],
            list(explain(theirs, picture, 1))[-1],
        )
        np.testing.assert_allclose(found.heat, wanted.heat, atol=1e-6)


def test_an_exported_network_runs_nothing_without_trust(tmp_path):
    path = tmp_path / "network.pt2"
    path.write_bytes(b"torch would unpickle this")
    with pytest.raises(InputError, match="only if you trust"):
        open_archive(path)


def onnx_file(path: Path, nodes: list, weights: dict, shape, opset=17) -> Path:
    import onnx
    from onnx import helper, numpy_helper

    kind = onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("y", kind, [None] * 2)],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9
    )
    onnx.save(model, path)
    return path


@pytest.fixture
def small(tmp_path: Path) -> tuple[Path, nn.Module]:
    """Write a network with uneven padding as ONNX, and return it in torch too."""
    from onnx.helper import make_node

    module = nn.Sequential(
        nn.ZeroPad2d((1, 0, 0, 2)),
        nn.Conv2d(2, 4, 3, groups=2),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.AvgPool2d(3, 1, 1, count_include_pad=False),
        nn.Flatten(),
        nn.Linear(4 * 4 * 4, 5),
        nn.Softmax(1),
    ).eval()
    with torch.no_grad():
        module[2].running_mean.uniform_()
    names = {"1.weight": "w", "1.bias": "b", "7.weight": "v", "7.bias": "c"}
    arrays = {key: value.numpy() for key, value in module.state_dict().items()}
    weights = {short: arrays[name] for name, short in names.items()}
    norm = ("weight", "bias", "running_mean", "running_var")
    weights |= {name: arrays[f"2.{name}"] for name in norm}
    nodes = [
        make_node("Conv", ["x", "w", "b"], ["1"], pads=[0, 1, 2, 0], group=2),
        make_node("BatchNormalization", ["1", *norm], ["2"]),
        make_node("Relu", ["2"], ["3"]),
        make_node("MaxPool", ["3"], ["4"], kernel_shape=[2, 2], strides=[2, 2]),
        make_node("AveragePool", ["4"], ["5"], kernel_shape=[3, 3], pads=[1] * 4),
        make_node("Flatten", ["5"], ["6"]),
        make_node("Gemm", ["6", "v", "c"], ["7"], transB=1),
        make_node("Softmax", ["7"], ["y"]),
    ]
    return onnx_file(tmp_path / "small.onnx", nodes, weights, [None, 2, 8, 9]), module


@needs_onnx
def test_an_onnx_network_is_the_same_in_torch(small):
    path, module = small
    archive = open_archive(path)
    assert archive.input == (1, 2, 8, 9)
    x = example(3, 2, 8, 9)
    torch.testing.assert_close(archive.module(x), module(x))
    found = inspect_module(archive.module, x)
    explained = closes(found, np.random.default_rng(0), 3)
    assert {"conv2d1", "batch_norm1", "max_pool2d1", "linear1", "softmax1"} <= explained
    ours, theirs = (
        Scores(one, inspect_module(one, x[:1])) for one in (archive.module, module)
    )
    picture = x[0].numpy()
    np.testing.assert_allclose(
        saliency(ours, picture, 2).values,
        saliency(theirs, picture, 2).values,
        atol=1e-6,
    )
    np.testing.assert_allclose(
        grad_cam(ours, picture, "relu1", 2).heat,
        grad_cam(theirs, picture, "3", 2).heat,
        atol=1e-6,
    )


@needs_onnx
def test_what_we_export_is_what_we_open(tmp_path):
    network = lenet5.LENET5_1998
    module = build(network).eval()
    weights = {name: value.numpy() for name, value in module.state_dict().items()}
    export.onnx(network, weights, tmp_path / "network.onnx")
    archive = open_archive(tmp_path / "network.onnx")
    assert archive.input == (1, 1, 28, 28)
    x = example(2, 1, 28, 28)
    torch.testing.assert_close(archive.module(x), module(x))
    found = inspect_module(archive.module, x)
    assert len(closes(found, np.random.default_rng(0), 1)) > 8


@needs_onnx
def test_an_operator_that_is_not_known_is_named(tmp_path):
    from onnx.helper import make_node

    path = onnx_file(
        tmp_path / "odd.onnx", [make_node("Sin", ["x"], ["y"])], {}, [1, 2]
    )
    with pytest.raises(InputError, match="uses Sin"):
        open_archive(path)


def test_what_cannot_be_opened_says_why(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"no file gone\.onnx"):
        open_archive(tmp_path / "gone.onnx")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(InputError, match=r"choose an \.onnx or \.pt2"):
        open_archive(tmp_path / "a.txt")
    for ending in ("pt2", "onnx"):
        path = tmp_path / f"broken.{ending}"
        path.write_bytes(b"no network at all")
        if ending == "pt2" or importlib.util.find_spec("onnx"):
            with pytest.raises(InputError, match="again"):
                open_archive(path, trusted=True)
    monkeypatch.setattr(archives, "MAX_FILE", 3)
    with pytest.raises(InputError, match="1 GB"):
        open_archive(tmp_path / "broken.pt2")


def test_without_onnx_it_says_how_to_install_it(tmp_path, monkeypatch):
    path = tmp_path / "a.onnx"
    path.write_bytes(b"")
    monkeypatch.setattr(archives.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install onnx” and start again"):
        open_archive(path)


@needs_onnx
@pytest.mark.parametrize("shape", [(2, 1, 9), (2, 1, 9, 8)])
def test_transposed_convolutions_and_curves_are_the_same_in_torch(tmp_path, shape):
    from onnx.helper import make_node

    axes = len(shape) - 2
    conv = (nn.Conv1d, nn.Conv2d)[axes - 1](1, 3, 3)
    wave = (nn.ConvTranspose1d, nn.ConvTranspose2d)[axes - 1]
    back = wave(3, 2, 3, stride=2, padding=1, output_padding=1)
    pools = (
        (nn.MaxPool1d, nn.MaxPool2d)[axes - 1](2, 1),
        (nn.AvgPool1d, nn.AvgPool2d)[axes - 1](2, 1),
    )
    module = nn.Sequential(conv, *pools, back).eval()
    weights = {
        f"{name}{part}": getattr(layer, part).detach().numpy()
        for name, layer in (("c", conv), ("t", back))
        for part in ("weight", "bias")
    }
    nodes = [
        make_node("Conv", ["x", "cweight", "cbias"], ["1"]),
        make_node("MaxPool", ["1"], ["2"], kernel_shape=[2] * axes),
        make_node("AveragePool", ["2"], ["3"], kernel_shape=[2] * axes),
        make_node(
            "ConvTranspose",
            ["3", "tweight", "tbias"],
            ["y"],
            strides=[2] * axes,
            pads=[1] * 2 * axes,
            output_padding=[1] * axes,
        ),
    ]
    path = onnx_file(tmp_path / "wave.onnx", nodes, weights, [None, *shape[1:]])
    opened = open_archive(path).module
    x = example(*shape)
    torch.testing.assert_close(opened(x), module(x))


@needs_onnx
@pytest.mark.parametrize(
    "odd", [{"pads": [1, 0, 0, 1]}, {"dilations": [2, 2]}], ids=str
)
def test_averages_that_torch_does_not_take_are_refused(tmp_path, odd):
    from onnx.helper import make_node

    node = make_node("AveragePool", ["x"], ["y"], kernel_shape=[3, 3], **odd)
    path = onnx_file(tmp_path / "odd.onnx", [node], {}, [1, 1, 8, 8], opset=19)
    with pytest.raises(InputError, match="averages over a window with gaps"):
        open_archive(path).module(example(1, 1, 8, 8))


@needs_onnx
def test_uneven_padding_that_counts_is_averaged(tmp_path):
    from onnx.helper import make_node

    how = {"kernel_shape": [3, 3], "pads": [1, 0, 0, 2], "count_include_pad": 1}
    node = make_node("AveragePool", ["x"], ["y"], **how)
    path = onnx_file(tmp_path / "uneven.onnx", [node], {}, [1, 1, 8, 8])
    x = example(1, 1, 8, 8)
    padded = nn.functional.pad(x, (0, 2, 1, 0))
    torch.testing.assert_close(
        open_archive(path).module(x), nn.functional.avg_pool2d(padded, 3, 1)
    )
