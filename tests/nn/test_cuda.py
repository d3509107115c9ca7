"""What a CUDA card does is what the processor does."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch
from small import DATA, NORMED, RECIPE
from test_divergence import WILD
from test_relief import PLAIN
from test_training import curve, events_of, of

from cnnviz.nn import relief
from cnnviz.nn.adversarial import METHODS, Attack
from cnnviz.nn.attribution import (
    grad_cam,
    gradient_times_input,
    integrated_gradients,
    saliency,
)
from cnnviz.nn.control import Control, Watch
from cnnviz.nn.datasets import Dataset, Split
from cnnviz.nn.device import choose, describe, title
from cnnviz.nn.dreaming import Dream, dream
from cnnviz.nn.evaluation import evaluate
from cnnviz.nn.events import (
    Checkpoint,
    Diverged,
    EpochEnd,
    Finished,
    Notice,
    Paused,
    Started,
    Watched,
)
from cnnviz.nn.favourites import favourites
from cnnviz.nn.foreign import inspect_module
from cnnviz.nn.invariance import invariance
from cnnviz.nn.learner import Batch, Learner, tensors
from cnnviz.nn.models import NETWORKS, lecture
from cnnviz.nn.modules import build
from cnnviz.nn.occlusion import occlusion
from cnnviz.nn.recipe import LOSSES, OPTIMIZERS, Augmentation, Recipe
from cnnviz.nn.robustness import accuracy_curve
from cnnviz.nn.timing import time_devices
from cnnviz.nn.training import train
from cnnviz.nn.verdicts import verdicts

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="there is no CUDA card"
)
CARD = torch.device("cuda")
NEAR = {"rtol": 1e-3, "atol": 1e-4}


@pytest.fixture(autouse=True)
def exact(monkeypatch):
    """Let no convolution round its inputs to the 10 bits of TF32."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)


def stopped_at(step, recipe):
    """Train so many batches and return the checkpoint that was made then."""
    control = Control(paused=True)
    control.step(step)
    events = []
    for event in train(recipe, DATA, control):
        events.append(event)
        if isinstance(event, Paused) and event.step == step:
            control.stop()
    return of(Checkpoint, events)[-1]


def test_the_card_is_found_and_named():
    name = torch.cuda.get_device_name()
    assert choose("auto") == choose("cuda") == CARD
    assert describe() == title(CARD) == f"CUDA, {name}"
    started = events_of(replace(RECIPE, device="auto", precision="auto"))[0]
    assert isinstance(started, Started)
    assert started.device == f"CUDA, {name}"
    bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
    assert started.precision == ("bf16" if bf16 else "float32")
    assert "same seed may differ" in started.repeatable


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("network", [PLAIN.network, NORMED], ids=["plain", "normed"])
def test_every_optimizer_goes_the_same_way(optimizer, network):
    recipe = replace(PLAIN, network=network, optimizer=optimizer, learning_rate=0.003)
    expected, found = (
        events_of(replace(recipe, device=device)) for device in ("cpu", "cuda")
    )
    np.testing.assert_allclose(curve(found), curve(expected), **NEAR)
    # The bias before a batch normalization has a gradient of rounding errors alone,
    # which most optimizers bring to full size; the running mean follows with a delay.
    near = 0.05 if network is NORMED else 1e-3
    for there, here in zip(of(EpochEnd, found), of(EpochEnd, expected), strict=True):
        np.testing.assert_allclose(there.probabilities, here.probabilities, atol=near)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_chance_and_augmentation(loss):
    changes = Augmentation(shift=1, rotate=10, elastic=1)
    recipe = replace(RECIPE, device="cuda", loss=loss, augmentation=changes)
    one, again = (events_of(recipe) for _ in range(2))
    assert one[-1] == Finished(14, complete=True)
    np.testing.assert_allclose(curve(one), curve(again), **NEAR)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    ("begins_on", "goes_on_on"), [("cuda", "cuda"), ("cuda", "cpu"), ("cpu", "cuda")]
)
def test_a_run_goes_on_where_it_was(optimizer, begins_on, goes_on_on):
    recipe = replace(PLAIN, optimizer=optimizer, learning_rate=0.003, device=begins_on)
    whole = curve(events_of(recipe))
    point = stopped_at(5, recipe)
    assert point.step == 5
    rest = events_of(replace(recipe, device=goes_on_on), resume=point)
    np.testing.assert_allclose(curve(rest), whole[5:], **NEAR)


# torch says that its debug mode may overlook something.
@pytest.mark.filterwarnings("ignore:Synchronization debug mode")
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_step_waits_for_nothing(optimizer):
    changes = Augmentation(shift=1, rotate=10, elastic=1)
    learner = Learner(replace(RECIPE, optimizer=optimizer), DATA, CARD)
    learner.learn(Batch(0, 0.003, changes))
    try:
        torch.cuda.set_sync_debug_mode("error")
        learner.learn(Batch(1, 0.003, changes))
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_a_loss_that_is_no_number():
    (end,) = of(Diverged, events_of(replace(WILD, device="cuda")))
    assert end.layer
    assert "broke down at batch" in end.sentence


def test_a_look_while_it_trains():
    control = Control(paused=True)
    control.watch = Watch(DATA.test.images[0], gradients=True)
    events = train(replace(RECIPE, device="cuda"), DATA, control)
    control.step(3)
    seen = []
    for event in events:
        if isinstance(event, Watched):
            seen.append(event)
        if isinstance(event, Paused) and event.step == 3:
            control.stop()
    last = seen[-1]
    assert last.step == 3
    assert last.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert last.weights.keys() == last.gradients.keys()
    assert all(np.isfinite(maps).all() for maps in last.outputs.values())


LARGE = Recipe(network=lecture.NETWORK, batch=2048, epochs=1, device="cuda")
_DRAW = np.random.default_rng(0)
NOISE = Dataset(
    "noise",
    Split(
        _DRAW.integers(0, 256, (8192, 1, 28, 28), np.uint8),
        _DRAW.integers(0, 10, 8192),
    ),
    Split(
        _DRAW.integers(0, 256, (500, 1, 28, 28), np.uint8),
        _DRAW.integers(0, 10, 500),
    ),
    tuple("0123456789"),
)


@pytest.fixture
def short_of_memory():
    """Return a call that leaves this process so many bytes of the card."""
    total = torch.cuda.get_device_properties(CARD).total_memory

    def leave(count: float) -> None:
        torch.cuda.empty_cache()
        torch.cuda.set_per_process_memory_fraction(min(1.0, count / total))

    yield leave
    leave(total)


def peak(batch: int) -> int:
    """Return the bytes of the card that a training with such batches takes."""
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    events_of(replace(LARGE, batch=batch), data=NOISE)
    return torch.cuda.max_memory_reserved()


def test_a_card_with_too_little_memory(short_of_memory):
    whole, half = peak(LARGE.batch), peak(LARGE.batch // 2)
    assert half < whole
    short_of_memory((whole + half) / 2)
    events = events_of(LARGE, data=NOISE)
    assert [each.sentence for each in of(Notice, events)] == [relief.IN_HALVES]
    assert events[-1].complete
    short_of_memory(half / 2)
    events = events_of(LARGE, data=NOISE)
    sentences = [each.sentence for each in of(Notice, events)]
    assert sentences == [relief.IN_HALVES, relief.ON_CPU]
    assert events[-1].complete


def test_an_epoch_is_timed_on_card_and_processor():
    done = [t for t in time_devices(RECIPE, DATA) if t.difference is not None]
    assert [each.device for each in done] == [title(CARD), "CPU"]
    assert 0 < done[0].difference < 0.05  # of the scores; bf16 where that is quicker
    assert done[1].difference < 1e-5


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_scores_the_same(network):
    recipe = Recipe(network=network)
    module = build(network, seed=1)
    images, labels = tensors(NOISE.test, torch.device("cpu"))
    here = evaluate(module, images, labels, recipe)
    there = evaluate(module.to(CARD), images.to(CARD), labels.to(CARD), recipe)
    assert there.loss == pytest.approx(here.loss, rel=1e-4)
    np.testing.assert_allclose(there.probabilities, here.probabilities, atol=1e-4)


ANGLES = np.linspace(-30, 30, 7, dtype=np.float32)
STILL = Dream(jitter=0)


def last(results):
    *_, end = results
    return end


# Each takes a module and a picture; its array is to be the same on card and processor.
QUESTIONS = {
    "saliency": lambda m, p: saliency(m, p, 3).values,
    "gradient × input": lambda m, p: gradient_times_input(m, p, 3).values,
    "integrated gradients": lambda m, p: last(integrated_gradients(m, p, 3)).values,
    "Grad-CAM": lambda m, p: grad_cam(m, p, "conv2", 3).heat,
    "occlusion": lambda m, p: last(occlusion(m, p)).probabilities,
    "invariance": lambda m, p: last(invariance([m], p, "rotate", ANGLES)).probabilities,
    "favourites": lambda m, p: last(favourites(m, NOISE.test, "conv1")).values,
    "verdicts": lambda m, p: last(verdicts(m, NOISE.test)).probability,
    "dream": lambda m, p: last(islice(dream(m, "conv2", 0, p, STILL), 5)).picture,
    "steps": lambda m, p: inspect_module(m, p[None]).steps[-1].output,
    **{
        f"accuracy against ε, {method}": lambda m, p, method=method: (
            last(
                accuracy_curve(m, NOISE.test, (0.0, 0.05), Attack(method, steps=2))
            ).accuracy
        )
        for method in METHODS
    },
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_the_same(question):
    ask, picture = QUESTIONS[question], NOISE.test.images[0].astype(np.float32) / 255
    here, there = (
        np.asarray(ask(build(lecture.NETWORK, seed=2).to(device), picture))
        for device in ("cpu", CARD)
    )
    scale = max(1.0, np.abs(here).max())
    np.testing.assert_allclose(there / scale, here / scale, atol=2e-3)


def test_learners_of_one_seed_begin_with_the_same_weights():
    one, other = (Learner(RECIPE, DATA, device) for device in ("cpu", CARD))
    for name, values in one.weights().items():
        np.testing.assert_array_equal(other.weights()[name], values)
