"""Any torch module and an example taken apart into steps that can be looked at.

The module runs once. Every call of torch that reads the example, or something made of
it, becomes a step with its output and with the names of the steps that it reads, so
branches and residual connections are shown as what they are. A step is named after its
module if that made this call only, else after the module and the call.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from cnnviz.errors import InputError
from cnnviz.nn import arithmetic, pointwise
from cnnviz.nn.calls import NOT_TWO, Call, known
from cnnviz.nn.following import ONE_AT_A_TIME, Following, Taken, tensors
from cnnviz.nn.probing import check_scores, device_of, evaluating, guarded, to_numpy
from cnnviz.nn.terms import INPUT, norm_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch.utils.hooks import RemovableHandle

    from cnnviz.nn.arithmetic import Floats, Place, Terms

MAX_STEPS = 2000


@dataclass(frozen=True, eq=False)
class Step:
    """One call of torch in a network.

    Attributes
    ----------
    name : str
        Unique; such as ``"features.0"`` or ``"block.add1"``.
    title : str
        The module as torch writes it, or the call's name.
    sources : tuple of str
        The steps that it reads, or ``"input"``.
    output : float32 array
        For the first picture, without its batch axis: (maps, rows, columns) of maps,
        (channels, length) of curves, (units,) of a flat layer, or any other shape.
    call : Call
        Its kind, its weights, and the sentence if its terms cannot be shown.
    """

    name: str
    title: str
    sources: tuple[str, ...]
    output: Floats
    call: Call

    @property
    def parameters(self) -> int:
        """How many weights and biases it has."""
        return sum(
            array.size
            for name, array in self.call.weights.items()
            if not name.startswith("running")
        )


@dataclass(frozen=True, eq=False)
class Inspected:
    """A network as steps in the order of their execution.

    Attributes
    ----------
    input : float32 array
        The first example.
    steps : tuple of Step
    result : str
        The step that made what the network returns, or the first part of it.
    """

    input: Floats
    steps: tuple[Step, ...]
    result: str

    def step(self, name: str) -> Step:
        """Return a step by its name; a KeyError if there is none."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)

    def output(self, name: str) -> Floats:
        """Return a step's output by its name, or the input."""
        return self.input if name == INPUT else self.step(name).output


def inspect_module(module: nn.Module, example: Tensor | NDArray[Any]) -> Inspected:
    """Run a module once and take down every step.

    Parameters
    ----------
    module : nn.Module
        Left as it was, with no hook, also if it raises.
    example : tensor or array
        What it takes, with a batch axis first.

    Raises
    ------
    InputError
        The example does not fit, the module raises, its weights are not finite, or
        nothing of it can be seen.
    """
    if isinstance(example, Tensor):
        batch = example.detach().clone()
    else:
        batch = torch.from_numpy(np.array(example))
        if batch.dtype == torch.float64:
            batch = batch.float()
    if batch.ndim < 2 or not batch.numel():
        raise InputError(
            "The example has no batch axis: give one of shape (1, channels, rows, "
            "columns), say with example[None]."
        )
    batch = batch.to(device_of(module))
    seen = _Steps(batch)
    handles: list[RemovableHandle] = []
    with ONE_AT_A_TIME, guarded(module, batch):
        try:
            handles.extend(_follow(module, seen))
            with evaluating(module), torch.no_grad(), seen.following:
                result = module(batch)
        finally:
            for handle in handles:
                handle.remove()
    if isinstance(result, Tensor) and result.is_floating_point():
        check_scores(module, result)
    if not seen.made:
        raise InputError(
            "No step of this network can be seen: give the module itself, not a "
            "compiled or scripted one."
        )
    steps = seen.named(module)
    place = seen.following.place(next(tensors(result), None))
    last = steps[-1 if place is None else place]
    return Inspected(to_numpy(batch[0]).copy(), steps, last.name)


def step_terms(inspected: Inspected, name: str, place: Place) -> Terms:
    """Write out one value of a step.

    Parameters
    ----------
    inspected : Inspected
    name : str
    place : tuple of int
        As many numbers as the step's output has axes.

    Raises
    ------
    InputError
        With the step's note, if its terms cannot be shown.
    IndexError, KeyError
        There is no such value or step.
    """
    step = inspected.step(name)
    call, own = step.call, step.output
    if not all(0 <= n < size for n, size in zip(place, own.shape, strict=True)):
        raise IndexError(f"no value at {place} of {name}")
    if call.note:
        raise InputError(call.note)
    sources = [inspected.output(source) for source in step.sources]
    if call.kind == "add":
        values = [float(source[place]) for source in sources]
        return pointwise.add_terms(values, float(own[place]))
    before, unit, value = sources[0], place[0], float(own[place])
    bias = call.weights.get("bias")
    shift = 0.0 if bias is None else float(bias[unit])
    match call.kind:
        case "conv":
            return _conv_terms(call, before, own, shift, place)
        case "max-pool" | "average-pool":
            assert call.geometry is not None
            planes, at = (as_maps(before), as_maps(own)), in_maps(place)
            return arithmetic.pool_terms(call.kind, *planes, call.geometry, at)
        case "dense":
            row = call.weights["weight"][unit]
            return arithmetic.dense_terms(before, row, shift, own, unit)
        case "batch-norm":
            numbers = norm_numbers(_affine(call), unit, call.epsilon)
            return pointwise.norm_terms(float(before[place]), value, place, numbers)
        case "softmax":
            return arithmetic.softmax_terms(before, own, unit)
        case "flatten" | "reshape":
            flat = np.ravel_multi_index(place, own.shape)
            source = tuple(int(n) for n in np.unravel_index(flat, before.shape))
            return pointwise.point_terms(
                "flatten", float(before[source]), value, source
            )
    return pointwise.point_terms(call.kind, float(before[place]), value, place)


def _conv_terms(
    call: Call, before: Floats, own: Floats, bias: float, place: Place
) -> Terms:
    """Write out one value of a convolution, which reads the maps of its group."""
    assert call.geometry is not None
    unit, width = place[0], len(before) // call.groups
    group = unit // (len(own) // call.groups)
    return arithmetic.conv_terms(
        as_maps(before),
        call.weights["weight"][unit],
        bias,
        as_maps(own),
        call.geometry,
        in_maps(place),
        np.arange(group * width, (group + 1) * width),
        transposed=call.transposed,
    )


def as_maps(values: Floats) -> Floats:
    """Return curves (channels, length) as maps of one row, all else as it is."""
    return values[:, None, :] if values.ndim == 2 else values


def in_maps(place: Place) -> Place:
    """Return where a value of a curve lies in its map of one row; others stay."""
    return (place[0], 0, place[1]) if len(place) == 2 else place


def _affine(call: Call) -> dict[str, Floats]:
    """Return the numbers of batch norm; without a weight it is 1, without a bias 0."""
    ones = np.ones_like(call.weights["running_mean"])
    return {"weight": ones, "bias": 0 * ones, **call.weights}


@dataclass(frozen=True, eq=False)
class _Made:
    """A step before it has a name: the module that made it and in which run of it."""

    path: str
    run: int
    word: str
    sources: tuple[int, ...]
    output: Floats
    call: Call


class _Steps:
    """Takes down every step, and which module it belongs to."""

    def __init__(self, batch: Tensor) -> None:
        self.made: list[_Made] = []
        self.following = Following(batch, self._take)
        self._size = len(batch)
        self._paths: list[tuple[str, int]] = [("", 0)]
        self._runs = 0

    def enter(self, path: str) -> None:
        self._runs += 1
        self._paths.append((path, self._runs))

    def leave(self) -> None:
        self._paths.pop()

    def _take(self, taken: Taken) -> None:
        if len(self.made) >= MAX_STEPS:
            raise InputError(
                f"This network makes more than {MAX_STEPS:,} steps: give a part of it."
            )
        output, sources = taken.output, taken.sources
        call = known(taken.function, taken.args, taken.kwargs, output)
        if call.kind == "add" and len(sources) != 2:
            call = replace(call, note=NOT_TWO)
        alone = output.ndim > 1 and len(output) == self._size
        array = to_numpy(output[0] if alone else output).copy()
        if not alone and not call.note:
            call = replace(call, note="Its output has no axis for the pictures.")
        path, run = self._paths[-1]
        self.made.append(_Made(path, run, taken.name, sources, array, call))

    def named(self, module: nn.Module) -> tuple[Step, ...]:
        """Give every step its name, and its sources theirs."""
        alone = Counter((made.path, made.run) for made in self.made)
        parts = dict(module.named_modules())
        counts: Counter[str] = Counter()
        names: dict[int, str] = {-1: INPUT}
        steps = []
        for number, made in enumerate(self.made):
            leaf = alone[made.path, made.run] == 1 and not any(
                parts[made.path].children()
            )
            if leaf and made.path:
                name, title = made.path, str(parts[made.path])
                counts[name] += 1
                if counts[name] > 1:  # a module that is used again
                    name = f"{name} ({counts[name]})"
            else:
                stem = f"{made.path}.{made.word}".lstrip(".")
                counts[stem] += 1
                name, title = f"{stem}{counts[stem]}", made.word
            names[number] = name
            sources = tuple(names[source] for source in made.sources)
            steps.append(Step(name, title, sources, made.output, made.call))
        return tuple(steps)


def _follow(module: nn.Module, seen: _Steps) -> Iterator[RemovableHandle]:
    """Tell `seen` which module runs; yields the hooks, which must be removed."""
    for path, part in module.named_modules():
        yield part.register_forward_pre_hook(
            lambda _part, _inputs, path=path: seen.enter(path)
        )
        yield part.register_forward_hook(lambda _part, _inputs, _output: seen.leave())
