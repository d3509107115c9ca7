"""Asks two networks what they say of a picture while it is changed; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.errors import InputError
from cnnviz.ops.changes import RANGES
from cnnviz.pages.inspect.asked import of_chain
from cnnviz.pages.inspect.subject import Subject
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.nn.invariance import Invariance
    from cnnviz.nn.probing import Floats
    from cnnviz.pages.inspect.asking_view import Inputs, Kept
    from cnnviz.pages.inspect.why_state import Change, Changing

VALUES = 121
"""Settings over the range of a change."""

MOST_CURVES = 4
"""Classes that have a curve of their own colour."""

WORTH_A_CURVE = 0.1
"""Probability that a class must reach somewhere."""

DENSE = "dense"

HOW_TO_GET = (
    "To compare, train the network “Fully connected” on the Train page and choose its "
    "run here."
)


@dataclass(frozen=True, eq=False)
class Compared:
    """The curves so far.

    Attributes
    ----------
    found : Invariance
        Of one network or two.
    other : str
        What the second is called; empty if there is none.
    refusal : str
        Why there is none.
    """

    found: Invariance
    other: str = ""
    refusal: str = ""


class Opened:
    """Keeps the second network, for one thread alone."""

    def __init__(self) -> None:
        self._key = ""
        self._subject: Subject | None = None

    def subject(self, key: str) -> Subject:
        """Return a network by what a state calls it."""
        from cnnviz.pages.inspect import networks

        if self._subject is None or key != self._key:
            found = networks.load(key)
            if not isinstance(found, Subject):
                raise InputError("This file holds no network of our own kind.")
            self._subject, self._key = found, key
        return self._subject


def compare(
    kept: Kept,
    beside: Kept,
    opened: Opened,
    inputs: Inputs,
    picture: Floats,
    settings: Changing,
) -> Generator[Compared, None, None]:
    """Ask the network and the one beside it about a picture over a change's range."""
    from cnnviz.nn.invariance import invariance
    from cnnviz.pages.inspect import networks

    values = RANGES[settings.change].values(VALUES)
    asked = inputs.asked
    if len(inputs.classes) == 1:
        raise InputError("This network gives one number, so no probability can change.")
    if 1 in asked.input[1:]:
        raise InputError("The input is no picture that could be shifted or turned.")
    modules = [kept.module(asked, inputs.span)]
    name, refusal = "", ""
    try:
        other = opened.subject(settings.other or DENSE)
        if other.network.input != asked.input:
            raise InputError(
                "The other network takes pictures of another size: choose one that "
                "takes the same."
            )
        if len(other.classes) != len(inputs.classes):
            raise InputError(
                "The other network knows other classes: choose one that knows the same."
            )
        modules.append(beside.module(of_chain(other)))
        name = other.name
    except InputError as error:
        refusal = str(error)
        if not networks.shipped(DENSE).is_file():
            refusal = f"{error} {HOW_TO_GET}" if settings.other else HOW_TO_GET
    for found in invariance(modules, picture, settings.change, values):
        yield Compared(found, name, refusal)


# ------------------------------------------------------------------ in words


def curved(found: Invariance) -> list[int]:
    """Return the classes worth a curve, the one that wins unchanged first.

    The others are those that win over most of the range, then the likeliest.
    """
    shares = np.nan_to_num(found.probabilities)
    neutral = int(np.abs(found.values - RANGES[found.change].neutral).argmin())
    first = int(shares[0, neutral].argmax())
    peaks, means = shares.max(axis=(0, 1)), shares.mean(axis=(0, 1))
    wins = (shares == shares.max(axis=2, keepdims=True)).sum(axis=(0, 1))
    order = [int(n) for n in np.lexsort((-means, -wins))]
    rest = [n for n in order if n != first and peaks[n] >= WORTH_A_CURVE]
    return [first, *rest[: MOST_CURVES - 1]]


def others(found: Invariance, shown: list[int]) -> Floats | None:
    """Return what the classes without a curve get together, float32 (networks, N).

    None where that is nowhere worth a curve.
    """
    rest = np.delete(found.probabilities, shown, axis=2).sum(axis=2, dtype=np.float32)
    return rest if np.nan_to_num(rest).max(initial=0) >= WORTH_A_CURVE else None


def held(found: Invariance, network: int, label: int, name: str) -> str:
    """Say over which part of the range a network keeps its answer."""
    limits = RANGES[found.change]
    if bool(np.isnan(found.probabilities[network]).any()):
        return ""
    low, high = found.unchanged(network, label, limits.neutral)
    unit = f" {limits.unit}" if limits.unit else ""
    if low == high:
        return f"Never says {name}."
    ends = (numbers.text(np.float32(n), 2) for n in (low, high))
    return f"Says {name} from {next(ends)} to {next(ends)}{unit}."


def amount(change: Change, value: float) -> str:
    """Write a setting of a change with its unit."""
    unit = RANGES[change].unit
    return f"{numbers.text(np.float32(value), 3)} {unit}".rstrip()
