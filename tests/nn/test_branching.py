"""A run that branches off another one goes on from its weights, and both are whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from small import DATA, RECIPE

from cnnviz.errors import InputError
from cnnviz.nn import recording, resuming
from cnnviz.nn.branching import branch
from cnnviz.nn.control import Control
from cnnviz.nn.events import EpochEnd, Started
from cnnviz.nn.recipe import Augmentation
from cnnviz.nn.run import CHECKPOINT, LOG, tensor_path
from cnnviz.nn.training import train

if TYPE_CHECKING:
    from pathlib import Path

    from cnnviz.nn.recipe import Recipe
    from cnnviz.nn.recording import Run

PER_EPOCH = -(-len(DATA.train) // RECIPE.batch)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = recording.create(tmp_path_factory.mktemp("runs"), RECIPE, data=DATA)
    train_on(run)
    return run


def train_on(run: Run) -> list[object]:
    events = train(run.recipe, DATA, Control(), run.checkpoint())
    return list(recording.record(events, run))


def contents(run: Run) -> dict[Path, bytes]:
    files = [path for path in run.folder.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in files}


@pytest.mark.parametrize("step", [0, 2, 5, PER_EPOCH])
def test_it_goes_on_from_there_and_the_other_is_as_it_was(run, tmp_path, step):
    before = contents(run)
    recipe = replace(RECIPE, learning_rate=0.001)
    new = branch(run, step, tmp_path, recipe, DATA)
    assert new.snapshots() == tuple(n for n in run.snapshots() if n <= step)
    for name, values in new.weights(step).items():
        np.testing.assert_array_equal(values, run.weights(step)[name])
    assert [m.step for m in new.metrics()] == [PER_EPOCH] * (step == PER_EPOCH)
    assert new.log()[0]["from"] == run.name
    assert new.log()[0]["step"] == step
    started, *events = train_on(new)
    assert isinstance(started, Started)
    assert (started.step, started.epoch) == (step, step // PER_EPOCH)
    assert new.state() == "complete"
    assert len(new.metrics()) == RECIPE.epochs
    old, grown = run.steps(), new.steps()
    assert grown.step == old.step
    np.testing.assert_array_equal(grown.loss[:step], old.loss[:step])
    assert (grown.learning_rate[step:] == np.float32(0.001)).all()
    assert sum(isinstance(event, EpochEnd) for event in events) == (
        RECIPE.epochs - step // PER_EPOCH
    )
    assert contents(run) == before


def test_the_epoch_it_cuts_into_is_averaged_whole(run, tmp_path):
    new = branch(run, 5, tmp_path, RECIPE, DATA)
    train_on(new)
    sizes = np.full(PER_EPOCH, RECIPE.batch)
    sizes[-1] = len(DATA.train) % RECIPE.batch
    expected = (new.steps().loss[:PER_EPOCH] * sizes).sum() / sizes.sum()
    assert new.metrics()[0].train_loss == pytest.approx(expected, rel=1e-5)
    assert 0 < new.checkpoint().facts["seconds"]


def notices(run: Run) -> list[str]:
    return [entry["sentence"] for entry in run.log() if entry["event"] == "notice"]


def stopped_after(epochs: int, folder: Path, recipe: Recipe) -> Run:
    run, control = recording.create(folder, recipe, data=DATA), Control()
    for event in recording.record(train(recipe, DATA, control), run):
        if isinstance(event, EpochEnd) and event.metrics.epoch == epochs:
            control.stop()
    return run


CHANGING = replace(RECIPE, augmentation=Augmentation(1, 10, 0.5), epochs=3)


def test_where_the_other_stopped_it_goes_on_bit_for_bit(tmp_path):
    run = stopped_after(1, tmp_path, CHANGING)
    new = branch(run, PER_EPOCH, tmp_path, CHANGING, DATA)
    train_on(run)
    train_on(new)
    np.testing.assert_array_equal(new.steps().loss, run.steps().loss)
    for name, values in run.weights(3 * PER_EPOCH).items():
        np.testing.assert_array_equal(new.weights(3 * PER_EPOCH)[name], values)
    assert not notices(new)


@pytest.mark.parametrize(
    ("optimizer", "momentum", "step", "told"),
    [
        ("adam", 0.9, 5, True),
        ("ftrl", 0.9, 5, True),
        ("sgd", 0.9, 5, True),
        ("sgd", 0.0, 5, False),  # it remembers nothing
        ("adam", 0.9, 0, False),  # there is nothing to remember yet
    ],
)
def test_averages_that_begin_anew_are_told_of(
    tmp_path, optimizer, momentum, step, told
):
    recipe = replace(RECIPE.with_optimizer(optimizer), momentum=momentum)
    run = stopped_after(1, tmp_path, recipe)
    new = branch(run, step, tmp_path, recipe, DATA)
    train_on(new)
    assert notices(new) == [resuming.ANEW] * told
    assert not any("optimizer." in name for name in run.weights(step))
    assert new.state() == "complete"


def test_averages_of_a_breakdown_are_left_behind(tmp_path):
    run = stopped_after(1, tmp_path, RECIPE)
    with (run.folder / LOG).open("a") as log:
        log.write('{"event": "diverged"}\n')
    assert run.state() == "diverged"
    new = branch(run, PER_EPOCH, tmp_path, RECIPE, DATA)
    assert not any(name.startswith("optimizer.") for name in new.checkpoint().tensors)


@pytest.mark.parametrize("harm", ["snapshot", "log"])
def test_what_is_damaged_is_told_and_leaves_no_run(run, tmp_path, harm):
    copy = branch(run, PER_EPOCH, tmp_path / "copy", RECIPE, DATA)
    if harm == "snapshot":
        path = tensor_path(copy.folder / "snapshots", 2)
        path.unlink()  # not to write through the link
        path.write_bytes(b"nothing")
    else:
        (copy.folder / LOG).write_bytes(b"\n")
    with pytest.raises(InputError, match="damaged"):
        branch(copy, 2, tmp_path / "new", RECIPE, DATA)
    assert not list((tmp_path / "new").glob("*"))
    assert (copy.folder / CHECKPOINT).exists()
