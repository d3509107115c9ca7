"""Accuracy against epsilon over 10,000 pictures in a process of its own.

Prints the seconds until the first point, until the end, and from a cancel until the
thread is through, and the peak memory of the whole process in MB.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import psutil
from PySide6.QtCore import QCoreApplication, QEventLoop

from cnnviz import paths
from cnnviz.background import Stream
from cnnviz.nn import checkpoints, replay
from cnnviz.nn.datasets import Split
from cnnviz.nn.robustness import accuracy_curve

if TYPE_CHECKING:
    from collections.abc import Callable

PICTURES, POINTS = 10_000, 11


def peak_mb() -> float:
    """Return the most memory that the process has held, in MB."""
    memory = psutil.Process().memory_info()
    if hasattr(memory, "peak_wset"):
        return float(memory.peak_wset) / 1e6
    import resource  # which Windows lacks

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


def main() -> None:
    application = QCoreApplication([])
    network, weights, _ = checkpoints.load(paths.asset("weights/lecture.safetensors"))
    module = replay.module_of(network, weights)
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (PICTURES, 1, 28, 28), np.uint8)
    split = Split(images, draw.integers(0, 10, PICTURES))
    epsilons = np.linspace(0, 0.5, POINTS).tolist()
    stream, times = Stream(), []
    stream.yielded.connect(lambda _: times.append(time.perf_counter()))
    begin = time.perf_counter()
    stream.request(lambda: accuracy_curve(module, split, epsilons))
    wait(application, lambda: not stream.busy)
    first, whole = times[0] - begin, times[-1] - begin
    seen = len(times)
    stream.request(lambda: accuracy_curve(module, split, epsilons))
    wait(application, lambda: len(times) > seen + POINTS)
    begin = time.perf_counter()
    stream.shut_down()
    print(first, whole, time.perf_counter() - begin, peak_mb())


def wait(application: QCoreApplication, until: Callable[[], bool]) -> None:
    """Handle events until something is so."""
    while not until():
        application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


if __name__ == "__main__":
    main()
