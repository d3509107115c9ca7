"""Pictures with labels: MNIST and its kind, generated digits, folders of pictures.

Numpy only, so that a page can show pictures before torch is there; a training makes one
tensor that shares their memory. Nothing here reaches for the network; what does is
:mod:`cnnviz.nn.download`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.errors import InputError
from cnnviz.files import check_open, read_bytes
from cnnviz.nn import idx

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORDS = ("mnist", "generated", "drawings")
"""Sources that are no folder's path: what they stand for is in the user's own."""

DIGITS = tuple("0123456789")
FASHION = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
KUZUSHIJI = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")


@dataclass(frozen=True, eq=False)
class Split:
    """Pictures for training or for the test.

    Attributes
    ----------
    images : uint8 (N, C, H, W)
        0 to 255, C-contiguous.
    labels : int64 (N,)
        0 to the number of classes less one.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Two splits and the names of their classes.

    Attributes
    ----------
    name : str
        For the screen: ``"MNIST"``, ``"generated digits"``, a folder's name.
    train, test : Split
    classes : tuple of str
        A name for each label.
    note : str
        A sentence for the screen on what was done to the data; may be empty.
    """

    name: str
    train: Split
    test: Split
    classes: tuple[str, ...]
    note: str = ""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, rows and columns of one picture."""
        _, channels, rows, columns = self.train.images.shape
        return channels, rows, columns


@dataclass(frozen=True)
class Kind:
    """A published data set of MNIST's format, and what tells that a folder holds it.

    Attributes
    ----------
    name, classes : str, tuple of str
    words : tuple of str
        Any of them in a folder's name, in lower case.
    labels : str
        SHA-256 of the training labels' unpacked file, or MD5 of the file as published.
    """

    name: str
    classes: tuple[str, ...]
    words: tuple[str, ...]
    labels: str


# MD5 sums: https://github.com/zalandoresearch/fashion-mnist (README) and torchvision's
# KMNIST, whose class names these are, in letters that every font has. MNIST goes by its
# hash alone, so that nothing else bears its name.
KINDS = (
    Kind(
        "MNIST",
        DIGITS,
        (),
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    ),
    Kind("Fashion-MNIST", FASHION, ("fashion",), "25c81989df183df01b3e8a0aad5dffbe"),
    Kind(
        "KMNIST",
        KUZUSHIJI,
        ("kmnist", "kuzushiji"),
        "e144d726b3acfaa3e44228e80efcd344",
    ),
)

# What the names of the files for training and for the test begin with.
_PREFIXES = (
    ("train", "t10k"),
    ("emnist-digits-train", "emnist-digits-test"),
    ("emnist-mnist-train", "emnist-mnist-test"),
)
_ENDINGS = ("images-idx3-ubyte", "labels-idx1-ubyte")
_EMNIST = {
    "emnist-digits-train": "EMNIST digits",
    "emnist-mnist-train": "EMNIST, MNIST's part",
}
# Where torchvision and the archives put the files, seen from the folder chosen.
_INSIDE = ("", "raw", "gzip", "MNIST/raw")


def load(source: str, home: Path) -> Dataset:
    """Open a data set that is on this computer.

    Parameters
    ----------
    source : str
        One of `WORDS`, or the path of a folder: the four files of MNIST, Fashion-MNIST,
        KMNIST or EMNIST digits, packed or not, or pictures in one sub-folder a class.
    home : Path
        The user's data folder; MNIST lies in its ``mnist``, where a download puts it.

    Raises
    ------
    InputError
        If it is not there, damaged, or no data set.
    """
    if source == "generated":
        from cnnviz.nn.digits import load_generated

        return load_generated(home)
    if source == "mnist":
        if not find(source, home):
            raise InputError(
                "MNIST is not on this computer yet; download it, choose the folder "
                "that holds its four files, or use the generated digits."
            )
        return open_idx(home / "mnist")
    if source == "drawings":
        from cnnviz.nn.picture_folders import open_drawings

        return open_drawings(home)
    folder = _existing(source)
    if _idx_files(folder):
        return open_idx(folder)
    from cnnviz.nn.picture_folders import open_pictures

    return open_pictures(folder)


def find(source: str, home: Path) -> bool:
    """Return whether a data set seems to be there, reading no more than file names.

    What is generated can always be made, so ``"generated"`` is always there.
    """
    if source == "generated":
        return True
    try:
        inside = source in ("mnist", "drawings")
        folder = home / source if inside else _existing(source)
        files = _idx_files(folder)
        if files or source == "mnist":
            return all(path is not None for path in files.values()) and bool(files)
        return any(entry.is_dir() for entry in folder.iterdir())
    except (InputError, OSError):
        return False


def open_idx(folder: Path) -> Dataset:
    """Open a folder that holds the four idx files of MNIST or of one like it.

    Which one it is, the training labels tell by their hash, else the folder's name.

    Raises
    ------
    InputError
        If a file is absent or damaged, if pictures and labels do not fit together, or
        if a label is over 9.
    """
    files = _idx_files(folder)
    absent = [name for name, path in files.items() if path is None]
    if absent or not files:
        raise InputError(
            f"“{folder.name}” lacks {absent[0] if absent else 'the four files'}; put "
            "all four files of the data set into it, packed or not."
        )
    paths = [path for path in files.values() if path is not None]
    emnist = _EMNIST.get(next(iter(files)).removesuffix(f"-{_ENDINGS[0]}"), "")
    train, test = (_split(*paths[at : at + 2], upright=bool(emnist)) for at in (0, 2))
    if train.images.shape[1:] != test.images.shape[1:]:
        raise InputError(
            f"The pictures in “{paths[0].name}” and “{paths[2].name}” are not of one "
            "size; get the four files again."
        )
    kind = Kind(emnist, DIGITS, (), "") if emnist else _kind(paths[1], folder)
    return Dataset(kind.name, train, test, kind.classes)


def _existing(source: str) -> Path:
    if not source:
        raise InputError("No folder is chosen; choose one that holds a data set.")
    try:
        folder = Path(source).expanduser()
        if folder.is_dir():
            check_open(folder)
            return folder.absolute()
        what = "is a file" if folder.exists() else "is not there"
    except InputError:
        raise
    except PermissionError:
        what = "lies in a folder that may not be read"
    except (OSError, ValueError, RuntimeError):
        what = "is no folder's name"
    raise InputError(
        f"“{source[:200]}” {what}; choose the folder that holds the data set's files."
    )


def _idx_files(folder: Path) -> dict[str, Path | None]:
    """Return the four files by their usual names; nothing if none of them is there.

    Pictures and labels for training come first, then those of the test; an absent one
    is None.
    """
    for inside in _INSIDE:
        for prefixes in _PREFIXES:
            names = [f"{prefix}-{end}" for prefix in prefixes for end in _ENDINGS]
            found = {name: _either(folder / inside, name) for name in names}
            if any(found.values()):
                return found
    return {}


def _either(place: Path, name: str) -> Path | None:
    """Return the file by any of its names; the one that is not packed opens sooner."""
    dotted = name.replace("-idx", ".idx")
    names = (name, dotted, f"{name}.gz", f"{dotted}.gz")
    return next((place / each for each in names if (place / each).is_file()), None)


def _split(pictures: Path, labels: Path, *, upright: bool) -> Split:
    images = idx.read(pictures, 3)
    if upright:  # EMNIST's pictures are stored by columns
        images = np.ascontiguousarray(images.swapaxes(1, 2))
    answers = idx.read(labels, 1)
    if len(images) != len(answers):
        raise InputError(
            f"“{pictures.name}” holds {len(images):,} pictures and “{labels.name}” "
            f"{len(answers):,} labels; get both files from one place."
        )
    if answers.max() > 9:
        raise InputError(
            f"“{labels.name}” holds the label {answers.max()} and ten classes end at "
            "9; choose another file."
        )
    return Split(images[:, np.newaxis], answers.astype(np.int64))


def _kind(labels: Path, folder: Path) -> Kind:
    """Tell a published data set by its training labels, else by its folder's name."""
    data = read_bytes(labels, idx.MAX_VALUES)
    sums = {
        hashlib.md5(data, usedforsecurity=False).hexdigest(),
        hashlib.sha256(idx.encode(idx.parse(data, labels.name, 1))).hexdigest(),
    }
    for kind in KINDS:
        if kind.labels in sums:
            return kind
    # torchvision's files lie in a folder "raw" that says nothing.
    place = folder.absolute()
    name = (place.parent if place.name == "raw" else place).name or str(folder)
    for kind in KINDS:
        if any(word in name.lower() for word in kind.words):
            return kind
    return Kind(name, DIGITS, (), "")
