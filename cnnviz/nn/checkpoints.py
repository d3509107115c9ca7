"""Trained networks as files: safetensors with a description in, safetensors out.

A description is the network's table, so a file opens without being told what is in it.
Files of others open too where their tensors fit a network that is known: safetensors,
and ``.pt`` or ``.pth`` with torch's restricted unpickler, which runs no code.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.codec import from_json, to_json
from cnnviz.errors import InputError
from cnnviz.files import read_bytes
from cnnviz.nn import tensor_files
from cnnviz.nn.models import NETWORKS
from cnnviz.nn.network import Network

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cnnviz.nn.events import Weights
    from cnnviz.nn.network import Layer, Shape

FORMAT = "cnnviz-network"
VERSION = 1
TORCH_SUFFIXES = (".pt", ".pth")
SUFFIXES = (tensor_files.SUFFIX, *TORCH_SUFFIXES)

LIMIT = 512 * 2**20
"""Bytes; the largest network that is allowed has 200 MB."""

WRAPPERS = ("state_dict", "model_state_dict", "model")
"""What programs call the weights among the other things that they save."""


def save(
    path: Path, network: Network, weights: Weights, facts: dict[str, Any] | None = None
) -> None:
    """Write a trained network atomically.

    Parameters
    ----------
    path : Path
        Ends in ``.safetensors``.
    network : Network
    weights : dict
        Every parameter and buffer by its name, float32.
    facts : dict of str to plain JSON
        About it, such as ``classes`` (a list of names) and ``note`` (a sentence).

    Raises
    ------
    InputError
        The file cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != tensor_files.SUFFIX:
        raise InputError(
            f"“{path.name}” would hold another format; call it *{tensor_files.SUFFIX}."
        )
    told = {"format": FORMAT, "version": VERSION, "network": to_json(network)}
    tensor_files.write(path, weights, {**told, "facts": facts or {}})


def load(
    path: Path, network: Network | None = None
) -> tuple[Network, Weights, dict[str, Any]]:
    """Read a trained network; nothing in the file is ever executed.

    Parameters
    ----------
    path : Path
        ``.safetensors``, ``.pt`` or ``.pth``.
    network : Network, optional
        The only one that will do; by default the one that the file describes, or else
        the first of the networks that come with cnnviz which its tensors fit.

    Returns
    -------
    network : Network
    weights : dict
        By the names that the network gives them, float32 and finite.
    facts : dict
        What :func:`save` was told; empty for a file of another program.

    Raises
    ------
    InputError
        The file cannot be read, is damaged, is of another kind or of another network,
        or holds values that are no numbers.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    facts: dict[str, Any] = {}
    if suffix == tensor_files.SUFFIX:
        tensors, told = tensor_files.read(path, LIMIT)
        described = _described(told, path)
        facts = told.get("facts", {}) if described else {}
    elif suffix in TORCH_SUFFIXES:
        tensors, described = _read_torch(path), None
    else:
        raise InputError(
            f"“{path.name}” is no file of weights: choose one that ends in "
            f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}."
        )
    if network and described and not _same(network, described):
        raise InputError(
            f"“{path.name}” holds weights of “{described.title}” and not of "
            f"“{network.title}”: choose another file or that network."
        )
    known = (network or described,) if network or described else NETWORKS
    for candidate in filter(None, known):
        names = _fit(tensors, tensor_shapes(candidate), suffix in TORCH_SUFFIXES)
        if names:
            weights = {ours: _numbers(tensors[its]) for ours, its in names.items()}
            _check_finite(weights, path)
            return candidate, weights, facts
    whose = f"“{network.title}”" if network else "any network here"
    raise InputError(
        f"The tensors of “{path.name}” do not fit {whose}: choose another file, or "
        "build the network that it was saved from first."
    )


def tensor_shapes(network: Network) -> dict[str, Shape]:
    """Return the names and shapes of all tensors of a network, in torch's order."""
    shapes: dict[str, Shape] = {}
    befores = (network.input, *network.shapes)
    for name, layer, before in zip(
        network.names, network.layers, befores, strict=False
    ):
        for tensor, shape in _layer_tensors(layer, before[0]):
            shapes[f"{name}.{tensor}"] = shape
    return shapes


def _layer_tensors(layer: Layer, inputs: int) -> Sequence[tuple[str, Shape]]:
    match layer.kind:
        case "conv" if layer.connections:
            pairs = sum(map(len, layer.connections))
            return ("weight", (pairs, *layer.kernel)), ("bias", (layer.outputs,))
        case "conv":
            shape = (layer.outputs, inputs, *layer.kernel)
            return ("weight", shape), ("bias", (layer.outputs,))
        case "dense":
            return ("weight", (layer.outputs, inputs)), ("bias", (layer.outputs,))
        case "subsample":
            return ("weight", (inputs,)), ("bias", (inputs,))
        case "batch-norm":
            names = ("weight", "bias", "running_mean", "running_var")
            return *((n, (inputs,)) for n in names), ("num_batches_tracked", ())
        case _:
            return ()


def _described(told: Mapping[str, Any], path: Path) -> Network | None:
    if told.get("format") != FORMAT:
        return None
    version = told.get("version")
    if isinstance(version, int) and version > VERSION:
        raise InputError(
            f"“{path.name}” was saved by a newer cnnviz; update this one to open it."
        )
    try:
        network = from_json(Network, told.get("network"))
    except InputError:
        network = Network()
    if network.why_invalid() or not isinstance(told.get("facts"), dict):
        raise InputError(
            f"“{path.name}” is damaged: its description of the network cannot be read."
        )
    return network


def _same(one: Network, other: Network) -> bool:
    return (one.layers, one.input) == (other.layers, other.input)


def _fit(
    tensors: Mapping[str, Any], shapes: Mapping[str, Shape], ordered: bool
) -> dict[str, str]:
    """Return which tensor of a file is which of a network; empty if they don't fit.

    By name, or by order where a file keeps it, or by shape where no two are the same.
    """
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if found == dict(shapes):
        return {name: name for name in shapes}
    if ordered and list(found.values()) == list(shapes.values()):
        return dict(zip(shapes, found, strict=True))
    by_shape = {shape: name for name, shape in found.items()}
    distinct = len(by_shape) == len(found) == len(shapes)
    if not ordered and distinct and set(by_shape) == set(shapes.values()):
        return {name: by_shape[shape] for name, shape in shapes.items()}
    return {}


def _read_torch(path: Path) -> dict[str, Any]:
    """Return the tensors of a file by ``torch.save``, in its order."""
    data = read_bytes(path, LIMIT)
    _check_archive(data, path)
    import torch

    try:
        saved = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # of any kind, as the file may hold anything
        raise InputError(
            f"“{path.name}” holds more than weights or is damaged, and nothing in it "
            "was run: save the network's state_dict() alone."
        ) from error
    for key in WRAPPERS:
        if isinstance(saved, dict) and isinstance(saved.get(key), dict):
            saved = saved[key]
    if not isinstance(saved, dict) or not all(
        isinstance(name, str)
        and isinstance(tensor, torch.Tensor)
        and tensor.layout is torch.strided
        and tensor.device.type == "cpu"
        and not (tensor.is_complex() or tensor.is_quantized)
        for name, tensor in saved.items()
    ):
        raise InputError(
            f"“{path.name}” holds something else than a network's weights: save its "
            "state_dict() alone."
        )
    return saved


def _check_archive(data: bytes, path: Path) -> None:
    """Refuse what torch.save does not write: old pickles, and zip bombs."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise InputError(
            f"“{path.name}” was not saved by torch 1.6 or newer, or is damaged: save "
            "it again with torch.save, or as safetensors."
        ) from None
    packed = any(entry.compress_type != zipfile.ZIP_STORED for entry in entries)
    if packed or sum(entry.file_size for entry in entries) > LIMIT:
        raise InputError(
            f"“{path.name}” is packed as torch packs nothing: save it again with "
            "torch.save."
        )


def _numbers(tensor: Any) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return float32 numbers of their own, from numpy or torch."""
    if not isinstance(tensor, np.ndarray):
        tensor = tensor.detach().float().numpy()
    with np.errstate(over="ignore"):  # infinite then, and refused
        return np.array(tensor, np.float32, order="C")


def _check_finite(weights: Weights, path: Path) -> None:
    for name, values in weights.items():
        if not np.isfinite(values).all():
            raise InputError(
                f"“{path.name}” holds values that are no numbers, first in {name}: the "
                "training went wrong, so choose an earlier file."
            )
