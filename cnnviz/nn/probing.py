"""What every explanation asks of a network: scores, probabilities, a layer's output.

Takes any module that maps float32 (N, C, H, W) to scores (N, classes) and leaves it as
it was: its mode, its weights, its gradients and its hooks. Module-level torch.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from cnnviz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a network says of a picture.

    Attributes
    ----------
    scores, probabilities : float32 (classes,)
        What comes out, and the softmax of it.
    """

    scores: Floats
    probabilities: Floats

    @property
    def label(self) -> int:
        """The class with the highest score."""
        return int(self.scores.argmax())

    @property
    def probability(self) -> float:
        """The probability of that class, 0 to 1."""
        return float(self.probabilities.max())


def predict(module: nn.Module, picture: Floats) -> Prediction:
    """Return what the network says of a picture (C, H, W) with values 0 to 1.

    Raises
    ------
    InputError
        See :func:`run`.
    """
    with evaluating(module), torch.no_grad():
        scores = run(module, as_batch(module, picture))[0]
    return Prediction(to_numpy(scores), to_numpy(scores.softmax(0)))


def outputs(module: nn.Module, picture: Floats) -> dict[str, Floats]:
    """Return the output of every layer for one picture, as arrays.

    Parameters
    ----------
    module : nn.Module
        From :func:`cnnviz.nn.modules.build`.
    picture : float32 (C, H, W)
        0 to 1.

    Returns
    -------
    dict
        ``"input"``, each layer by its name in the table's order, ``"softmax"``.

    Raises
    ------
    InputError
        See :func:`run`.
    """
    from cnnviz.nn.inspection import layer_outputs

    batch = as_batch(module, picture)
    with guarded(module, batch):
        found = layer_outputs(module, batch)
    scores = next(reversed(found.values()), batch)
    check_scores(module, scores)
    found["softmax"] = scores.softmax(1)
    arrays = {name: value.numpy(force=True)[0] for name, value in found.items()}
    return {"input": picture, **arrays}


def weights(module: nn.Module) -> dict[str, Floats]:
    """Return all weights as arrays that share no memory with the module."""
    return {
        name: to_numpy(value).copy()
        for name, value in module.state_dict().items()
        if value.is_floating_point()
    }


def run(module: nn.Module, pictures: Tensor) -> Tensor:
    """Return the scores (N, classes) of pictures.

    Raises
    ------
    InputError
        The pictures do not fit, the network fails, or its scores are no numbers.
    """
    with guarded(module, pictures):
        scores = module(pictures)
    if not isinstance(scores, Tensor) or scores.ndim != 2:
        raise InputError(
            "This network does not give one score a class, so there is nothing to "
            "explain: choose one that ends in a dense layer."
        )
    check_scores(module, scores)
    return scores


def slope(value: Tensor, by: Tensor) -> Tensor:
    """Return the gradient of one number; the weights gather none.

    Raises
    ------
    InputError
        No gradient comes through.
    """
    try:
        (gradient,) = torch.autograd.grad(value, by)
    except RuntimeError as error:
        raise InputError(
            "No gradient comes through this network, and this explanation needs one: "
            "choose occlusion, or a network that torch can differentiate."
        ) from error
    return gradient


@contextmanager
def guarded(module: nn.Module, pictures: Tensor) -> Iterator[None]:
    """Turn whatever a network raises into one sentence."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        shape = " × ".join(map(str, pictures.shape[1:]))
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"This network cannot take a picture of {shape}: "
            f"{reason.rstrip('.')[:200]}."
        ) from error


def check_scores(module: nn.Module, scores: Tensor) -> None:
    """Raise an InputError, with the weights at fault, if scores are not finite."""
    if np.isfinite(to_numpy(scores)).all():
        return
    for name, value in module.state_dict().items():
        if not bool(torch.isfinite(value).all()):
            raise InputError(
                f"The weights {name} hold numbers that are not finite, so the network "
                "answers nothing: choose an earlier moment or train again with a lower "
                "learning rate."
            )
    raise InputError(
        "The scores of this network are not finite: choose another picture or network."
    )


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Compute as in a test, and put every part back into its mode afterwards."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode


@contextmanager
def watched(module: nn.Module, names: Sequence[str]) -> Iterator[dict[str, Tensor]]:
    """Fill a dict with the outputs of the named layers each time the network runs.

    They belong to the graph of gradients. No hook is left behind.

    Raises
    ------
    InputError
        There is no such layer.
    """
    seen: dict[str, Tensor] = {}

    def keep(name: str, output: object) -> Tensor | None:
        if not isinstance(output, Tensor):
            return None
        seen[name] = output
        return output.clone()  # an activation behind it may overwrite this one

    handles = []
    try:
        for name in names:
            handles.append(
                _part(module, name).register_forward_hook(
                    lambda _part, _inputs, output, name=name: keep(name, output)
                )
            )
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def _part(module: nn.Module, name: str) -> nn.Module:
    try:
        return module.get_submodule(name)
    except AttributeError as error:
        raise InputError(
            f"This network has no layer {name}: choose one of its own."
        ) from error


def as_batch(module: nn.Module, picture: Floats) -> Tensor:
    """Make one picture (C, H, W) a batch (1, C, H, W) on the module's device."""
    array = np.array(picture, np.float32)[None]
    return torch.from_numpy(array).to(device_of(module))


def device_of(module: nn.Module) -> torch.device:
    """Return where the module's weights are."""
    first = next(module.parameters(), None)
    return torch.device("cpu") if first is None else first.device


def to_numpy(tensor: Tensor) -> Floats:
    """Return a tensor as a float32 array without gradients."""
    return tensor.detach().to("cpu", torch.float32).numpy()
