"""Trained weights to hand on: one file, and a page that says how they were made."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnviz.codec import to_json
from cnnviz.errors import InputError
from cnnviz.files import write_atomic
from cnnviz.nn import checkpoints
from cnnviz.nn.datasets import WORDS

if TYPE_CHECKING:
    from cnnviz.nn.events import Metrics
    from cnnviz.nn.recipe import Recipe
    from cnnviz.nn.run import Run

CARD = """\
# {title}

{note}
{parameters:,} parameters.

| | |
|---|---|
| test accuracy | {accuracy:.2%} ({wrong:,} of {pictures:,} wrong) |
| test loss | {loss:.4f} |
| data | {data} |
| epochs | {epochs} |
| seed | {seed} (initial weights: {weights_seed}) |
| computed on | {device}, {precision} |
| torch | {torch} |
| date | {date} |

The weights are those after the last epoch, whose number was set beforehand: the test
set was only reported. Input: float32 pictures ({input}) with values from 0 to 1;
output: a score for each of {classes} classes. Made by, and made again by:

```
{command}
```
"""


def write_weights(run: Run, path: Path) -> str:
    """Write a finished run's weights, and a model card beside them.

    Parameters
    ----------
    run : Run
    path : Path
        Ends in ``.safetensors``; the card ends in ``.md``.

    Returns
    -------
    str
        A sentence that says what was written.

    Raises
    ------
    InputError
        The run has not come to its end, or the files cannot be written.
    """
    path, metrics, steps = Path(path), run.metrics(), run.snapshots()
    ended = bool(metrics) and metrics[-1].epoch == run.recipe.epochs
    if not ended or metrics[-1].step not in steps:
        raise InputError(
            f"The run “{run.name}” has not come to its end: train it to the last epoch "
            "first."
        )
    last, network = metrics[-1], run.recipe.network
    checkpoints.save(path, network, run.weights(last.step), facts(run, last.step))
    write_atomic(path.with_suffix(".md"), card(run, last, path.name).encode())
    return f"Weights in {os.fspath(path)}, their model card beside it."


def facts(run: Run, step: int) -> dict[str, Any]:
    """Return what is kept with the weights of a run after so many batches.

    Whose accuracy it is, is always among it.
    """
    told: dict[str, Any] = {
        "classes": list(run.classes),
        "note": f"Trained on {run.data}, as it was after batch {step:,}.",
        "data": run.data,
        "recipe": to_json(run.recipe),
    }
    for line in run.metrics():
        if line.step == step:
            share = f"{line.test_accuracy:.2%} of its test set"
            told["note"] = f"Trained on {run.data}; {share}."
            told |= {"epochs": line.epoch, "test_accuracy": line.test_accuracy}
    return told


def card(run: Run, last: Metrics, file: str) -> str:
    """Return the model card of a run whose last epoch is `last`, as Markdown."""
    recipe, labels = run.recipe, run.labels()
    pictures = 0 if labels is None else len(labels)
    # A start at the end trains nothing, such as on a laptop that wants the weights.
    began = [
        e for e in run.log() if e.get("event") == "started" and e["step"] < last.step
    ]
    where: dict[str, Any] = began[-1] if began else {}
    return CARD.format(
        title=recipe.network.title,
        note=recipe.network.note,
        parameters=sum(recipe.network.parameters),
        accuracy=last.test_accuracy,
        wrong=round((1 - last.test_accuracy) * pictures),
        pictures=pictures,
        loss=last.test_loss,
        data=run.data,
        epochs=last.epoch,
        seed=recipe.seed,
        weights_seed=recipe.weights_seed,
        device=where.get("device", "unknown"),
        precision=where.get("precision", "unknown"),
        torch=where.get("torch", "unknown"),
        date=run.created[:10],
        input=" × ".join(map(str, recipe.network.input)),
        classes=len(run.classes),
        command=command(recipe, file),
    )


def command(recipe: Recipe, weights: str) -> str:
    """Return the command line that trains by this recipe and writes the weights."""
    usual = type(recipe)()
    data = recipe.data if recipe.data in WORDS else "DIR"
    words = ["cnnviz train", f"--data {data}", f"--model {recipe.network.id}"]
    for field in dataclasses.fields(recipe):
        value = getattr(recipe, field.name)
        if field.name == "augmentation":
            for change, amount in dataclasses.asdict(value).items():
                words += [f"--{change} {amount:g}"] if amount else []
        elif field.name not in ("network", "data"):
            always = field.name in ("optimizer", "batch", "epochs", "seed", "precision")
            if always or value != getattr(usual, field.name):
                words.append(f"--{field.name.replace('_', '-')} {value}")
    words.append(f"--weights {weights}")
    return " \\\n  ".join(words)
