"""A run on disk: what goes in comes out, also after a kill or on a full disk."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import streams
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small import DATA, RECIPE

from cnnviz.errors import InputError
from cnnviz.nn import recording
from cnnviz.nn.control import Control
from cnnviz.nn.events import Diverged, EpochEnd, Finished, Notice, Paused, Started
from cnnviz.nn.recipe import Augmentation, Recipe
from cnnviz.nn.training import train

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.nn.events import Event
    from cnnviz.nn.recording import Run

FILES = ("metrics.jsonl", "steps.f32", "checkpoint.safetensors", "test.safetensors")
per_example = settings(
    deadline=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def go_on(run: Run, events: int | None = None) -> None:
    """Record a training from the run's checkpoint on, or some first events of it."""
    training = recording.record(streams.training(run.recipe, run.checkpoint()), run)
    list(islice(training, events))
    training.close()


def contents(run: Run) -> Contents:
    """Return all that must not depend on how often a training was broken off."""
    paths = [run.folder / name for name in FILES]
    paths += sorted(run.folder.glob("[se]*/*"))
    return Contents({str(p.relative_to(run.folder)): p.read_bytes() for p in paths})


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return recording.create(tmp_path / "runs", streams.RECIPE, data=streams.DATA)


class Contents(dict[str, bytes]):
    """Contents whose names alone are shown where a test fails."""

    def __repr__(self) -> str:
        return repr(sorted(self))


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    runs = tmp_path_factory.mktemp("runs")
    run = recording.create(runs, streams.RECIPE, data=streams.DATA)
    go_on(run)
    return contents(run)


def test_what_is_recorded_is_read(run):
    assert run.state() == "new"
    assert (run.metrics(), run.snapshots(), run.epochs()) == ((), (), ())
    assert run.checkpoint() is None
    assert run.steps().step == 0
    go_on(run)
    again = recording.open_run(run.folder)
    assert again == run
    assert (again.recipe, again.data) == (streams.RECIPE, "MNIST")
    assert again.classes == streams.CLASSES
    assert again.state() == "complete"
    assert again.metrics() == tuple(map(streams.metrics, range(1, 7)))
    expected, found = streams.batches(1, 48), again.steps()
    for name in ("step", "loss", "accuracy", "learning_rate", "gradient_norm"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert again.snapshots() == (0, 8, 16, 24, 32, 40, 48)
    weights = again.weights(16)
    np.testing.assert_array_equal(
        weights["conv1.weight"], streams.weights(16)["conv1.weight"]
    )
    assert again.epochs() == (1, 2, 3, 4, 5, 6)
    np.testing.assert_array_equal(again.probabilities(2), streams.probabilities(2))
    np.testing.assert_array_equal(again.labels(), streams.DATA.test.labels)
    last, expected_last = again.checkpoint(), streams.checkpoint(48)
    assert (last.step, last.epoch, last.facts) == (48, 6, expected_last.facts)
    for name, tensor in expected_last.tensors.items():
        np.testing.assert_array_equal(last.tensors[name], tensor)
        assert last.tensors[name].dtype == tensor.dtype
    assert not list(run.folder.rglob(".*"))


def test_a_line_of_metrics_has_exactly_its_entries(run):
    def training() -> Generator[Event, None, None]:
        yield Started("CPU", "float32", 0, 0, 8, 16)
        for epoch in (1, 2):
            line = streams.metrics(epoch, validation=True)
            line = replace(line, test_loss=float("inf")) if epoch == 2 else line
            yield EpochEnd(line, streams.probabilities(epoch))

    list(recording.record(training(), run))
    first, second = (run.folder / "metrics.jsonl").read_text().splitlines()
    assert list(json.loads(first).items()) == [
        ("epoch", 1),
        ("step", 8),
        ("train_loss", 1.0),
        ("train_accuracy", 0.5),
        ("val_loss", 3.0),
        ("val_accuracy", 0.125),
        ("test_loss", 2.0),
        ("test_accuracy", 0.25),
        ("seconds", 1.5),
    ]
    assert json.loads(second)["test_loss"] is None  # JSON has no infinity
    assert np.isnan(run.metrics()[1].test_loss)
    assert run.metrics()[0] == streams.metrics(1, validation=True)
    bare = run.folder / "metrics.jsonl"
    bare.write_text("")
    go_on(run, events=7)
    assert "val_" not in bare.read_text()


@per_example
@given(cuts=st.lists(st.integers(1, 25), max_size=5), noise=st.binary(max_size=60))
def test_a_broken_off_training_goes_on_as_if_it_never_stopped(
    tmp_path_factory, unbroken, cuts, noise
):
    runs = tmp_path_factory.mktemp("runs")
    run = recording.create(runs, streams.RECIPE, data=streams.DATA)
    for events in cuts:
        go_on(run, events)
        for name in ("metrics.jsonl", "steps.f32", "log.jsonl"):
            with (run.folder / name).open("ab") as stream:
                stream.write(noise)  # what a write that never ended may leave
        (run.folder / "snapshots" / ".0123.part").write_bytes(noise)
        recording.open_run(run.folder).metrics()
        run.steps()
        assert run.state() in ("unfinished", "complete")
    go_on(run)
    assert contents(run) == unbroken
    assert run.state() == "complete"
    times = [entry["time"] for entry in run.log()]
    assert len(times) == len(cuts) + 1 + sum(
        e["event"] == "finished" for e in run.log()
    )


def test_kill_9_at_any_moment_loses_nothing_before_the_checkpoint(run, unbroken):
    command = [sys.executable, streams.__file__, str(run.folder)]
    for lines in (3, 9, 14):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout
            seen = [process.stdout.readline().strip() for _ in range(lines)]
            process.kill()
        assert b"Started" in seen
        before = run.checkpoint()
        assert before
        assert recording.open_run(run.folder).steps().step >= before.step
    go_on(run)
    assert contents(run) == unbroken


def test_an_epoch_killed_before_its_checkpoint_is_recorded_once(run):
    def killed() -> Generator[Event, None, None]:
        yield Started("CPU", "float32", 0, 0, 8, 48)
        yield streams.batches(1, 8)
        yield replace(streams.checkpoint(8), epoch=0)  # before the test
        yield EpochEnd(streams.metrics(1), streams.probabilities(1))

    def tested_again() -> Generator[Event, None, None]:
        yield Started("CPU", "float32", 8, 0, 8, 48)
        assert run.metrics() == ()
        yield EpochEnd(streams.metrics(1), streams.probabilities(1))

    list(recording.record(killed(), run))
    list(recording.record(tested_again(), run))
    assert run.metrics() == (streams.metrics(1),)
    assert run.epochs() == (1,)


def test_a_reset_in_the_same_run_begins_anew(run, unbroken):
    go_on(run)
    list(islice(recording.record(streams.training(), run), 2))
    assert run.checkpoint() is None
    assert (run.metrics(), run.snapshots(), run.epochs()) == ((), (0,), ())
    go_on(run)
    assert contents(run) == unbroken


def test_batches_that_nobody_told_of_leave_a_gap(run):
    def training() -> Generator[Event, None, None]:
        yield Started("CPU", "float32", 0, 0, 8, 16)
        yield streams.batches(1, 3)
        yield streams.batches(6, 7)

    list(recording.record(training(), run))
    loss = run.steps().loss
    np.testing.assert_allclose(1 / loss[[0, 1, 2, 5, 6]], [1, 2, 3, 6, 7], rtol=1e-6)
    assert np.isnan(loss[3:5]).all()


def test_how_it_ended_is_kept(run):
    def training(*events: Event) -> Generator[Event, None, None]:
        yield Started("CUDA, Card 9000", "bf16", 0, 0, 8, 16, "cuDNN sums anyhow.")
        yield from events

    diverged = Diverged(4, "conv2", "The loss is no number any more.")
    for events, state in (
        ([Notice("A smaller batch.")], "unfinished"),
        ([Finished(3, complete=False)], "stopped"),
        ([diverged, Finished(4, complete=False)], "diverged"),
        ([Finished(16, complete=True)], "complete"),
    ):
        list(recording.record(training(*events), run))
        assert run.state() == state
    told = [e for e in run.log() if e["event"] in ("notice", "diverged")]
    assert [entry["sentence"] for entry in told] == [
        "A smaller batch.",
        "The loss is no number any more.",
    ]
    assert run.log()[0]["device"] == "CUDA, Card 9000"


def test_where_it_goes_on_is_known_without_the_weights(run):
    assert run.saved() == 0
    go_on(run, 12)
    point = run.checkpoint()
    assert run.saved() == point.step > 0
    path = run.folder / "checkpoint.safetensors"
    data = path.read_bytes()
    for damage in (b"", data[:4], data[:40], b"\xff" * 40, data.replace(b"step", b"s")):
        path.write_bytes(damage)
        with pytest.raises(InputError, match="damaged"):
            run.saved()


def test_it_is_known_whether_a_run_is_in_training(run):
    assert not recording.is_in_training(run)
    training = recording.record(streams.training(run.recipe), run)
    next(training)
    assert recording.is_in_training(run)
    training.close()
    assert not recording.is_in_training(run)


def test_what_was_changed_last_is_in_force_when_it_goes_on(run):
    run = recording.create(run.folder.parent, RECIPE, data=DATA)
    assert run.latest_recipe() == RECIPE
    control = Control(paused=True)
    control.step(2)
    for event in recording.record(train(RECIPE, DATA, control), run):
        if isinstance(event, Paused) and event.step == 2:
            control.learning_rate = 0.0003
            control.step(1)
        elif isinstance(event, Paused):  # no batch comes after this
            control.augmentation = Augmentation(shift=1)
            control.stop()
    changed = [entry for entry in run.log() if entry["event"] == "changed"]
    assert [entry["step"] for entry in changed] == [2, 3]
    latest = recording.open_run(run.folder).latest_recipe()
    shifted = Augmentation(shift=1)
    assert latest == replace(RECIPE, learning_rate=0.0003, augmentation=shifted)
    assert run.recipe == RECIPE  # what it began with stays
    list(recording.record(train(latest, DATA, Control(), run.checkpoint()), run))
    rates = run.steps().learning_rate
    np.testing.assert_allclose(rates, [0.01] * 2 + [0.0003] * 12, rtol=1e-6)
    assert len([e for e in run.log() if e["event"] == "changed"]) == 2  # no news


def test_a_change_that_no_recipe_can_have_is_passed_over(run):
    good = {"event": "changed", "learning_rate": 0.5, "augmentation": {"shift": 1}}
    bad = ({"learning_rate": 0}, {"learning_rate": "x"}, {"augmentation": 3})
    lines = [good, *({**good, **damage} for damage in bad), {"event": "changed"}]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (run.folder / "log.jsonl").write_text(text)
    latest = run.latest_recipe()
    assert (latest.learning_rate, latest.augmentation) == (0.5, Augmentation(shift=1))


def test_closing_the_recording_closes_the_training(run):
    closed = []

    def training() -> Generator[Event, None, None]:
        try:
            yield from streams.training()
        finally:
            closed.append(True)

    recorded = recording.record(training(), run)
    next(recorded)
    recorded.close()
    assert closed == [True]


def test_one_writer_a_run(run):
    first = recording.record(streams.training(), run)
    next(first)
    with pytest.raises(InputError, match="is being trained just now"):
        next(recording.record(streams.training(), run))
    with pytest.raises(InputError, match="is being trained just now"):
        recording.delete(run.folder, run.folder.parent)
    assert recording.rename(run, "another").name == "another"
    first.close()
    go_on(run)
    assert run.state() == "complete"


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on a file's size there")
@pytest.mark.parametrize("limit", [500, 100_000])
def test_a_full_disk_is_one_sentence_and_the_run_goes_on_later(run, unbroken, limit):
    # A limit on the size of files makes the system refuse a write half way.
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from streams import *\n"
        "from cnnviz.errors import InputError\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "run = open_run(Path(sys.argv[1]))\n"
        "try:\n    list(record(training(), run))\n"
        "except InputError as error:\n    print(error)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(run.folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(streams.__file__).parent,
    ).stdout
    assert told.startswith("The run “Tiny network, adam” cannot be written: ")
    assert told.count("\n") == 1
    assert recording.open_run(run.folder).state() in ("new", "unfinished")
    go_on(run)
    assert contents(run) == unbroken


# ------------------------------------------------------- listing, naming and deleting


def test_runs_are_listed_newest_first_and_named(tmp_path):
    assert recording.runs(tmp_path / "none yet") == []
    made = [
        recording.create(tmp_path, Recipe(), " a \n long  name " + "x" * 90),
        recording.create(tmp_path, streams.RECIPE.with_optimizer("sgd"), "third"),
        recording.create(tmp_path, streams.RECIPE),
    ]
    assert [run.name[:11] for run in made] == ["a long name", "third", "Tiny networ"]
    assert len(made[0].name) == 80
    assert made[0].folder.name.endswith("-lecture-adam")
    assert len({run.folder for run in made}) == 3
    (tmp_path / "photographs").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    listed = recording.runs(tmp_path)
    assert {run.folder for run in listed} == {run.folder for run in made}
    keys = [(run.created, run.folder.name) for run in listed]
    assert keys == sorted(keys, reverse=True)
    renamed = recording.rename(made[1], "another")
    assert (
        recording.open_run(made[1].folder)
        == renamed
        == replace(made[1], name="another")
    )
    with pytest.raises(InputError, match="needs a name"):
        recording.rename(made[1], "  ")


def test_damaged_runs_are_told_of_and_others_still_listed(tmp_path):
    good = recording.create(tmp_path, streams.RECIPE)
    head = (good.folder / "run.json").read_text()
    broken = {
        "empty": "",
        "half": head[:200],
        "list": "[]",
        "deep": "[" * 200_000,
        "other": head.replace("cnnviz-run", "other"),
        "newer": head.replace('"version": 1', '"version": 99'),
        "recipe": head.replace('"adam"', '"lion"'),
        "nameless": head.replace('"name"', '"title"'),
        "absent": None,
    }
    for name, text in broken.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "steps.f32").write_bytes(b"")
        if text is not None:
            (tmp_path / name / "run.json").write_text(text)
    assert recording.runs(tmp_path) == [good]
    told = {run.folder.name: run.sentence for run in recording.damaged(tmp_path)}
    assert set(told) == set(broken)
    assert "newer cnnviz" in told.pop("newer")
    assert "holds no run" in told.pop("absent")
    assert all("is damaged" in sentence for sentence in told.values())


def test_a_folder_that_is_no_run_says_so(tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InputError, match=f"“{folder.name}” holds no run"):
            recording.open_run(folder)
    (tmp_path / "homework.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty"):
        recording.create_in(tmp_path, streams.RECIPE)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        recording.create_in(tmp_path / "file" / "run", streams.RECIPE)


def test_damaged_tensors_are_told_of(run):
    go_on(run)
    files = {
        "checkpoint.safetensors": run.checkpoint,
        "snapshots/00000008.safetensors": lambda: run.weights(8),
        "epochs/00000002.safetensors": lambda: run.probabilities(2),
        "test.safetensors": run.labels,
    }
    for name, read in files.items():
        path = run.folder / name
        path.write_bytes(path.read_bytes()[:-1])
        with pytest.raises(InputError, match="is damaged"):
            read()
    other = run.folder / "snapshots" / "00000016.safetensors"
    for name in ("checkpoint.safetensors", "epochs/00000002.safetensors"):
        (run.folder / name).write_bytes(other.read_bytes())
        with pytest.raises(InputError, match="is damaged"):
            files[name]()


def test_a_deleted_run_can_be_brought_back_until_the_next(tmp_path):
    first, second = (recording.create(tmp_path, streams.RECIPE) for _ in range(2))
    gone = recording.delete(first.folder, tmp_path)
    assert recording.runs(tmp_path) == [second]
    assert recording.restore(gone) == first.folder
    assert len(recording.runs(tmp_path)) == 2
    gone = recording.delete(first.folder, tmp_path)
    recording.delete(second.folder, tmp_path)
    assert recording.runs(tmp_path) == []
    with pytest.raises(InputError, match="cannot be brought back"):
        recording.restore(gone)


def test_nothing_but_a_run_among_runs_is_deleted(tmp_path):
    runs, mine = tmp_path / "runs", tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years")
    inside = recording.create(runs, streams.RECIPE)
    outside = recording.create(mine, streams.RECIPE)
    (runs / "pictures").mkdir()
    refused = [outside.folder, runs, runs / "pictures", runs / ".." / "mine"]
    if sys.platform != "win32":
        (runs / "link").symlink_to(outside.folder)
        (inside.folder / "more").symlink_to(mine)
        refused.append(runs / "link")
    for folder in refused:
        with pytest.raises(InputError, match="is no run in the folder of runs"):
            recording.delete(folder, runs)
    recording.delete(inside.folder, runs)
    recording.delete(recording.create(runs, streams.RECIPE).folder, runs)
    assert (mine / "thesis.txt").read_text() == "years"
    assert recording.open_run(outside.folder) == outside


def test_a_head_that_no_page_can_show_is_damaged(run):
    head = json.loads((run.folder / "run.json").read_text("utf-8"))
    recipe = head["recipe"]
    bare = {**recipe, "network": {**recipe["network"], "layers": []}}
    for changes in ({"created": "yesterday"}, {"created": ""}, {"recipe": bare}):
        (run.folder / "run.json").write_text(json.dumps({**head, **changes}))
        with pytest.raises(InputError, match=r"is damaged: its run\.json cannot be"):
            recording.open_run(run.folder)


def test_an_endless_name_and_impossible_plans_are_passed_over(run):
    head = json.loads((run.folder / "run.json").read_text("utf-8"))
    for name, shown in (
        ("x" * 10**6, "x" * 80),
        ("a\nb", "a b"),
        ("", run.folder.name),
    ):
        (run.folder / "run.json").write_text(json.dumps({**head, "name": name}))
        assert recording.open_run(run.folder).name == shown
    lines = ({"steps": value} for value in ("many", None, -1, 1e300, 2**31, 48))
    (run.folder / "log.jsonl").write_text("\n".join(map(json.dumps, lines)))
    assert run.planned() == 48
