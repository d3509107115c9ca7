"""Saves one of two contents after the other, or one alone.

``python -m reliability.saver KIND PATH [BYTES]``: with BYTES no file may become larger,
as on a full disk, and it saves the second content once and prints what came of it.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz import session, settings
from cnnviz.errors import InputError
from cnnviz.nn import checkpoints
from cnnviz.nn.models import tiny
from cnnviz.ops import images, kernel_text, kernels
from cnnviz.session import Session
from cnnviz.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS = {
    "state": "session.cnnviz",
    "settings": "settings.ini",
    "checkpoint": "network.safetensors",
    "picture": "map.png",
    "kernel": "kernel.npy",
}
"""What is saved, and the file's name."""


def content(kind: str, which: int) -> Any:
    """Return the first or second content of a kind: 0 or 1."""
    match kind:
        case "state":
            state = {"seed": which, "text": "ab"[which] * (20_000 + 30_000 * which)}
            return Session("signals", {"signals": state})
        case "settings":
            paths = tuple(f"/pictures/{'ab'[which] * 200}{n}.png" for n in range(10))
            return Settings("dark" if which else "light", 100 + which, paths)
        case "checkpoint":
            shapes = checkpoints.tensor_shapes(tiny.NETWORK)
            return {
                name: np.full(shape, which + 1, np.float32)
                for name, shape in shapes.items()
            }
        case "picture":
            places = np.arange(10_800 * (1 + which)) ** 2 % 251
            return places.astype(np.uint8).reshape(-1, 120)
        case _:
            return kernels.make("gaussian-sigma", size=5 + 8 * which)


def write(kind: str, value: Any, path: Path) -> None:
    """Save by the function that the application saves with."""
    functions: dict[str, Callable[[], None]] = {
        "state": partial(session.write, value, path),
        "settings": partial(settings.save, value, path),
        "checkpoint": partial(checkpoints.save, path, tiny.NETWORK, value),
        "picture": partial(images.save_png, path, value),
        "kernel": partial(kernel_text.save, value, path),
    }
    functions[kind]()


def is_whole(kind: str, path: Path) -> bool:
    """Whether a file opens without a word, and holds one of the two contents."""
    both = [content(kind, which) for which in (0, 1)]
    match kind:
        case "state":
            return session.read(path) in both
        case "settings":
            found, trouble = settings.load(path)
            return found in both and not trouble
        case "checkpoint":
            weights = checkpoints.load(path)[1]
            return any(
                all((weights[name] == one[name]).all() for name in one) for one in both
            )
        case "picture":
            pixels = images.load(path).pixels
            return any(np.array_equal(pixels, one) for one in both)
        case _:
            weights = kernel_text.load(path).weights
            return any(weights == one.weights for one in both)


def starve(limit: int) -> None:
    """Let no file become larger than so many bytes."""
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


def main(kind: str, path: Path, limit: str = "") -> None:
    """Do what the module says."""
    if limit:
        starve(int(limit))
        try:
            write(kind, content(kind, 1), path)
        except InputError as error:
            print(error)
        return
    both = [content(kind, which) for which in (0, 1)]
    while True:
        for value in both:
            write(kind, value, path)
            print("saved", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
