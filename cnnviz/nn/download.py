"""Fetch MNIST from its mirrors into the user's data folder, when asked to.

A file is received into memory, checked by the hash of its unpacked bytes, and only then
put into its place, whole or not at all: whatever goes wrong, what was there stays. What
broke off goes on from where it was, at the next mirror too. No window is known here.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cnnviz.errors import InputError
from cnnviz.files import make_folder, read_bytes, write_atomic
from cnnviz.nn.transfer import Broken, File, Transfer, Unfit, check

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

PATIENCE = 10.0  # seconds without a byte, after which the next mirror is tried
_ADVICE = "make room there, or start with CNNVIZ_HOME set to another folder"
_BEAT = 0.1  # seconds between two reports
_ATTEMPTS = 8  # a file, where the connection breaks again and again


@dataclass(frozen=True)
class Source:
    """A data set on the net.

    Attributes
    ----------
    name : str
        For the screen.
    mirrors : tuple of str
        Addresses that each hold all files, ending in a slash; the first is tried first.
    files : tuple of File
    """

    name: str
    mirrors: tuple[str, ...]
    files: tuple[File, ...]


@dataclass(frozen=True)
class Progress:
    """How far a download is.

    Attributes
    ----------
    file : str
        The one that is coming; empty at the end.
    received_bytes, total_bytes : int
        Of all files together, as they travel; the total is what they had when this was
        written.
    sentence : str
        The same in words.
    """

    file: str
    received_bytes: int
    total_bytes: int
    sentence: str


SOURCES: Mapping[str, Source] = {
    "mnist": Source(
        "MNIST",
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        (
            File(
                "train-labels-idx1-ubyte.gz",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                60_008,
                28_881,
            ),
            File(
                "t10k-labels-idx1-ubyte.gz",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
                10_008,
                4_542,
            ),
            File(
                "t10k-images-idx3-ubyte.gz",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                7_840_016,
                1_648_877,
            ),
            File(
                "train-images-idx3-ubyte.gz",
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                47_040_016,
                9_912_422,
            ),
        ),
    )
}


def download(
    kind: str,
    home: Path,
    *,
    sources: Mapping[str, Source] = SOURCES,
    patience: float = PATIENCE,
) -> Generator[Progress, None, None]:
    """Fetch what is not there yet into ``home / kind``, reporting ten times a second.

    Closing the generator cancels within a second, whatever the servers do. Files that
    were complete by then stay; the next call fetches the others.

    Parameters
    ----------
    kind : str
        A key of ``sources``, such as ``"mnist"``.
    home : Path
        The user's data folder.
    sources : mapping
        What there is, and where.
    patience : float
        Seconds of silence after which a server is given up.

    Raises
    ------
    InputError
        If no mirror sends the right bytes, or they cannot be kept.
    """
    if kind not in sources:
        raise InputError(
            f"“{kind}” cannot be downloaded; choose one of {', '.join(sources)}."
        )
    source, folder = sources[kind], home / kind
    total, done = sum(file.packed for file in source.files), 0
    yield Progress("", 0, total, f"Looking for {source.name} on this computer.")
    _check_room(source.name, folder, total)
    for file in source.files:
        if not _is_here(folder / file.name, file):
            report = _Report(source.name, file, done, total)
            data = yield from _fetch(source, file, patience, report)
            write_atomic(folder / file.name, data, _ADVICE)
        done += file.packed
    yield Progress("", total, total, f"{source.name} is on this computer.")


@dataclass(frozen=True)
class _Report:
    """Makes what is reported while a file comes in."""

    name: str
    file: File
    before: int
    total: int

    def __call__(self, received: int, host: str) -> Progress:
        # A mirror may have packed the file anew; the sum must not run past the total.
        so_far = self.before + min(received, self.file.packed)
        sentence = (
            f"Downloading {self.name}: {so_far / 1e6:.1f} of {self.total / 1e6:.1f} MB."
            if received
            else f"Waiting for {host}."
        )
        return Progress(self.file.name, so_far, self.total, sentence)


def _fetch(
    source: Source, file: File, patience: float, report: _Report
) -> Generator[Progress, None, bytes]:
    """Receive one file from the first mirror that has it; return its checked bytes."""
    waiting = list(source.mirrors)
    failures: dict[str, str] = {}
    data = b""
    for _ in range(_ATTEMPTS):
        if not waiting:
            break
        mirror = waiting.pop(0)
        host = urlsplit(mirror).netloc
        transfer = Transfer(mirror + file.name, file, data, patience)
        try:
            while not transfer.ended(_BEAT):
                yield report(len(transfer.data), host)
        finally:
            transfer.stop()
        if transfer.failure is None:
            return bytes(transfer.data)
        failures[mirror] = f"{host} {transfer.failure}"
        before, data = data, b""
        if isinstance(transfer.failure, Broken):
            data = bytes(transfer.data)
            if len(data) > len(before):  # it is slow or shaky, and not dead
                waiting.append(mirror)
        elif before:  # parts of two kinds, perhaps: once more, from the start
            waiting.insert(0, mirror)
    raise InputError(
        f"{source.name} cannot be downloaded, as {' and '.join(failures.values())}; "
        "check the network and try again, or choose a folder that holds the files."
    )


def _is_here(path: Path, file: File) -> bool:
    if not path.is_file():
        return False
    try:
        check(read_bytes(path, file.limit), file)
    except (InputError, Unfit, Broken):
        return False
    return True


def _check_room(name: str, folder: Path, size: int) -> None:
    """Make the folder and see that the files will fit, before any of them comes."""
    make_folder(folder, _ADVICE)
    if shutil.disk_usage(folder).free < size:
        raise InputError(
            f"The disk is full: {name} takes {size / 1e6:,.1f} MB in “{folder}”; "
            f"{_ADVICE}."
        )
    if not os.access(folder, os.W_OK):
        raise InputError(
            f"{name} cannot be saved in “{folder}”: permission is denied; {_ADVICE}."
        )
