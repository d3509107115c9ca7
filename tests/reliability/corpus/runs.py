"""Runs on disk of which one file is damaged, opened on the pages Train and Inspect."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.nn import recording
from cnnviz.nn.control import Control
from cnnviz.nn.datasets import Dataset, Split
from cnnviz.nn.models import tiny
from cnnviz.nn.recipe import Recipe
from cnnviz.nn.training import train
from reliability.corpus import Case
from reliability.corpus.damage import broken_off, flipped

if TYPE_CHECKING:
    from collections.abc import Iterator

Files = dict[str, bytes]


def run_cases(random: np.random.Generator) -> list[Case]:
    """Return a sound run, and the same with one file of it damaged or gone."""
    run = sound_run(random)
    made = [*_damaged(run, random), *_lying(run)]
    doors = ("train", "inspect")
    return [
        Case("train", "run-sound", run, "opens"),
        Case("inspect", "run-sound-again", run, "opens"),
        *(
            Case(doors[number % 2], f"run-{name}", files)
            for number, (name, files) in enumerate(made)
        ),
    ]


def sound_run(random: np.random.Generator) -> Files:
    """Train the small network for a moment; return the files of its run."""

    def split(count: int) -> Split:
        pictures = random.integers(0, 256, (count, 1, 28, 28), np.uint8)
        return Split(pictures, random.integers(0, 10, count))

    data = Dataset("noise", split(40), split(20), tuple("0123456789"))
    recipe = Recipe(tiny.NETWORK, "mnist", batch=8, epochs=2, device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        run = recording.create_in(Path(folder) / "run", recipe, data=data)
        for _ in recording.record(train(recipe, data, Control()), run):
            pass
        paths = [path for path in run.folder.rglob("*") if path.is_file()]
        return {
            path.relative_to(run.folder).as_posix(): path.read_bytes()
            for path in sorted(paths)
        }


def _damaged(run: Files, random: np.random.Generator) -> Iterator[tuple[str, Files]]:
    for name, data in run.items():
        stem = name.replace("/", "-")
        yield f"without-{stem}", {k: v for k, v in run.items() if k != name}
        for damage, bad in (
            ("empty", b""),
            ("noise", random.bytes(3000)),
            *list(broken_off(data))[10::6],
            *flipped(data, random, 2),
        ):
            yield f"{stem}-{damage}", {**run, name: bad}
    yield "of-its-head-alone", {"run.json": run["run.json"]}


def _lying(run: Files) -> Iterator[tuple[str, Files]]:
    head = json.loads(run["run.json"])
    for name, changes in _heads(head):
        yield (
            f"head-{name}",
            {**run, "run.json": json.dumps({**head, **changes}).encode()},
        )
    line = json.loads(run["metrics.jsonl"].splitlines()[0])
    for number, changes in enumerate(
        (
            {"epoch": -1},
            {"epoch": 10**30},
            {"step": None},
            {"step": "8"},
            {"test_accuracy": 1e308},
            {"test_accuracy": -5},
            {"test_loss": [1]},
            {"seconds": None},
            {"unknown": 1},
        )
    ):
        text = json.dumps({**line, **changes}).encode() + b"\n"
        yield f"metrics-{number}", {**run, "metrics.jsonl": text * 3}
    for number, entry in enumerate(
        (
            {"event": "started", "steps": "many"},
            {"event": "started", "steps": None},
            {"event": "started", "steps": -1},
            {"event": "started", "steps": 1e300},
            {"event": ["finished"]},
            {"event": "finished", "complete": "no"},
        )
    ):
        text = json.dumps(entry).encode() + b"\n"
        yield f"log-{number}", {**run, "log.jsonl": text}
    steps = np.frombuffer(run["steps.f32"], "<f4").copy()
    for value in (np.nan, np.inf, -np.inf, 3e38):
        yield (
            f"steps-{value}",
            {**run, "steps.f32": np.full_like(steps, value).tobytes()},
        )
    yield "many-steps", {**run, "steps.f32": bytes(16 * 2_000_000)}


def _heads(head: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, values in (
        ("format", ("other", None)),
        ("version", (99, "1", None, -1)),
        ("name", ("", "x" * 10**6, None, 7, "a\nb")),
        ("created", ("", "yesterday", "9999-99-99", None, "2026-01-01", "x" * 9999)),
        ("data", ("x" * 10**5, None, 7)),
        ("classes", ([], ["a"], ["x" * 9999] * 10, [None], "ten", ["a"] * 99_999)),
        ("recipe", (None, {}, [], {"network": None})),
    ):
        for number, value in enumerate(values):
            yield f"{key}-{number}", {key: value}
    recipe = head["recipe"]
    for key, value in (
        ("epochs", -1),
        ("epochs", 10**12),
        ("batch", 0),
        ("batch", 10**12),
        ("learning_rate", -1.0),
        ("learning_rate", "x"),
        ("optimizer", "none"),
        ("device", "tpu"),
        ("data", "\0"),
    ):
        yield (
            f"{key}-is-{value!r:.9}".replace("\\", ""),
            {"recipe": {**recipe, key: value}},
        )
    network = recipe["network"]
    for number, changes in enumerate(
        ({"layers": []}, {"input": [1, 10**6, 10**6]}, {"input": [3, 28, 28]})
    ):
        changed = {**recipe, "network": {**network, **changes}}
        yield f"network-{number}", {"recipe": changed}
