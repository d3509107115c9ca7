"""What a state leads to: the products of every window, and the spectra; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from cnnviz.ops.signals import (
    Sliding,
    Spectrum,
    applied,
    slide,
    spectrum,
    transform_length,
    with_holes,
)

if TYPE_CHECKING:
    from cnnviz.pages.signals.state import State


@dataclass(frozen=True, eq=False)
class Spectra:
    """The spectra of signal, kernel and result, zero-padded alike."""

    signal: Spectrum
    kernel: Spectrum
    result: Spectrum


class Run:
    """The result of a state whose window fits.

    Attributes
    ----------
    state : State
        What it was made from.
    sliding : Sliding
        Every product and every sum.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        weights = applied(state.kernel.array, state.operation)
        self.sliding: Sliding = slide(state.signal.array, weights, state.geometry)

    def serves(self, state: State) -> bool:
        """Whether another state leads to the same numbers."""
        return _key(self.state) == _key(state)

    @cached_property
    def spectra(self) -> Spectra:
        """The three spectra."""
        state = self.state
        transform = transform_length(len(state.signal), state.geometry)
        kernel = with_holes(state.kernel.array, state.dilation)
        return Spectra(
            spectrum(state.signal.array, transform),
            spectrum(kernel, transform),
            spectrum(self.sliding.sums, transform, state.stride),
        )


def _key(state: State) -> tuple[object, ...]:
    return state.signal, state.kernel, state.operation, state.geometry
