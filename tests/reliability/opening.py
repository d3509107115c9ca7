"""Opens cases in the real window, within bounds; a window that dies is replaced."""

from __future__ import annotations

import multiprocessing
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.paths import data_dir
from reliability.corpus.data import sound
from reliability.opener import Answer, serve

if TYPE_CHECKING:
    from pathlib import Path

    from reliability.corpus import Case

PATIENCE = 5.0
"""Seconds that one file may take."""

MOST_GROWTH = 512 * 2**20
"""Bytes that the program may grow by for one file."""

START = 100.0
"""Seconds that the window may take to be there, on a busy machine."""

LONGEST = 400
"""Characters that a person reads at a glance."""

CODE = re.compile(
    r"Traceback|Error\b|Exception|0x[0-9a-f]{4}|\bNone\b|<class|\.py\b|\n"
)
"""What no sentence for a person holds."""


class Died(Exception):
    """The window ended, or did not answer in time."""


class Opener:
    """The window, to be used as a context."""

    def __init__(self) -> None:
        place = data_dir() / "mnist"  # where the page Train looks for data at first
        place.mkdir(parents=True, exist_ok=True)
        for name, data in sound(np.random.default_rng(0)).items():
            (place / name).write_bytes(data)
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def _start(self) -> None:
        self._pipe, other = self._context.Pipe()
        self._process = self._context.Process(target=serve, args=(other,))
        self._process.start()
        other.close()
        said, errors = self._answer(START)
        assert not said and not errors, (said, errors)

    def _answer(self, seconds: float) -> object:
        try:
            if self._pipe.poll(seconds):
                return self._pipe.recv()
        except EOFError:
            self._process.join()
            raise Died(f"crashed with {self._process.exitcode}") from None
        raise Died(f"hung for over {seconds:g} s")

    def open(self, door: str, path: Path) -> Answer:
        """Open a file.

        Raises
        ------
        Died
            It took the window along, and there is a new one now.
        """
        self._pipe.send((door, str(path)))
        try:
            return self._answer(PATIENCE)
        except Died:
            self.close()
            self._start()
            raise

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join(1)
        self._process.kill()
        self._process.join()

    def __enter__(self) -> Opener:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class Tally:
    """What came of a corpus."""

    files: int = 0
    opened: int = 0
    refused: int = 0
    longest: float = 0.0
    largest: int = 0


def open_all(cases: list[Case], folder: Path) -> tuple[Tally, list[str]]:
    """Open every case; return the figures and what is wrong, a line for each."""
    tally, wrong = Tally(), []
    with Opener() as opener:
        for case in cases:
            path = case.write(folder)
            tally.files += 1
            try:
                answer = opener.open(case.door, path)
            except Died as death:
                wrong.append(f"{case.name}: {death}")
                continue
            tally.longest = max(tally.longest, answer.seconds)
            tally.largest = max(tally.largest, answer.growth)
            tally.opened += not answer.sentences
            tally.refused += bool(answer.sentences)
            wrong += [f"{case.name}: {fault}" for fault in faults(case, answer)]
    return tally, wrong


def faults(case: Case, answer: Answer) -> list[str]:
    """Say what is wrong with how a case ended; nothing if all is well."""
    found = [f"error\n{error}" for error in answer.errors]
    if answer.growth > MOST_GROWTH:
        found.append(f"grew by {answer.growth / 2**20:.0f} MB")
    if len(answer.sentences) > 1:
        found.append(f"said more than one thing: {answer.sentences}")
    for sentence in answer.sentences:
        plain = sentence.endswith(".") and 10 < len(sentence) < LONGEST
        if CODE.search(sentence) or not plain:
            found.append(f"is no plain sentence: {sentence[:LONGEST]!r}")
    if case.end == "opens" and answer.sentences:
        found.append(f"should open: {answer.sentences}")
    if case.end == "refused" and not answer.sentences:
        found.append("opened")
    return found
