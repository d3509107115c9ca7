"""Folders of idx files, as they come from the net, and the real MNIST itself."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cnnviz.errors import InputError
from cnnviz.nn import datasets, idx

if TYPE_CHECKING:
    from pathlib import Path

    from cnnviz.nn.datasets import Dataset

NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
RANDOM = np.random.default_rng(0)
TRAIN = RANDOM.integers(0, 256, (12, 4, 3), np.uint8)
TEST = RANDOM.integers(0, 256, (5, 4, 3), np.uint8)
ARRAYS = (
    TRAIN,
    np.arange(12, dtype=np.uint8) % 10,
    TEST,
    np.array([9, 0, 3, 3, 1], np.uint8),
)


def fill(folder: Path, names: tuple[str, ...] = NAMES) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(names, ARRAYS, strict=True):
        idx.write(folder / name, array)
    return folder


def refused(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        datasets.load(str(folder), folder)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    return sentence


@pytest.mark.parametrize(
    "names",
    [
        NAMES,
        tuple(f"{name}.gz" for name in NAMES),
        tuple(name.replace("-idx", ".idx") for name in NAMES),
        tuple(name.replace("-idx", ".idx") + ".gz" for name in NAMES),
        (f"{NAMES[0]}.gz", *NAMES[1:]),
    ],
)
@pytest.mark.parametrize("inside", ["", "raw", "MNIST/raw"])
def test_the_four_files_open_by_all_their_names(
    tmp_path: Path, names: tuple[str, ...], inside: str
) -> None:
    fill(tmp_path / "digits" / inside, names)
    assert datasets.find(str(tmp_path / "digits"), tmp_path)
    data = datasets.load(str(tmp_path / "digits"), tmp_path)
    assert data.name == "digits"
    assert data.classes == tuple("0123456789")
    for split, (images, labels) in (
        (data.train, ARRAYS[:2]),
        (data.test, ARRAYS[2:]),
    ):
        np.testing.assert_array_equal(split.images[:, 0], images)
        np.testing.assert_array_equal(split.labels, labels)
        assert split.images.shape[1] == 1
        assert split.images.flags.c_contiguous
        assert (split.images.dtype, split.labels.dtype) == (np.uint8, np.int64)
        assert len(split) == len(labels)


def test_the_pictures_of_emnist_are_turned_upright(tmp_path: Path) -> None:
    names = tuple(f"emnist-digits-{name.replace('t10k', 'test')}.gz" for name in NAMES)
    data = datasets.load(str(fill(tmp_path / "gzip", names).parent), tmp_path)
    assert data.name == "EMNIST digits"
    for split, images in ((data.train, TRAIN), (data.test, TEST)):
        assert split.images.shape[1:] == (1, 3, 4)
        assert split.images[2, 0, 1, 3] == images[2, 3, 1]
        assert split.images.flags.c_contiguous


@pytest.mark.parametrize(
    ("folder", "name", "first"),
    [
        ("fashion-mnist", "Fashion-MNIST", "T-shirt/top"),
        ("FashionMNIST/raw", "Fashion-MNIST", "T-shirt/top"),
        ("KMNIST/raw", "KMNIST", "o"),
        ("noisy mnist", "noisy mnist", "0"),
        ("mine/raw", "mine", "0"),
    ],
)
def test_the_folder_tells_what_the_labels_do_not(
    tmp_path: Path, folder: str, name: str, first: str
) -> None:
    data = datasets.load(str(fill(tmp_path / folder)), tmp_path)
    assert (data.name, data.classes[0], len(data.classes)) == (name, first, 10)


def test_the_labels_as_published_tell_more_than_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "kmnist")
    published = hashlib.md5((tmp_path / "kmnist" / NAMES[1]).read_bytes()).hexdigest()
    kind = datasets.Kind("Mine", datasets.FASHION, (), published)
    monkeypatch.setattr(datasets, "KINDS", (*datasets.KINDS, kind))
    assert datasets.load(str(tmp_path / "kmnist"), tmp_path).name == "Mine"


@pytest.mark.parametrize("absent", NAMES)
def test_an_absent_file_is_named(tmp_path: Path, absent: str) -> None:
    fill(tmp_path)
    (tmp_path / absent).unlink()
    assert f"lacks {absent}; " in refused(tmp_path)
    assert not datasets.find(str(tmp_path), tmp_path)


def test_pictures_and_labels_must_fit_together(tmp_path: Path) -> None:
    fill(tmp_path)
    idx.write(tmp_path / NAMES[1], ARRAYS[1][:-1])
    assert "holds 12 pictures and “train-labels-idx1-ubyte” 11 labels" in refused(
        tmp_path
    )
    idx.write(tmp_path / NAMES[1], ARRAYS[1] + np.uint8(1))
    assert "holds the label 10 and ten classes end at 9" in refused(tmp_path)
    fill(tmp_path)
    idx.write(tmp_path / NAMES[2], np.zeros((5, 3, 4), np.uint8))
    assert "are not of one size" in refused(tmp_path)
    idx.write(tmp_path / NAMES[2], ARRAYS[3])
    assert "1 dimensions and not 3" in refused(tmp_path)


def test_mnist_that_is_not_here_is_not_fetched(tmp_path: Path) -> None:
    assert not datasets.find("mnist", tmp_path)
    with pytest.raises(InputError, match="MNIST is not on this computer yet; download"):
        datasets.load("mnist", tmp_path)
    fill(tmp_path / "mnist")
    assert datasets.find("mnist", tmp_path)
    assert len(datasets.load("mnist", tmp_path).test) == 5
    assert datasets.find("generated", tmp_path)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "No folder is chosen"),
        ("absent", "is not there"),
        ("file", "is a file; choose the folder that holds"),
        ("null\0byte", "is n"),
    ],
)
def test_no_folder_no_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match=words):
        datasets.load(source, tmp_path)
    assert not datasets.find(source, tmp_path)


def test_data_opens_without_torch_and_qt(tmp_path: Path) -> None:
    fill(tmp_path)
    code = (
        "import sys; from pathlib import Path; from cnnviz.nn import datasets;"
        "datasets.load(sys.argv[1], Path());"
        "assert not {'torch', 'PySide6', 'pooch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True)


@pytest.mark.mnist
def test_the_real_mnist_opens(mnist: Dataset) -> None:
    assert (mnist.name, mnist.note) == ("MNIST", "")
    assert mnist.train.images.shape == (60_000, 1, 28, 28)
    assert mnist.test.images.shape == (10_000, 1, 28, 28)
    # https://web.archive.org/web/2022/http://yann.lecun.com/exdb/mnist/ and its files.
    assert np.bincount(mnist.train.labels).tolist() == [
        *(5923, 6742, 5958, 6131, 5842),
        *(5421, 5918, 6265, 5851, 5949),
    ]
    assert np.bincount(mnist.test.labels).tolist() == [
        *(980, 1135, 1032, 1010, 982),
        *(892, 958, 1028, 974, 1009),
    ]
    assert mnist.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    # The mean and deviation that every MNIST tutorial subtracts and divides by.
    parts = np.array_split(mnist.train.images, 60)  # bincount makes int64 of them
    counts = sum(np.bincount(part.reshape(-1), minlength=256) for part in parts)
    share = counts / 47_040_000
    mean = share @ np.arange(256)
    assert round(mean / 255, 4) == 0.1307
    assert round(np.sqrt(share @ (np.arange(256) - mean) ** 2) / 255, 4) == 0.3081


@pytest.mark.mnist
def test_the_real_mnist_is_the_published_one(mnist: Dataset) -> None:
    arrays = (
        mnist.train.images[:, 0],
        mnist.train.labels.astype(np.uint8),
        mnist.test.images[:, 0],
        mnist.test.labels.astype(np.uint8),
    )
    assert [hashlib.sha256(idx.encode(array)).hexdigest() for array in arrays] == [
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    ]
