"""Data sets from folders of pictures, and the drawings that make such a folder.

A folder holds one sub-folder a class, or two such folders, ``train`` and ``test``. What
a picture file may be, :mod:`cnnviz.ops.images` says; it checks each before a pixel is
decoded.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.errors import InputError
from cnnviz.files import make_folder
from cnnviz.nn.datasets import Dataset, Split
from cnnviz.ops import images

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Classes = dict[str, list[Path]]

# Other files, such as a list of sources or what a file manager leaves, are passed over.
SUFFIXES = frozenset(
    ".png .jpg .jpeg .gif .bmp .pbm .pgm .ppm .webp .tif .tiff .avif".split()
)
MAX_BYTES = 500_000_000  # of all pictures, three bytes a pixel
TEST_PART = 0.2
SIDE = 28

_HIDDEN = (".", "__")  # such as .DS_Store and __MACOSX
_NOT_IN_NAMES = re.compile(r'[/\\:*?"<>|\x00-\x1f]')


def open_pictures(folder: Path, seed: int = 0) -> Dataset:
    """Open a folder of pictures, one sub-folder a class.

    Classes come in natural order (2 before 10). Pictures are grey (N, 1, H, W) if all
    of them are, else RGB (N, 3, H, W). Where no ``train`` and ``test`` tell them apart
    (a ``validation`` beside them is left out), 20 % of each class are the test. A split
    is in random order, so that any part of it holds all classes. The same seed gives
    the same data set.

    Raises
    ------
    InputError
        If there are fewer than two classes, a class has no picture or too few to
        split, a picture does not open, or the sizes differ.
    """
    random = np.random.default_rng(seed)
    pair = _pair(folder)
    note = ""
    if pair is None:
        pair = _divide(_classes(folder), random)
        note = (
            f"20 % of each class in “{folder.name}”, drawn with seed {seed}, are the "
            "test pictures."
        )
    names = tuple(pair[0])
    pixels, labels = _read([part[name] for part in pair for name in names], folder)
    labels %= len(names)
    count = sum(map(len, pair[0].values()))
    orders = random.permutation(count), random.permutation(len(labels) - count) + count
    train, test = (Split(pixels[order], labels[order]) for order in orders)
    return Dataset(folder.name, train, test, names, note)


def drawings(home: Path) -> Path:
    """Return the folder of the drawings; it may not exist yet."""
    return home / "drawings"


def open_drawings(home: Path) -> Dataset:
    """Open the drawings as a data set, see :func:`open_pictures`.

    Raises
    ------
    InputError
        If there are too few, or as :func:`open_pictures` says.
    """
    folder = drawings(home)
    if not folder.is_dir() or sum(path.is_dir() for path in _listed(folder)) < 2:
        raise InputError(
            "There is too little drawn to learn from: press Draw, and keep two or more "
            "drawings of each of two or more classes."
        )
    return open_pictures(folder)


def save_drawing(pixels: Bytes, label: str, home: Path) -> Path:
    """Keep a drawing as a PNG file of its class; the drawings open as a data set.

    Parameters
    ----------
    pixels : uint8 (28, 28)
        White on black, as MNIST's digits are.
    label : str
        Its class, such as ``"7"``.
    home : Path
        The user's data folder.

    Returns
    -------
    Path
        The file, of a name that no other has; names sort by time.

    Raises
    ------
    InputError
        If the class cannot be a folder's name, or the file cannot be written.
    """
    if pixels.shape != (SIDE, SIDE) or pixels.dtype != np.uint8:
        raise ValueError(f"a drawing is uint8 (28, 28), not {pixels.shape}")
    label = label.strip()
    if not 0 < len(label) <= 60 or label[0] == "." or _NOT_IN_NAMES.search(label):
        raise InputError(
            f"“{label[:60]}” cannot be the name of a class; use letters and numbers."
        )
    folder = drawings(home) / label
    make_folder(folder)
    moment = time.strftime("%Y%m%d-%H%M%S")
    path = folder / f"{moment}-{secrets.token_hex(4)}.png"
    images.save_png(path, pixels)
    return path


def _pair(folder: Path) -> tuple[Classes, Classes] | None:
    """Return what ``train`` and ``test`` hold, or None where they are not there."""
    parts = {entry.name.lower(): entry for entry in _listed(folder) if entry.is_dir()}
    if parts.keys() - {"val", "valid", "validation"} != {"train", "test"}:
        return None
    train, test = _classes(parts["train"]), _classes(parts["test"])
    if train.keys() != test.keys():
        raise InputError(
            f"“train” and “test” in “{folder.name}” do not hold the same classes, such "
            f"as “{min(train.keys() ^ test.keys())}”; give both the same sub-folders."
        )
    return train, test


def _listed(folder: Path) -> list[Path]:
    """Return what a folder holds in natural order, without what is hidden."""
    try:
        seen = [path for path in folder.iterdir() if not path.name.startswith(_HIDDEN)]
    except OSError as error:
        raise InputError(
            f"“{folder.name}” cannot be read; choose another folder."
        ) from error
    return sorted(seen, key=lambda path: _natural(path.name))


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Return a sorting key by which 2 comes before 10, and letters without case."""
    parts = re.split(r"([0-9]+)", name.casefold())
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in (*parts, name)
        if part
    ]


def _classes(folder: Path) -> Classes:
    """Return each class's picture files, in natural order."""
    found = {
        entry.name: [file for file in _listed(entry) if file.suffix.lower() in SUFFIXES]
        for entry in _listed(folder)
        if entry.is_dir()
    }
    if len(found) < 2 or not any(found.values()):
        raise InputError(
            f"“{folder.name}” holds neither the four files of MNIST nor sub-folders of "
            "pictures; choose a folder with one sub-folder for each of two or more "
            "classes."
        )
    empty = [name for name, files in found.items() if not files]
    if empty:
        raise InputError(
            f"The class “{empty[0]}” in “{folder.name}” has no picture; put some into "
            "it or remove its folder."
        )
    return found


def _divide(classes: Classes, random: np.random.Generator) -> tuple[Classes, Classes]:
    """Draw a fifth of each class, one picture at least, for the test."""
    train: Classes = {}
    test: Classes = {}
    for name, files in classes.items():
        if len(files) < 2:
            raise InputError(
                f"The class “{name}” has one picture only and needs another for the "
                "test; add one or more."
            )
        count = max(1, round(TEST_PART * len(files)))
        mixed = [files[i] for i in random.permutation(len(files))]
        test[name], train[name] = mixed[:count], mixed[count:]
    return train, test


def _read(
    groups: list[list[Path]], folder: Path
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Read all pictures; return uint8 (N, C, H, W) and the number of each's group."""
    paths = [path for group in groups for path in group]
    labels = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    first = _pixels(paths[0])
    if first.size // first.shape[2] * 3 * len(paths) > MAX_BYTES:
        raise InputError(
            f"The {len(paths):,} pictures in “{folder.name}” take more than "
            f"{MAX_BYTES // 10**6} MB in memory; use smaller or fewer ones."
        )
    read = [first]
    for path in paths[1:]:
        pixels = _pixels(path)
        if pixels.shape[:2] != first.shape[:2]:
            (height, width), (tall, wide) = pixels.shape[:2], first.shape[:2]
            raise InputError(
                f"“{_short(path)}” has {width} × {height} pixels and “"
                f"{_short(paths[0])}” {wide} × {tall}; make all pictures one size."
            )
        read.append(pixels)
    channels = max(pixels.shape[2] for pixels in read)
    stacked = np.empty((len(read), channels, *first.shape[:2]), np.uint8)
    for place, pixels in zip(stacked, read, strict=True):
        place[:] = pixels.transpose(2, 0, 1)
    return stacked, labels.astype(np.int64)


def _pixels(path: Path) -> Bytes:
    """Return a picture as uint8 (H, W, 1), or (H, W, 3) if it has any colour."""
    picture = images.load(path).pixels
    pixels = np.rint(picture).astype(np.uint8)
    if pixels.ndim == 2:
        return pixels[..., np.newaxis]
    grey = (pixels == pixels[..., :1]).all()  # often saved as RGB all the same
    return pixels[..., :1].copy() if grey else pixels


def _short(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
