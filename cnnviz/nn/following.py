"""Follows an example through a network: every call of torch that reads it, in order."""

from __future__ import annotations

from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING, Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

from cnnviz.nn.calls import SAME, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ONE_AT_A_TIME = RLock()
"""Held while a module of others runs: its modes and hooks are the same for all threads.
"""


@dataclass(frozen=True, eq=False)
class Taken:
    """A call that reads the example or what came of it.

    Attributes
    ----------
    number : int
        From 0, in the order of the calls.
    function : callable
    args, kwargs
        As it was called.
    sources : tuple of int
        The numbers of the calls that it reads, −1 for the example.
    output : tensor
        Its result, or the first tensor of it.
    """

    number: int
    function: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    sources: tuple[int, ...]
    output: Tensor

    @property
    def name(self) -> str:
        """What torch calls it."""
        return name_of(self.function)


class Following(TorchFunctionMode):
    """Numbers the calls that read an example while it is active.

    Parameters
    ----------
    batch : tensor
        The example.
    take : callable
        Is given each :class:`Taken`; what it returns, if anything, takes the place of
        the call's output.
    """

    def __init__(self, batch: Tensor, take: Callable[[Taken], Tensor | None]) -> None:
        super().__init__()
        self._take = take
        self._places: dict[int, int] = {id(batch): -1}
        self._kept: list[Tensor] = [batch]  # or their ids would be used again
        self._count = 0

    def place(self, tensor: Tensor | None) -> int | None:
        """Return the number of the call that made a tensor; None if none did."""
        found = self._places.get(id(tensor), -1)
        return found if found >= 0 else None

    def __torch_function__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Compute, and take the call down if it reads something that is followed."""
        kwargs = kwargs or {}
        sources = tuple(
            self._places[id(tensor)]
            for tensor in tensors((args, kwargs))
            if id(tensor) in self._places
        )
        result = func(*args, **kwargs)
        output = next(tensors(result), None)
        if not sources or output is None:
            return result
        if name_of(func) in SAME:
            self._keep(output, sources[0])
            return result
        number = self._count
        self._count += 1
        other = self._take(Taken(number, func, args, kwargs, sources, output))
        self._keep(output, number)
        if other is None or result is not output:
            return result
        self._keep(other, number)
        return other

    def _keep(self, tensor: Tensor, place: int) -> None:
        self._kept.append(tensor)
        self._places[id(tensor)] = place


def tensors(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in nested arguments."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from tensors(one)
    elif isinstance(value, dict):
        yield from tensors(list(value.values()))
