"""A training, event by event, on pictures so small that it takes no time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from threading import Thread
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from small import DATA, NORMED, RECIPE, TINY

from cnnviz.errors import InputError
from cnnviz.nn import training
from cnnviz.nn.control import Control, Watch
from cnnviz.nn.datasets import Dataset, Split
from cnnviz.nn.evaluation import evaluate
from cnnviz.nn.events import (
    Checkpoint,
    EpochEnd,
    Finished,
    Paused,
    Snapshot,
    Started,
    Steps,
    Watched,
)
from cnnviz.nn.learner import tensors
from cnnviz.nn.models import tiny
from cnnviz.nn.modules import build
from cnnviz.nn.network import Layer, Network, dense
from cnnviz.nn.recipe import LOSSES, OPTIMIZERS, SCHEDULES, Augmentation, Recipe
from cnnviz.nn.training import is_snapshot_step, train

PER_EPOCH = 7  # 101 pictures in batches of 16


def events_of(recipe=RECIPE, control=None, resume=None, data=DATA):
    return list(train(recipe, data, control or Control(), resume))


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def curve(events, name="loss"):
    return np.concatenate([getattr(event, name) for event in of(Steps, events)])


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(
        np.array_equal(one[name], other[name]) for name in one
    )


def test_the_order_of_events():
    events = events_of(replace(RECIPE, epochs=3))
    assert events[0] == Started("CPU", "float32", 0, 0, PER_EPOCH, 3 * PER_EPOCH)
    assert events[-1] == Finished(3 * PER_EPOCH, complete=True)
    assert Counter(type(event) for event in events[1:3]) == {Snapshot: 1, Checkpoint: 1}
    ends = [i for i, event in enumerate(events) if isinstance(event, EpochEnd)]
    assert len(ends) == 3
    for end in ends:
        assert isinstance(events[end - 1], Steps)
        assert isinstance(events[end + 1], Snapshot)
        assert isinstance(events[end + 2], Checkpoint)
    done = [event.step for event in of(Steps, events)]
    assert done == sorted(set(done))
    assert done[-1] == 3 * PER_EPOCH == len(curve(events))
    assert all(
        b - a == len(s.loss)
        for (a, b), s in zip(pairwise([0, *done]), of(Steps, events), strict=True)
    )
    assert [s.step for s in of(Snapshot, events)] == [0, 1, 2, 5, 7, 10, 14, 20, 21]
    assert [c.step for c in of(Checkpoint, events)] == [0, 7, 14, 21]
    assert all(event.speed > 0 for event in of(Steps, events))


def test_the_speed_of_a_training_that_goes_on_is_its_own():
    point = of(Checkpoint, events_of())[0]
    point = replace(point, facts={**point.facts, "seconds": 36_000.0})
    first, *_ = of(Steps, events_of(resume=point))
    assert first.speed > 1, "ten hours of before are not counted"


def test_it_learns_and_its_metrics_are_true():
    events = events_of(replace(RECIPE, epochs=8, validation=0.2))
    end = of(EpochEnd, events)[-1]
    metrics, probabilities = end.metrics, end.probabilities
    assert metrics.test_accuracy > 0.9
    assert metrics.val_accuracy > 0.6
    right = probabilities.argmax(1) == DATA.test.labels
    assert metrics.test_accuracy == pytest.approx(right.mean())
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    chosen = probabilities[np.arange(30), DATA.test.labels]
    assert metrics.test_loss == pytest.approx(-np.log(chosen).mean(), rel=1e-5)
    losses = curve(events)[-of(Started, events)[0].steps_per_epoch :]
    assert len(losses) == 5  # 81 pictures: the last batch takes one more
    weights = np.array([16, 16, 16, 16, 17])
    assert metrics.train_loss == pytest.approx((losses * weights).sum() / 81, rel=1e-5)
    assert 0 < metrics.seconds < 60


def test_the_accuracy_of_training_is_a_whole_number_of_pictures_by_all_of_them():
    for recipe in (RECIPE, replace(RECIPE, batch=7)):
        for end in of(EpochEnd, events_of(recipe)):
            accuracy = end.metrics.train_accuracy
            assert accuracy in {right / 101 for right in range(102)}


def test_every_picture_once_an_epoch():
    learner = training._Training(RECIPE, DATA, Control(), None).learner
    for epoch in range(2):
        steps = range(epoch * PER_EPOCH, (epoch + 1) * PER_EPOCH)
        seen = torch.cat([learner.pictures(step)[0] for step in steps]).numpy()
        everything = DATA.train.images.reshape(101, -1)
        assert sorted(map(bytes, seen.reshape(101, -1))) == sorted(
            map(bytes, everything)
        )
    first, second = learner.pictures(0)[0], learner.pictures(PER_EPOCH)[0]
    assert not torch.equal(first, second)


def test_the_same_seed_gives_the_same_numbers():
    changing = replace(RECIPE, augmentation=Augmentation(1, 10, 0.5))
    one, two = events_of(changing), events_of(changing)
    assert np.array_equal(curve(one), curve(two))
    assert same(of(Snapshot, one)[-1].weights, of(Snapshot, two)[-1].weights)
    other = events_of(replace(changing, seed=1))
    assert same(of(Snapshot, one)[0].weights, of(Snapshot, other)[0].weights)
    assert not np.array_equal(curve(one), curve(other))
    other = events_of(replace(changing, weights_seed=1))
    assert not same(of(Snapshot, one)[0].weights, of(Snapshot, other)[0].weights)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_going_on_from_any_checkpoint_is_as_if_it_had_never_stopped(
    optimizer, monkeypatch
):
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", 0.0)  # after every batch
    recipe = replace(
        RECIPE.with_optimizer(optimizer),
        augmentation=Augmentation(1, 10, 0.5),
        schedule="cosine",
        validation=0.1,
    )
    whole = events_of(recipe)
    points = of(Checkpoint, whole)
    assert len(points) >= of(Started, whole)[0].steps
    for point in (points[0], points[4], points[7], points[9]):
        rest = events_of(recipe, resume=point)
        assert rest[0].step == point.step
        assert np.array_equal(curve(rest), curve(whole)[point.step :])
        assert same(of(Checkpoint, rest)[-1].tensors, points[-1].tensors)
        last, expected = of(EpochEnd, rest)[-1].metrics, of(EpochEnd, whole)[-1].metrics
        assert replace(last, seconds=0) == replace(expected, seconds=0)


def test_batch_norm_goes_on_too():
    recipe = replace(RECIPE, network=NORMED)
    whole = events_of(recipe)
    point = of(Checkpoint, whole)[1]
    assert "model.norm1.running_mean" in point.tensors
    rest = events_of(recipe, resume=point)
    assert same(of(Snapshot, rest)[-1].weights, of(Snapshot, whole)[-1].weights)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_losses_and_schedules(loss, schedule):
    events = events_of(replace(RECIPE, loss=loss, schedule=schedule))
    assert np.isfinite(curve(events)).all()
    rates = curve(events, "learning_rate")
    assert rates.max() == pytest.approx(0.01, rel=0.1)
    assert (rates.std() == 0) == (schedule == "constant")


@pytest.mark.parametrize(
    ("changes", "rate"),
    [
        ({"learning_rate": 0.5}, 0.5),
        ({"augmentation": Augmentation(shift=2)}, 0.01),
        ({"augmentation": Augmentation()}, 0.01),
    ],
)
def test_rate_and_augmentation_change_while_it_runs(changes, rate):
    recipe = replace(RECIPE, augmentation=Augmentation(rotate=10))
    before, control = events_of(recipe), Control(paused=True)
    control.step(3)
    events = []
    for event in train(recipe, DATA, control):
        events.append(event)
        if isinstance(event, Paused):
            for name, value in changes.items():
                setattr(control, name, value)
            control.run()
    rates = curve(events, "learning_rate")
    assert rates == pytest.approx([0.01] * 3 + [rate] * 11)
    here, there = curve(events), curve(before)
    # The batch after the change is the first whose pictures, or whose step, differ.
    first = 4 if "learning_rate" in changes else 3
    assert np.array_equal(here[:first], there[:first])
    assert here[first] != there[first]


def test_stepping_pausing_and_looking():
    picture = DATA.test.images[3]
    control = Control(Watch(picture), paused=True)
    log = []
    for event in train(RECIPE, DATA, control):
        if isinstance(event, Watched | Paused | Finished | EpochEnd):
            log.append(event)
        if isinstance(event, Paused):
            match event.step:
                case 0:
                    control.step()
                case 1:
                    control.finish_epoch()
                case 7:
                    control.stop()
    assert [event.step for event in of(Paused, log)] == [0, 1, 7]
    for before, event in pairwise(log):
        if isinstance(event, Paused):
            assert isinstance(before, Watched)
            assert before.step == event.step
    assert log[-1] == Finished(7, complete=False)


def test_a_paused_training_shows_what_is_asked_for():
    control = Control(paused=True)
    control.step(2)
    watches = [Watch(DATA.test.images[0]), Watch(DATA.test.images[1], gradients=True)]
    seen = []
    for event in train(RECIPE, DATA, control):
        if isinstance(event, Watched):
            seen.append(event)
        if isinstance(event, Paused | Watched):
            if watches:
                control.look(watches.pop(0))
            else:
                control.stop()
    first, second = seen[:2]
    assert list(first.outputs) == list(TINY.names)
    shapes = [values.shape for values in first.outputs.values()]
    assert shapes == list(TINY.shapes)
    assert first.probabilities.sum() == pytest.approx(1)
    assert set(first.weights) == {"conv1.weight", "dense1.weight"}
    assert not first.gradients
    assert set(second.gradients) == set(second.weights)
    assert second.gradients["conv1.weight"].any()
    assert not np.array_equal(first.outputs["conv1"], second.outputs["conv1"])


def test_looking_changes_no_number():
    watched = Control(Watch(DATA.test.images[0], rate=1e9, gradients=True))
    recipe = replace(RECIPE, network=NORMED)
    one, other = events_of(recipe, watched), events_of(recipe)
    assert np.array_equal(curve(one), curve(other))
    assert len(of(Watched, one)) >= 14


def test_what_is_seen_is_what_the_snapshot_holds():
    control = Control(Watch(DATA.test.images[0]))
    events = events_of(RECIPE, control)
    seen, last = of(Watched, events)[-1], of(Snapshot, events)[-1]
    assert seen.step == last.step
    for name, values in seen.weights.items():
        assert np.array_equal(values, last.weights[name])


def test_it_ends_at_once_when_closed_or_stopped():
    running = train(replace(RECIPE, epochs=1000), DATA, Control())
    for event in running:
        if isinstance(event, EpochEnd):
            break
    running.close()
    assert list(running) == []
    control = Control()
    events = []
    for event in train(replace(RECIPE, epochs=1000), DATA, control):
        events.append(event)
        if isinstance(event, EpochEnd):
            control.stop()
    assert events[-1] == Finished(PER_EPOCH, complete=False)
    assert isinstance(events[-2], Checkpoint)


def test_another_thread_stops_it():
    control = Control()
    thread = Thread(target=lambda: events_of(replace(RECIPE, epochs=1000), control))
    thread.start()
    control.stop()
    thread.join(20)
    assert not thread.is_alive()


def test_a_stop_during_the_test_tests_again_when_it_goes_on(monkeypatch):
    control = Control()
    real = training.evaluate

    def stop_first(*arguments):
        control.stop()
        return real(*arguments)

    monkeypatch.setattr(training, "evaluate", stop_first)
    events = events_of(control=control)
    assert not of(EpochEnd, events)
    point = of(Checkpoint, events)[-1]
    assert (point.step, point.epoch) == (PER_EPOCH, 0)
    monkeypatch.setattr(training, "evaluate", real)
    rest = events_of(resume=point)
    assert [end.metrics.epoch for end in of(EpochEnd, rest)] == [1, 2]


@pytest.mark.parametrize(("seconds", "before"), [(0.25, True), (1e9, False)])
def test_a_long_test_begins_with_a_checkpoint(seconds, before, monkeypatch):
    test = Split(*(np.repeat(array, 100, 0) for array in vars(DATA.test).values()))
    data = replace(DATA, test=test)
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", seconds)
    monkeypatch.setattr(training.Tally, "tell", told_slowly)
    events = events_of(data=data)
    ends = [i for i, event in enumerate(events) if isinstance(event, EpochEnd)]
    assert len(ends) == RECIPE.epochs
    for end in ends:
        assert isinstance(events[end - 1], Checkpoint) == before
    if before:
        point = events[ends[0] - 1]
        assert (point.step, point.epoch) == (PER_EPOCH, 0)
        again = of(EpochEnd, events_of(resume=point, data=data))
        for one, other in zip(again, of(EpochEnd, events), strict=True):
            assert replace(one.metrics, seconds=0) == replace(other.metrics, seconds=0)


def told_slowly(tally, real=training.Tally.tell):
    """Say that 3,000 pictures take 0.3 seconds."""
    steps = real(tally)
    return steps and replace(steps, speed=10_000.0)


@pytest.mark.parametrize(
    ("recipe", "data", "words"),
    [
        (replace(RECIPE, batch=0), DATA, "batch cannot be 0"),
        (replace(RECIPE, network=Network()), DATA, "no layer yet"),
        (replace(RECIPE, network=NORMED, batch=1), DATA, "Batch norm needs"),
        (replace(RECIPE, device="cuda"), DATA, "no CUDA card"),
        (
            replace(RECIPE, network=Network(layers=(Layer("flatten"), dense(4)))),
            DATA,
            "1×8×8 and the network takes 1×28×28",
        ),
        (
            RECIPE,
            replace(DATA, test=Split(DATA.test.images[:0], DATA.test.labels[:0])),
            "none to test on",
        ),
    ],
)
def test_what_cannot_be_trained_says_why(recipe, data, words):
    if torch.cuda.is_available() and recipe.device == "cuda":
        pytest.skip("there is a CUDA card")
    with pytest.raises(InputError, match=words):
        next(train(recipe, data, Control()))


def test_checkpoints_of_something_else_are_refused():
    point = of(Checkpoint, events_of())[1]
    for recipe in (
        replace(RECIPE, batch=8),
        RECIPE.with_optimizer("sgd"),
        replace(RECIPE, network=NORMED),
    ):
        with pytest.raises(InputError, match=r"was made with|is of another"):
            next(train(recipe, DATA, Control(), point))
    for batch in (RECIPE.batch, 8):
        recipe = replace(RECIPE, network=NORMED, batch=batch)
        with pytest.raises(InputError, match="is of another network: choose the"):
            next(train(recipe, DATA, Control(), point))
    for damage in (
        {"step": 99},
        {"facts": {**point.facts, "loss": "x"}},
        {"facts": {**point.facts, "seconds": None}},
        {"facts": {}},
        {"tensors": {**point.tensors, "model.conv1.bias": np.zeros(9, np.float32)}},
        {"tensors": {**point.tensors, "model.more": np.zeros(9, np.float32)}},
        {"tensors": {**point.tensors, "optimizer.x.y": np.zeros(9, np.float32)}},
        {"tensors": {}},
    ):
        with pytest.raises(InputError):
            next(train(RECIPE, DATA, Control(), replace(point, **damage)))


def test_read_only_data_and_one_batch_an_epoch():
    images, labels = DATA.train.images.copy(), DATA.train.labels.copy()
    images.flags.writeable = labels.flags.writeable = False
    data = Dataset("frozen", Split(images, labels), DATA.test, DATA.classes)
    events = events_of(replace(RECIPE, batch=4096, epochs=1), data=data)
    assert events[-1] == Finished(1, complete=True)


def test_the_grid_of_snapshots():
    steps = [step for step in range(2001) if is_snapshot_step(step)]
    assert steps == [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]


@pytest.mark.mnist
def test_a_quarter_of_an_epoch_of_real_mnist(mnist):
    control = Control(paused=True)
    recipe = Recipe(network=tiny.NETWORK, learning_rate=0.003, batch=64)
    control.step(250)
    for event in train(recipe, mnist, control):
        if isinstance(event, Snapshot):
            weights = event.weights
        if isinstance(event, Checkpoint):
            weights = {n[6:]: v for n, v in event.tensors.items() if n[:6] == "model."}
        if isinstance(event, Paused):
            control.stop()
    module = build(tiny.NETWORK)
    module.load_state_dict({name: torch.tensor(v) for name, v in weights.items()})
    test = tensors(mnist.test, torch.device("cpu"))
    assert evaluate(module, *test, recipe).accuracy >= 0.95


def test_looks_take_no_more_than_their_share_and_weights_come_less_often():
    def looks(share: float) -> list[Watched]:
        control = Control(Watch(DATA.test.images[0], rate=1e9, share=share))
        return of(Watched, events_of(replace(RECIPE, epochs=20), control))

    all_of_them, few = looks(1e9), looks(0.0)
    assert len(few) < len(all_of_them) / 2
    assert not all(seen.weights for seen in all_of_them)
    assert all_of_them[-1].weights
    assert few[-1].weights


class Paced(Control):
    """Each batch takes 30 ms of a clock that stands still else."""

    def __init__(self, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(watch)
        self.now, self.begun = 0.0, 0
        clock = SimpleNamespace(perf_counter=lambda: self.now)
        monkeypatch.setattr(training, "time", clock)

    def begin_batch(self) -> bool:
        begins = super().begin_batch()
        self.begun += begins
        self.now += 0.03
        return begins


def test_looks_come_as_often_as_asked_though_each_waits_for_a_batch(monkeypatch):
    control = Paced(Watch(DATA.test.images[0], rate=10, share=1), monkeypatch)
    control.step(90)
    events = []
    for event in train(replace(RECIPE, batch=1), DATA, control):
        if isinstance(event, Paused):
            break
        events.append(event)
    looks = of(Watched, events)
    assert len(looks) >= 90 * 0.03 * 10
    assert {b.step - a.step for a, b in pairwise(looks)} <= {1, 3, 4}
    assert all(seen.weights for seen in looks)
    # The window is woken once, for what is seen and for what is told.
    told = [b for a, b in pairwise(events) if isinstance(a, Steps)]
    assert all(isinstance(b, Watched | Snapshot) for b in told[:-1])
    seen = of(Watched, told)
    assert 2 < len(seen) <= 90 * 0.03 * training.REPORTS_PER_SECOND + 1


def test_a_look_is_told_at_once_and_is_of_what_is_asked_for(monkeypatch):
    picture = DATA.test.images[0]
    control = Paced(Watch(picture, 10, 1), monkeypatch)
    control.step(40)
    late, empty = [], []
    for event in train(replace(RECIPE, batch=1), DATA, control):
        if isinstance(event, Paused):
            break
        if isinstance(event, Watched):
            late.append(control.begun - event.step)
            empty.append(not np.ptp(event.outputs["conv1"], axis=(1, 2)).any())
            if len(late) == 4:
                control.look(Watch(np.zeros_like(picture), 10, 1))
    assert len(late) > 8
    assert not any(late)
    assert empty == [n >= 4 for n in range(len(late))]
