"""Networks of others from files: ONNX and torch.export archives as torch modules."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from cnnviz.errors import InputError, absent
from cnnviz.nn.onnx_graph import OnnxGraph

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILE = 1_000_000_000
ENDINGS = (".onnx", ".pt2")

TRUST = (
    "A torch.export archive can run any program when it is opened: open it only if you "
    "trust where it comes from."
)


@dataclass(frozen=True, eq=False)
class Archive:
    """A network from a file.

    Attributes
    ----------
    module : nn.Module
    input : tuple of int
        The shape of what it takes, a batch axis of 1 first.
    """

    module: nn.Module
    input: tuple[int, ...]


def open_archive(path: Path, *, trusted: bool = False) -> Archive:
    """Open an ONNX file or a torch.export archive.

    Parameters
    ----------
    path : Path
        ``.onnx``, or ``.pt2`` as ``torch.export.save`` writes it.
    trusted : bool
        Whether the person has said that the file's origin is to be trusted, without
        which a ``.pt2`` is refused: torch unpickles parts of it. ONNX holds data only.

    Raises
    ------
    InputError
        The file is missing, too large, broken, of another kind or not trusted, or the
        package that reads it is not installed.
    """
    if not path.is_file():
        raise InputError(f"There is no file {path.name}: choose another one.")
    if path.suffix.lower() not in ENDINGS:
        raise InputError(
            f"{path.name} is no network that can be opened here: choose an .onnx or "
            ".pt2 file."
        )
    if path.stat().st_size > MAX_FILE:
        raise InputError(f"{path.name} is larger than 1 GB: choose a smaller network.")
    if path.suffix.lower() == ".onnx":
        return _onnx(path)
    if not trusted:
        raise InputError(TRUST)
    return _exported(path)


def _exported(path: Path) -> Archive:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of torch's own, about its own classes
            program: Any = torch.export.load(path)
        module: nn.Module = program.module()
        shapes = [
            tuple(node.meta["val"].shape)
            for node in program.graph.nodes
            if node.op == "placeholder"
            and node.name in program.graph_signature.user_inputs
        ]
    except Exception as error:
        raise InputError(
            f"{path.name} cannot be read as a torch.export archive: save it again with "
            "torch.export.save."
        ) from error
    if len(shapes) != 1:
        raise InputError(
            f"{path.name} takes {len(shapes)} inputs: open one that takes a picture "
            "alone."
        )
    return Archive(_Steady(module), _sizes(tuple(shapes[0])))


class _Steady(nn.Module):
    """An exported program, which knows no modes and refuses ``eval()``."""

    def __init__(self, program: nn.Module) -> None:
        super().__init__()
        self._program = [program]  # in a list, so that no mode is set
        for number, value in enumerate(program.state_dict().values()):
            self.register_buffer(f"weight{number}", value)

    def forward(self, pictures: torch.Tensor) -> Any:
        """Return what the program returns."""
        return self._program[0](pictures)


def _onnx(path: Path) -> Archive:
    if importlib.util.find_spec("onnx") is None:
        raise InputError(absent("ONNX files", "onnx"))
    onnx: Any = importlib.import_module("onnx")
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model)
        return _graph(onnx, model.graph)
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"{path.name} cannot be read as an ONNX file: export it again."
        ) from error


def _graph(onnx: Any, graph: Any) -> Archive:
    def tensor(value: Any) -> torch.Tensor:
        return torch.from_numpy(onnx.numpy_helper.to_array(value).copy())

    def plain(value: Any) -> Any:
        if isinstance(value, onnx.TensorProto):
            return tensor(value)
        return value.decode() if isinstance(value, bytes) else value

    weights = {value.name: tensor(value) for value in graph.initializer}
    nodes = []
    for node in graph.node:
        attributes = {
            one.name: plain(onnx.helper.get_attribute_value(one))
            for one in node.attribute
        }
        if node.op_type == "Constant" and "value" in attributes:
            weights[node.output[0]] = attributes["value"]
        else:
            nodes.append(
                (node.op_type, list(node.input), list(node.output), attributes)
            )
    inputs = [value for value in graph.input if value.name not in weights]
    module = OnnxGraph(
        nodes,
        weights,
        [value.name for value in inputs],
        [value.name for value in graph.output],
    )
    sizes = [size.dim_value for size in inputs[0].type.tensor_type.shape.dim]
    return Archive(module, _sizes(tuple(sizes)))


def _sizes(shape: tuple[Any, ...]) -> tuple[int, ...]:
    """Return a shape with a batch of 1; sizes left open are 28."""
    rest = (size if isinstance(size, int) and size > 0 else 28 for size in shape[1:])
    return (1, *rest)
