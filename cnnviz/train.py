"""``cnnviz train``: the same training and recording as in the window, without one."""

from __future__ import annotations

import argparse
import signal
import sys
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnviz import console, paths
from cnnviz.errors import InputError
from cnnviz.nn import recording
from cnnviz.nn.branching import resumption
from cnnviz.nn.control import Control
from cnnviz.nn.datasets import WORDS
from cnnviz.nn.events import Diverged, Finished
from cnnviz.nn.models import NETWORKS
from cnnviz.nn.recipe import (
    DEVICES,
    INITIALISATIONS,
    LOSSES,
    OPTIMIZERS,
    PRECISIONS,
    RANGES,
    SCHEDULES,
    Recipe,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.recording import Run

PRESETS = ("fast-99",)

EPILOG = """\
models:
{models}

examples:
  cnnviz train
      the lecture's network on generated digits, ten epochs, into your own runs
  cnnviz train --data mnist --download --optimizer adam --batch 128 --epochs 10
      the lecture's settings on MNIST, fetched first if it is not here
  cnnviz train --data mnist --preset fast-99 --out runs/fast
      99 % in as few epochs as we know
  cnnviz train --data ~/fashion --model lenet5 --schedule cosine --validation 0.1
      Fashion-MNIST in LeNet-5, a tenth of the pictures set aside
  cnnviz train --resume runs/fast
      go on where it was stopped or killed

A run is a folder that the window opens too, on this machine or another: copy it. Each
line of its metrics.jsonl holds one epoch. Ctrl+C stops after the present batch and
saves the run; a second one stops at once, and up to 30 seconds are lost.

exit codes: 0 trained to the end; 1 the data or a setting cannot be used, or the disk is
full (one sentence on standard error says why); 2 the command line cannot be read; 3 the
loss is no number any more; 130 stopped by Ctrl+C and saved (143: by a SIGTERM)."""


def add_parser(commands: Any) -> None:
    """Add the words of this command to the program's sub-commands."""
    models = "\n".join(f"  {network.id:12} {network.note}" for network in NETWORKS)
    parser = commands.add_parser(
        "train",
        usage="cnnviz train [OPTION ...]",
        help="train a network without a window",
        description="Train a network as the Train page does, with the same recording.",
        epilog=EPILOG.format(models=models),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
    )
    parser.set_defaults(run=run)
    _add_places(parser)
    _add_settings(parser)


def _add_places(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--data",
        metavar="DIR|mnist|generated|drawings",
        help="a folder with the files of MNIST or its kind, or with pictures in one "
        "sub-folder a class; or one of the three words (default: generated)",
    )
    add("--download", action="store_true", help="fetch MNIST if it is not here (12 MB)")
    add("--out", metavar="RUN", help="a new folder for the run (default: in your own)")
    add("--name", help="what the window calls the run")
    add(
        "--resume",
        metavar="RUN",
        help="go on with a run, by its settings; only --data and --device may differ",
    )
    add(
        "--weights",
        metavar="OUT.safetensors",
        help="write the trained weights with their description, and a model card "
        "beside them (OUT.md)",
    )


def _add_settings(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("settings", argument_default=argparse.SUPPRESS)
    add = group.add_argument
    add("--preset", choices=PRESETS, help="settings to begin from")
    add(
        "--model", choices=[network.id for network in NETWORKS], help="default: lecture"
    )
    default = Recipe()
    for name, choices in (
        ("optimizer", OPTIMIZERS),
        ("loss", LOSSES),
        ("schedule", SCHEDULES),
        ("initialisation", INITIALISATIONS),
        ("precision", PRECISIONS),
        ("device", DEVICES),
    ):
        text = f"default: {getattr(default, name)}"
        add(f"--{name}", choices=choices, help=text)
    for name, (low, high) in RANGES.items():
        value = getattr(default, name)
        most = f"{high:,}" if high > 1e6 else f"{high:g}"
        text = f"{low:g} to {most} (default: {value:g})"
        if name == "learning_rate":
            text = "the schedule's largest (default: one that suits the optimizer)"
        option = name.replace("_", "-")
        add(f"--{option}", dest=name, type=type(value), metavar="N", help=text)
    for name, text in (
        ("shift", "move each picture by up to N pixels"),
        ("rotate", "turn it by up to N degrees"),
        ("elastic", "warp it by some N pixels"),
    ):
        add(f"--{name}", type=float, metavar="N", help=f"{text} (default: 0)")


def run(options: argparse.Namespace) -> int:
    """Do what the command line says; return the exit code."""
    told = vars(options)
    if "resume" in told:
        allowed = {"run", "resume", "data", "device", "download", "weights"}
        if extra := set(told) - allowed:
            option = min(extra).replace("_", "-")
            print(
                f"cnnviz train: --{option} does not go with --resume, which takes its "
                "settings from the run",
                file=sys.stderr,
            )
            return 2
    try:
        return _run(told)
    except InputError as error:
        print(f"cnnviz train: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ncnnviz train: stopped", file=sys.stderr)
        return 130


def _run(told: dict[str, Any]) -> int:
    target = Path(told["weights"]) if "weights" in told else None
    if target and target.suffix.lower() != ".safetensors":
        raise InputError(
            f"“{target}” would hold another format; call it *.safetensors."
        )
    if "resume" in told:
        run = recording.open_run(Path(told["resume"]))
        recipe = replace(run.latest_recipe(), **_chosen(told, ("data", "device")))
        data = _data(recipe.data, told)
    else:
        recipe = _recipe(told)
        data = _data(recipe.data, told)
        network = recipe.network.fitted(data.shape, len(data.classes))
        recipe = replace(recipe, network=network)
        run = _begin(recipe, data, told)
    code = _train(run, recipe, data)
    if target and code == 0:
        from cnnviz.nn.model_card import write_weights

        print(write_weights(run, target))
    return code


def _recipe(told: dict[str, Any]) -> Recipe:
    """Return the preset's settings, or the usual ones, with those that were told."""
    recipe = Recipe()
    if "preset" in told:
        from cnnviz.nn.recipe import fast_99

        recipe = fast_99()
    if "model" in told:
        by_id = {network.id: network for network in NETWORKS}
        recipe = replace(recipe, network=by_id[told["model"]])
    if "optimizer" in told:
        recipe = recipe.with_optimizer(told["optimizer"])
    names = ("data", "loss", "schedule", "initialisation", "precision", "device")
    recipe = replace(recipe, **_chosen(told, (*names, *RANGES)))
    changes = _chosen(told, ("shift", "rotate", "elastic"))
    return replace(recipe, augmentation=replace(recipe.augmentation, **changes))


def _chosen(told: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    chosen = {name: told[name] for name in names if name in told}
    if chosen.get("data") not in (None, *WORDS):
        chosen["data"] = str(Path(chosen["data"]).expanduser().absolute())
    return chosen


def _data(source: str, told: dict[str, Any]) -> Dataset:
    from cnnviz.nn import datasets

    home = paths.data_dir()
    if source == "mnist" and not datasets.find(source, home):
        if "download" not in told:
            raise InputError(
                "MNIST is not on this computer yet: add --download to fetch it, or "
                "name the folder that holds its four files with --data."
            )
        _download(source, home)
    return datasets.load(source, home)


def _download(kind: str, home: Path) -> None:
    from cnnviz.nn.download import download

    with closing(download(kind, home)) as reports:
        for progress in reports:
            console.status(progress.sentence)
    console.status("")


def _begin(recipe: Recipe, data: Dataset, told: dict[str, Any]) -> Run:
    if reason := recipe.why_invalid(len(data.classes)):
        raise InputError(reason)
    name = told.get("name", "")
    if "out" in told:
        return recording.create_in(Path(told["out"]), recipe, name, data)
    return recording.create(paths.runs_dir(), recipe, name, data)


def _train(run: Run, recipe: Recipe, data: Dataset) -> int:
    from cnnviz.nn.training import train

    control = Control()
    code = 1
    with _stopped_by_signals(control) as signals:
        training = train(recipe, data, control, resumption(run))
        recorded = closing(recording.record(training, run))
        with console.Console(run, recipe) as screen, recorded as events:
            for event in events:
                screen.show(event)
                if isinstance(event, Diverged):
                    code = 3
                elif isinstance(event, Finished) and event.complete:
                    code = 0
    return 128 + signals[0] if signals and code == 1 else code


@contextmanager
def _stopped_by_signals(control: Control) -> Iterator[list[int]]:
    """Stop the training at the first Ctrl+C or SIGTERM; a second Ctrl+C interrupts."""
    received: list[int] = []

    def stop(number: int, _: object) -> None:
        if received and number == signal.SIGINT:
            raise KeyboardInterrupt
        received.append(number)
        control.stop()

    before = {n: signal.signal(n, stop) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
