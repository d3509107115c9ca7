"""One side of a comparison of training speeds, as a program of its own.

``python sides.py SIDE [DEVICE]`` gets ready, then for each line that it reads trains
the lecture network on so many batches as the line says and prints the seconds that
took. A process for each side, because what one tells the allocator or its threads would
help the other.
"""

from __future__ import annotations

import atexit
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    Side = Callable[[int], float]

DEVICE = (sys.argv[2:] or ["cpu"])[0]
"""Where our sides and the tutorial's compute."""

BATCH = 128
PICTURES = 60 * BATCH
MNIST = 60_000
PRODUCT = 2048


def pictures(count: int = PICTURES) -> tuple[np.ndarray, np.ndarray]:
    """Draw noise: what is in the pictures makes no difference to the speed."""
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (count, 1, 28, 28), np.uint8)
    return images, random.integers(0, 10, count)


def ours(precision: str, folder: Path | None = None) -> Side:
    """Train as the application does, without its window.

    In a folder it is recorded, and an epoch is as long as on MNIST: at its end the
    record is written.
    """
    from cnnviz.nn import recording
    from cnnviz.nn.control import Control
    from cnnviz.nn.datasets import Dataset, Split
    from cnnviz.nn.events import Paused
    from cnnviz.nn.recipe import Recipe
    from cnnviz.nn.training import train

    split = Split(*pictures(MNIST if folder else PICTURES))
    # One picture to test on, as Keras does not test either.
    test = Split(split.images[:1], split.labels[:1])
    data = Dataset("noise", split, test, tuple("0123456789"))
    control = Control(paused=True)
    recipe = Recipe(precision=precision, epochs=1000, device=DEVICE)  # type: ignore[arg-type]
    events = train(recipe, data, control)
    if folder is not None:
        run = recording.create(folder, recipe, data=data)
        events = recording.record(events, run)

    def side(batches: int) -> float:
        control.step(batches)
        begin = time.perf_counter()
        while not isinstance(next(events), Paused):
            pass
        return time.perf_counter() - begin

    while not isinstance(next(events), Paused):
        pass
    return side


def tutorial() -> Side:
    """Train as PyTorch's beginners' tutorial does: DataLoader, Adam, ``item()``."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    images, labels = pictures()
    data = TensorDataset(torch.tensor(images) / 255, torch.tensor(labels))
    loader = DataLoader(data, batch_size=BATCH, shuffle=True)
    module = nn.Sequential(
        nn.Conv2d(1, 32, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(1024, 1000),
        nn.ReLU(),
        nn.Linear(1000, 10),
    ).to(DEVICE)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(module.parameters())

    def side(batches: int) -> float:
        total, right, done = 0.0, 0.0, 0
        begin = time.perf_counter()
        while done < batches:
            for x, y in loader:
                x, y = x.to(DEVICE), y.to(DEVICE)
                optimizer.zero_grad()
                scores = module(x)
                loss = criterion(scores, y)
                loss.backward()
                optimizer.step()
                total += loss.item()
                right += (scores.argmax(1) == y).sum().item()
                done += 1
                if done == batches:
                    break
        return time.perf_counter() - begin

    return side


def keras() -> Side:
    """Train with ``keras.Model.fit`` on TensorFlow."""
    import keras
    from keras import layers

    images, labels = pictures()
    x = images.reshape(-1, 28, 28, 1).astype(np.float32) / 255
    module = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(1000, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    module.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

    def side(batches: int) -> float:
        some = slice(0, batches * BATCH)
        begin = time.perf_counter()
        module.fit(x[some], labels[some], batch_size=BATCH, verbose=0)
        return time.perf_counter() - begin

    return side


def product() -> Side:
    """Multiply float32 matrices of 2048 × 2048, once for each batch."""
    import torch

    a, b, c = (torch.rand(PRODUCT, PRODUCT) for _ in range(3))

    def side(batches: int) -> float:
        begin = time.perf_counter()
        for _ in range(batches):
            torch.mm(a, b, out=c)
        return time.perf_counter() - begin

    return side


def recorded() -> Side:
    """Train as ``cnnviz train`` does."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return ours("float32", Path(folder.name))


SIDES: dict[str, Callable[[], Side]] = {
    "float32": lambda: ours("float32"),
    "recorded": recorded,
    "bf16": lambda: ours("bf16"),
    "tutorial": tutorial,
    "keras": keras,
    "product": product,
}

if __name__ == "__main__":
    side = SIDES[sys.argv[1]]()
    for line in sys.stdin:
        print(side(int(line)), flush=True)
