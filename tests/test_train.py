"""``cnnviz train`` as a script meets it: words in; a run, sentences, exit codes out."""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import subprocess
import sys
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cnnviz import cli, train
from cnnviz.console import Console
from cnnviz.nn import (
    checkpoints,
    digits,
    download,
    idx,
    model_card,
    picture_folders,
    recording,
)
from cnnviz.nn.events import EpochEnd
from cnnviz.nn.models import lenet5, tiny
from cnnviz.nn.recipe import DEVICES, OPTIMIZERS, Augmentation, Recipe, fast_99
from cnnviz.nn.run import CHECKPOINT, SNAPSHOTS, tensor_path

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from cnnviz.nn.events import Event

TINY = ("--model", "tiny", "--batch", "50", "--device", "cpu", "--precision", "float32")
not_windows = pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")


def write_digits(folder: Path) -> None:
    """Put few generated digits where the four files of MNIST may be."""
    folder.mkdir(parents=True)
    for name, count, seed in (("train", 500, 1), ("t10k", 100, 2)):
        split = digits.generate(count, seed)
        idx.write(folder / f"{name}-images-idx3-ubyte", split.images[:, 0])
        labels = split.labels.astype(np.uint8)
        idx.write(folder / f"{name}-labels-idx1-ubyte.gz", labels)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "digits"
    write_digits(folder)
    return folder


def cnnviz_train(*words: object) -> int:
    return cli.main(["train", *map(str, words)])


def measured(run: recording.Run) -> list[dict[str, Any]]:
    """Return the metrics without what differs from time to time."""
    return [{**asdict(line), "seconds": 0} for line in run.metrics()]


def test_it_trains_records_and_writes_weights(folder, tmp_path, capsys):
    out, weights = tmp_path / "runs" / "a run", tmp_path / "w.safetensors"
    words = ("--data", folder, "--epochs", 2, "--validation", 0.2, "--seed", 7)
    code = cnnviz_train(
        *words, *TINY, "--out", out, "--name", "mine", "--weights", weights
    )
    assert code == 0
    run = recording.open_run(out)
    assert (run.name, run.data, run.state()) == ("mine", "digits", "complete")
    assert run.recipe.network.layers == tiny.NETWORK.layers
    assert (run.recipe.data, run.recipe.seed) == (str(folder), 7)
    assert run.steps().step == 16
    lines = [json.loads(x) for x in (out / "metrics.jsonl").read_text().splitlines()]
    assert [(x["epoch"], x["step"]) for x in lines] == [(1, 8), (2, 16)]
    assert all("val_accuracy" in x for x in lines)
    np.testing.assert_allclose(run.probabilities(2).sum(1), 1, rtol=1e-5)
    right = run.probabilities(2).argmax(1) == run.labels()
    assert right.mean() == pytest.approx(lines[1]["test_accuracy"])

    network, values, facts = checkpoints.load(weights)
    assert network == run.recipe.network
    assert facts["test_accuracy"] == lines[1]["test_accuracy"]
    for name, value in run.weights(16).items():
        np.testing.assert_array_equal(values[name], value)
    card = weights.with_suffix(".md").read_text("utf-8")
    assert f"{lines[1]['test_accuracy']:.2%}" in card
    assert "--seed 7" in card

    shown, errors = capsys.readouterr()
    assert errors == ""
    assert "Tiny network, 5,994 parameters, on digits" in shown
    assert "epoch 1/2  train" in shown
    assert f"test {lines[1]['test_accuracy']:7.2%} loss" in shown
    assert shown.endswith("w.safetensors, their model card beside it.\n")


def test_without_out_the_window_finds_the_run(folder, home):
    assert cnnviz_train("--data", folder, "--epochs", 1, *TINY) == 0
    (run,) = recording.runs(home / "data" / "runs")
    assert run.name == "Tiny network, adam"


@not_windows
def test_ctrl_c_ends_it_cleanly(folder, tmp_path):
    words = ("--data", folder, "--epochs", 1000, *TINY, "--out", tmp_path / "run")
    command = [sys.executable, "-W", "error", "-m", "cnnviz", "train", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*map(str, command)], stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if line.startswith("epoch    1/1000"):
                process.send_signal(signal.SIGINT)
                break
        shown, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"cnnviz train --resume {tmp_path / 'run'}" in shown
    assert errors == ""
    run = recording.open_run(tmp_path / "run")
    assert run.state() == "stopped"
    assert run.checkpoint().step == run.steps().step >= 10


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
def test_what_was_stopped_goes_on_as_if_it_never_was(
    folder, tmp_path, monkeypatch, capsys, number, code
):
    show = Console.show

    def show_and_stop(screen: Console, event: Event) -> None:
        show(screen, event)
        if isinstance(event, EpochEnd) and event.metrics.epoch == 2:
            signal.raise_signal(number)

    words = ("--data", folder, "--epochs", 4, *TINY, "--shift", 1)
    with monkeypatch.context() as patched:
        patched.setattr(Console, "show", show_and_stop)
        assert cnnviz_train(*words, "--out", tmp_path / "stopped") == code
    assert signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL)
    run = recording.open_run(tmp_path / "stopped")
    assert len(run.metrics()) == 2
    assert cnnviz_train("--resume", tmp_path / "stopped") == 0
    assert "Goes on after 20 of 40 batches" in capsys.readouterr().out
    assert cnnviz_train(*words, "--out", tmp_path / "whole") == 0
    whole = recording.open_run(tmp_path / "whole")
    np.testing.assert_array_equal(run.steps().loss, whole.steps().loss)
    assert measured(run) == measured(whole)
    assert run.snapshots() == whole.snapshots()


def test_it_goes_on_with_the_rate_that_was_set_last(folder, tmp_path, monkeypatch):
    show = Console.show

    def show_and_stop(screen: Console, event: Event) -> None:
        show(screen, event)
        if isinstance(event, EpochEnd):
            signal.raise_signal(signal.SIGINT)

    words = ("--data", folder, "--epochs", 2, *TINY, "--out", tmp_path / "run")
    with monkeypatch.context() as patched:
        patched.setattr(Console, "show", show_and_stop)
        assert cnnviz_train(*words) == 130
    changed = {"event": "changed", "step": 10, "learning_rate": 0.0003}
    with (tmp_path / "run" / "log.jsonl").open("a") as log:  # as the window writes it
        log.write(json.dumps({**changed, "augmentation": {"shift": 1}}) + "\n")
    assert cnnviz_train("--resume", tmp_path / "run") == 0
    rates = recording.open_run(tmp_path / "run").steps().learning_rate
    np.testing.assert_allclose(rates, [0.001] * 10 + [0.0003] * 10, rtol=1e-6)


@pytest.mark.parametrize("damage", ["damaged", "gone"])
def test_without_its_checkpoint_a_run_goes_on_from_its_newest_whole_snapshot(
    folder, tmp_path, monkeypatch, capsys, damage
):
    show = Console.show

    def show_and_stop(screen: Console, event: Event) -> None:
        show(screen, event)
        if isinstance(event, EpochEnd) and event.metrics.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    out = tmp_path / "run"
    words = ("--data", folder, "--epochs", 3, *TINY, "--out", out)
    with monkeypatch.context() as patched:
        patched.setattr(Console, "show", show_and_stop)
        assert cnnviz_train(*words) == 130
    run = recording.open_run(out)
    before, losses = measured(run), run.steps().loss
    assert run.snapshots()[-2:] == (10, 20)
    checkpoint = out / CHECKPOINT
    if damage == "gone":
        checkpoint.unlink()
    else:
        checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    newest = tensor_path(out / SNAPSHOTS, 20)
    newest.write_bytes(newest.read_bytes()[:1000])
    capsys.readouterr()
    assert cnnviz_train("--resume", out) == 0
    shown, errors = capsys.readouterr()
    assert errors == ""
    assert "Goes on after 10 of 30 batches" in shown
    assert (
        f"The checkpoint of this run is {damage}: it goes on from its newest whole "
        "snapshot, after batch 10.\n" in shown
    )
    assert run.state() == "complete"
    assert run.steps().step == run.checkpoint().step == 30
    np.testing.assert_array_equal(run.steps().loss[:10], losses[:10])
    assert measured(run)[:1] == before[:1]
    assert [line["epoch"] for line in measured(run)] == [1, 2, 3]
    assert cnnviz_train("--resume", out) == 0
    shown = capsys.readouterr().out
    assert "The checkpoint" not in shown
    assert "It is trained to the end: all 30 batches are done" in shown


def test_a_run_of_which_nothing_is_whole_is_refused(folder, tmp_path, capsys):
    out = tmp_path / "run"
    cnnviz_train("--data", folder, "--epochs", 1, *TINY, "--out", out)
    run = recording.open_run(out)
    for path in (out / CHECKPOINT, *(out / SNAPSHOTS).iterdir()):
        path.write_bytes(path.read_bytes()[:100])
    before = run.metrics(), run.snapshots()
    assert cnnviz_train("--resume", out) == 1
    assert "is damaged and no snapshot is whole: start" in capsys.readouterr().err
    assert (run.metrics(), run.snapshots()) == before


def test_a_finished_run_gives_its_weights_later(folder, tmp_path, capsys):
    cnnviz_train("--data", folder, "--epochs", 1, *TINY, "--out", tmp_path / "run")
    before = recording.open_run(tmp_path / "run").metrics()
    weights = tmp_path / "later.safetensors"
    assert cnnviz_train("--resume", tmp_path / "run", "--weights", weights) == 0
    assert checkpoints.load(weights)[0].layers == tiny.NETWORK.layers
    assert recording.open_run(tmp_path / "run").metrics() == before
    assert "Weights in" in capsys.readouterr().out


def test_a_loss_that_is_no_number_has_its_own_code(folder, tmp_path, capsys):
    words = ("--data", folder, *TINY, "--optimizer", "sgd", "--learning-rate", 100)
    words += ("--weight-decay", 1)  # each step multiplies all weights by −99
    weights = tmp_path / "w.safetensors"
    assert cnnviz_train(*words, "--out", tmp_path / "run", "--weights", weights) == 3
    assert recording.open_run(tmp_path / "run").state() == "diverged"
    assert not weights.exists()
    shown = capsys.readouterr().out
    assert "smaller learning rate" in shown
    assert "The run is in" in shown
    assert "--resume" not in shown, "it would break again"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--data", "absent"], 1, "is not there"),
        (["--data", "mnist"], 1, "add --download to fetch it"),
        (
            ["--data", "DATA", "--epochs", "0"],
            1,
            "The epochs cannot be 0: choose 1 to 1,000.",
        ),
        (["--data", "DATA", "--batch", "9999"], 1, "choose 1 to 4,096."),
        (["--data", "DATA", "--weights", "w.pt"], 1, "call it *.safetensors"),
        (["--data", "DATA", "--out", "."], 1, "is not empty"),
        (["--resume", "absent"], 1, "holds no run"),
        (["--resume", "absent", "--epochs", "3"], 2, "--epochs does not go with"),
        (["--epochs", "many"], 2, "invalid int value"),
        (["--model", "alexnet"], 2, "invalid choice"),
        (["--optimiser", "adam"], 2, "unrecognized arguments"),
    ],
)
def test_what_cannot_work_is_one_sentence(
    words, code, sentence, folder, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.txt").write_text("mine")
    words = [str(folder) if word == "DATA" else word for word in words]
    if code == 2 and "--resume" not in words:
        with pytest.raises(SystemExit) as left:
            cnnviz_train(*words)
        assert left.value.code == 2
    else:
        assert cnnviz_train(*words) == code
    shown, errors = capsys.readouterr()
    assert sentence in errors
    assert shown == ""
    if code == 1:
        assert errors.startswith("cnnviz train: ")
        assert errors.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_mnist_is_fetched_where_that_is_asked_for(home, monkeypatch, capsys):
    def fetch(kind: str, home: Path) -> Generator[download.Progress, None, None]:
        yield download.Progress("a", 0, 9, "a")
        write_digits(home / kind)

    monkeypatch.setattr(download, "download", fetch)
    assert cnnviz_train("--data", "mnist", "--download", "--epochs", 1, *TINY) == 0
    (run,) = recording.runs(home / "data" / "runs")
    assert run.recipe.data == "mnist"
    assert capsys.readouterr().err == ""


def test_a_run_on_drawings_goes_on_without_the_window(home, tmp_path):
    random = np.random.default_rng(0)
    for number in range(40):
        pixels = random.integers(0, 256, (28, 28)).astype(np.uint8)
        picture_folders.save_drawing(pixels, "37"[number % 2], home / "data")
    out = tmp_path / "run"
    words = ("--data", "drawings", "--epochs", 3, *TINY, "--out", out)
    assert cnnviz_train(*words) == 0
    run = recording.open_run(out)
    assert (run.recipe.data, run.classes) == ("drawings", ("3", "7"))
    assert cnnviz_train("--resume", out) == 0


def test_the_network_takes_the_shape_and_the_classes_of_the_data(tmp_path):
    random = np.random.default_rng(0)
    from PIL import Image

    for name, low in (("dark", 0), ("grey", 100), ("light", 200)):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for number in range(10):
            pixels = random.integers(low, low + 50, (20, 24)).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pictures" / name / f"{number}.png")
    out = tmp_path / "run"
    words = ("--data", tmp_path / "pictures", "--epochs", 2, *TINY, "--out", out)
    assert cnnviz_train(*words) == 0
    run = recording.open_run(out)
    assert run.classes == ("dark", "grey", "light")
    assert run.recipe.network.classes == 3
    assert run.recipe.network.input[0] == 1


# --------------------------------------------------------------- words and settings


def parsed(words: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser()
    train.add_parser(parser.add_subparsers())
    return vars(parser.parse_args(words))


RECIPES = (
    Recipe(),
    Recipe(lenet5.LENET5, "mnist", epochs=3, batch=64),
    *(Recipe().with_optimizer(optimizer) for optimizer in OPTIMIZERS),
    *(Recipe(device=device) for device in DEVICES),
    Recipe(
        tiny.NETWORK,
        optimizer="sgd",
        learning_rate=0.0123456789,
        momentum=0.5,
        weight_decay=1e-4,
        loss="squared-error",
        schedule="one-cycle",
        label_smoothing=0.1,
        augmentation=Augmentation(1.5, 10, 0.25),
        seed=2**31 - 1,
        weights_seed=5,
        initialisation="he",
        validation=0.1,
        precision="bf16",
    ),
)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_card_tells_the_command_that_trains_so_again(recipe):
    command = model_card.command(recipe, "w.safetensors")
    words = shlex.split(command.replace("\\\n", ""))
    assert words[:2] == ["cnnviz", "train"]
    told = parsed(words[1:])
    assert told.pop("weights") == "w.safetensors"
    assert train._recipe(told) == recipe


def test_an_optimizer_brings_its_rate_unless_one_is_told():
    assert train._recipe(parsed(["train", "--optimizer", "sgd"])).learning_rate == 0.05
    words = ["train", "--optimizer", "sgd", "--learning-rate", "0.2"]
    assert train._recipe(parsed(words)).learning_rate == 0.2


def test_a_preset_is_where_settings_begin():
    words = ["train", "--preset", "fast-99"]
    assert train._recipe(parsed(words)) == fast_99()
    words += ["--epochs", "3", "--data", "generated"]
    assert train._recipe(parsed(words)) == replace(
        fast_99(), epochs=3, data="generated"
    )


def test_help_names_every_setting(capsys):
    with pytest.raises(SystemExit) as left:
        cnnviz_train("--help")
    assert left.value.code == 0
    text = capsys.readouterr().out
    fields = {*asdict(Recipe()), "shift", "rotate", "elastic"}
    fields -= {"network", "augmentation"}
    for name in (*fields, "model", "preset", "out", "resume", "download", "weights"):
        assert f"--{name.replace('_', '-')}" in text
    assert "lenet5-1998" in text
    assert "exit codes" in text
    assert max(map(len, text.splitlines())) <= 100


def test_help_loads_neither_torch_nor_a_window():
    code = (
        "import sys; from cnnviz import cli\n"
        "try: cli.main(['train', '--help'])\nexcept SystemExit: pass\n"
        "assert not {'torch', 'PySide6', 'skimage'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_word_too_many_is_answered_with_the_usage_of_the_command(capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(["train", "extra"])
    assert left.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith("usage: cnnviz train [OPTION ...]")
    assert "cnnviz train: error: unrecognized arguments: extra" in told
