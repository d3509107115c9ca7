"""Speed of training against a tutorial's loop, Keras and bare matrix products."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from sides import BATCH, PRODUCT, pictures
from test_memory import resident_mb
from turns import compare, timed

from cnnviz.nn.control import Control
from cnnviz.nn.datasets import Dataset, Split
from cnnviz.nn.device import bf16_pays
from cnnviz.nn.events import EpochEnd, Paused
from cnnviz.nn.models import lecture
from cnnviz.nn.network import Network, layer_parameters
from cnnviz.nn.recipe import Recipe, fast_99
from cnnviz.nn.training import train

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROUNDS, BATCHES = 7, 20
ON_CARD = 300
RUNS, MOST_MB = 10, 30

KERAS = os.environ.get("CNNVIZ_KERAS_PYTHON") or sys.executable
"""An interpreter with TensorFlow, which need not be the one of the tests."""

needs_keras = pytest.mark.skipif(
    KERAS == sys.executable and find_spec("tensorflow") is None,
    reason="no TensorFlow here: CNNVIZ_KERAS_PYTHON can name a Python that has it",
)
on_card = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="there is no CUDA card"
)
needs_bf16 = pytest.mark.skipif(
    not bf16_pays(torch.device("cpu")), reason="this processor multiplies no bf16"
)


@contextmanager
def answers(
    script: str, words: Sequence[str], batches: int, python: str = sys.executable
) -> Iterator[Callable[[], str]]:
    """Start a script of this folder; a call returns its answer to so many batches."""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [python, Path(__file__).with_name(script), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(root)},
        text=True,
    ) as process:

        def ask() -> str:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{batches}\n")
            process.stdin.flush()
            return process.stdout.readline()

        ask()  # the first turn compiles, fetches and warms up
        yield ask
        process.stdin.close()


@contextmanager
def side(
    name: str, batches: int = BATCHES, device: str = "cpu"
) -> Iterator[Callable[[], float]]:
    """Start one side of a comparison; a call returns the seconds of some batches."""
    python = KERAS if name == "keras" else sys.executable
    with answers("sides.py", (name, device), batches, python) as ask:
        yield lambda: float(ask())


def table(
    name: str, own: float, other: float, ratio: float, least: float, batches: int
) -> str:
    ours, theirs = (1000 * seconds / batches for seconds in (own, other))
    return (
        f"\n{name:22} {ours:6.2f} ms a step, theirs {theirs:6.2f} ms: "
        f"{1 / ratio:.2f}× (at least {least}×)"
    )


@timed
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("precision", "other", "least"),
    [
        ("float32", "tutorial", 1.6),
        pytest.param("float32", "keras", 1.2, marks=needs_keras),
        pytest.param("bf16", "keras", 2.0, marks=[needs_keras, needs_bf16]),
    ],
)
def test_training_is_quicker_than(precision, other, least, capsys):
    with ExitStack() as stack:
        ours, theirs = (stack.enter_context(side(n)) for n in (precision, other))
        own, yardstick, ratio = compare(ours, theirs, ROUNDS)
    with capsys.disabled():
        name = f"{precision} over {other}"
        print(table(name, own, yardstick, ratio, least, BATCHES), end="")
    assert 1 / ratio >= least


@timed
@on_card
@pytest.mark.timeout(600)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_training_on_a_card_is_quicker_than_the_tutorial(precision, capsys):
    with ExitStack() as stack:
        ours, theirs = (
            stack.enter_context(side(name, ON_CARD, "cuda"))
            for name in (precision, "tutorial")
        )
        own, yardstick, ratio = compare(ours, theirs, ROUNDS)
    with capsys.disabled():
        name = f"{torch.cuda.get_device_name()}, {precision} over tutorial"
        print(table(name, own, yardstick, ratio, 1.0, ON_CARD), end="")
    # Both wait for Python to start some eighty small kernels a step.
    assert 1 / ratio >= 1.0


@timed
@pytest.mark.timeout(600)
def test_share_of_what_the_machine_multiplies(capsys):
    with side("float32") as ours, side("product", 4) as product:
        step, multiplied, ratio = compare(ours, product, ROUNDS)
    rate = 2 * PRODUCT**3 * 4 / multiplied
    share = operations(lecture.NETWORK) * BATCH * BATCHES / (2 * PRODUCT**3 * 4) / ratio
    with capsys.disabled():
        print(
            f"\nmatrix product {rate / 1e9:.0f} GFLOP/s; a step of "
            f"{1000 * step / BATCHES:.1f} ms is {share:.0%} of it",
            end="",
        )
    assert 0.1 < share <= 1.2


def operations(network: Network) -> float:
    """Count additions and multiplications of training on one picture.

    They are those of sums of products, of which minimal filtering needs fewer.
    A weight of a convolution is used once for each of its outputs; its gradient costs
    as much, and that of its input too, which the first layer doesn't need.
    """
    total, before, first = 0, network.input, True
    for layer, shape in zip(network.layers, network.shapes, strict=True):
        if layer.kind in ("conv", "dense"):
            weights = layer_parameters(layer, before) - layer.outputs
            places = int(np.prod(shape[1:]))
            total += 2 * weights * places * (2 if first else 3)
            first = False
        before = shape
    return total


@timed
@pytest.mark.timeout(600)
def test_ten_runs_in_a_row(capsys):
    images, labels = pictures()
    data = Dataset(
        "noise",
        Split(images, labels),
        Split(images[:BATCH], labels[:BATCH]),
        tuple("0123456789"),
    )

    def run() -> None:
        control = Control(paused=True)
        control.step(8)
        for event in train(Recipe(epochs=1), data, control):
            if isinstance(event, Paused):
                control.stop()

    for _ in range(3):
        run()
    before = resident_mb()
    for _ in range(RUNS):
        run()
    grown = resident_mb() - before
    with capsys.disabled():
        print(f"\n{RUNS} runs: {grown:+.1f} MB (at most {MOST_MB})", end="")
    assert grown < MOST_MB


@timed
@pytest.mark.timeout(1200)
def test_fast_99(mnist, capsys):
    recipe = fast_99()
    assert recipe.epochs < 2
    reached = []
    for seed in range(3):
        events = train(replace(recipe, seed=seed, weights_seed=seed), mnist, Control())
        reached += [e.metrics for e in events if isinstance(e, EpochEnd)]
    line = ", ".join(f"{m.test_accuracy:.2%} in {m.seconds:.0f} s" for m in reached)
    with capsys.disabled():
        print(f"\nfast 99 %, one epoch: {line}", end="")
    assert sorted(m.test_accuracy for m in reached)[1] >= 0.99


@timed
@on_card
@pytest.mark.timeout(600)
def test_a_card_reaches_99_within_three_seconds(mnist, capsys):
    recipe = replace(fast_99(), device="cuda", batch=512, epochs=3)
    control = Control(paused=True)
    events = train(recipe, mnist, control)
    control.step(10)  # to warm up
    while not isinstance(next(events), Paused):
        pass
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    control.run()
    reached = 0.0
    for event in events:
        if isinstance(event, EpochEnd):
            end.record()
            reached = event.metrics.test_accuracy
            if reached >= 0.99:
                break
    torch.cuda.synchronize()
    seconds = begin.elapsed_time(end) / 1000
    with capsys.disabled():
        name = torch.cuda.get_device_name()
        print(f"\n{name}: {reached:.2%} after {seconds:.2f} s", end="")
    assert reached >= 0.99
    assert seconds < 3
