"""Folders of pictures and of drawings."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image

from cnnviz.errors import InputError
from cnnviz.nn import datasets
from cnnviz.nn.picture_folders import drawings, open_pictures, save_drawing

if TYPE_CHECKING:
    from pathlib import Path

    from cnnviz.nn.datasets import Split

GREY = np.arange(30, dtype=np.uint8).reshape(5, 6) * 8
RGB = np.stack([GREY, GREY[::-1], 255 - GREY], axis=-1)


def draw(folder: Path, name: str, count: int, shade: int) -> None:
    """Put grey pictures of 6 × 5 into a class; each bears its class in one pixel."""
    (folder / name).mkdir(parents=True)
    for number in range(count):
        pixels = GREY.copy()
        pixels[0, 0], pixels[0, 1] = shade, number
        Image.fromarray(pixels).save(folder / name / f"{number}.png")


def refused(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        datasets.load(str(folder), folder)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    return sentence


def marks(split: Split) -> set[tuple[int, int]]:
    return {(int(a), int(b)) for a, b in split.images[:, 0, 0, :2]}


def test_classes_come_in_natural_order_and_a_fifth_is_the_test(tmp_path: Path) -> None:
    counts = {"10": 20, "9": 10, "b": 2, "A": 5}
    for shade, (name, count) in enumerate(counts.items()):
        draw(tmp_path, name, count, shade)
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "9" / "notes.txt").write_text("not a picture")
    (tmp_path / "9" / "._0.png").write_text("nor is this")
    assert datasets.find(str(tmp_path), tmp_path)
    data = datasets.load(str(tmp_path), tmp_path)
    assert data.classes == ("9", "10", "A", "b")
    assert np.bincount(data.test.labels).tolist() == [2, 4, 1, 1]
    assert np.bincount(data.train.labels).tolist() == [8, 16, 4, 1]
    assert data.note == (
        f"20 % of each class in “{tmp_path.name}”, drawn with seed 0, are the test "
        "pictures."
    )
    shades = np.array([1, 0, 3, 2])  # by label, as drawn above
    for split in (data.train, data.test):
        assert split.images.shape == (len(split), 1, 5, 6)
        assert (split.images.dtype, split.labels.dtype) == (np.uint8, np.int64)
        assert split.images.flags.c_contiguous
        np.testing.assert_array_equal(split.images[:, 0, 0, 0], shades[split.labels])
    assert marks(data.train) | marks(data.test) == {
        (shade, number)
        for shade, count in enumerate(counts.values())
        for number in range(count)
    }
    assert not marks(data.train) & marks(data.test)
    assert (np.diff(data.train.labels) < 0).any(), "sorted by class"


def test_the_seed_decides_the_split(tmp_path: Path) -> None:
    for shade, name in enumerate("ab"):
        draw(tmp_path, name, 20, shade)
    first, again, other = (open_pictures(tmp_path, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.train.images, again.train.images)
    np.testing.assert_array_equal(first.test.labels, again.test.labels)
    assert marks(first.test) != marks(other.test)


def test_train_and_test_are_understood(tmp_path: Path) -> None:
    for shade, name in enumerate(("cat", "dog")):
        draw(tmp_path / "Train", name, 3, shade)
        draw(tmp_path / "test", name, 1 + shade, 10 + shade)
        draw(tmp_path / "validation", name, 1, 99)
    data = datasets.load(str(tmp_path), tmp_path)
    assert data.classes == ("cat", "dog")
    assert data.note == ""
    assert marks(data.train) == {(shade, n) for shade in (0, 1) for n in range(3)}
    assert marks(data.test) == {(10, 0), (11, 0), (11, 1)}
    assert sorted(data.test.labels.tolist()) == [0, 1, 1]
    draw(tmp_path / "test", "cow", 1, 5)
    assert "do not hold the same classes, such as “cow”" in refused(tmp_path)


def test_one_coloured_picture_makes_all_of_them_rgb(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        for number in range(2):
            path = tmp_path / name / f"{number}.png"
            Image.fromarray(np.dstack([GREY] * 3)).save(path)
    assert open_pictures(tmp_path).train.images.shape == (2, 1, 5, 6)
    Image.fromarray(RGB).save(tmp_path / "b" / "0.png")
    Image.fromarray(RGB).save(tmp_path / "b" / "1.png")
    data = open_pictures(tmp_path)
    assert data.train.images.shape == (2, 3, 5, 6)
    for images, label in zip(data.train.images, data.train.labels, strict=True):
        expected = RGB if label else np.dstack([GREY] * 3)
        np.testing.assert_array_equal(images, expected.transpose(2, 0, 1))


def test_what_cannot_be_learned_from_is_said(tmp_path: Path) -> None:
    assert "holds neither the four files of MNIST nor sub-folders" in refused(tmp_path)
    draw(tmp_path, "a", 2, 0)
    assert "one sub-folder for each of two or more classes" in refused(tmp_path)
    draw(tmp_path, "b", 1, 0)
    assert "The class “b” has one picture only" in refused(tmp_path)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "notes.txt").write_text("no picture")
    assert "The class “c” in " in (sentence := refused(tmp_path))
    assert "has no picture; put some into it" in sentence


def test_a_folder_of_other_things_is_no_class_to_be_removed(tmp_path: Path) -> None:
    """Such as the one above the four files: nobody is told to remove anything."""
    for name in ("data", "notes"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "read.txt").write_text("no picture")
    sentence = refused(tmp_path)
    assert "holds neither the four files of MNIST nor sub-folders" in sentence
    assert "remove" not in sentence


def test_pictures_that_do_not_fit_are_named(tmp_path: Path) -> None:
    for name in "ab":
        draw(tmp_path, name, 3, 0)
    Image.fromarray(GREY.T.copy()).save(tmp_path / "b" / "2.png")
    sentence = refused(tmp_path)
    assert "“b/2.png”" in sentence
    assert "5 × 6" in sentence
    assert "6 × 5" in sentence
    assert sentence.endswith("make all pictures one size.")
    (tmp_path / "b" / "2.png").write_bytes(b"<html>")
    assert "“2.png” has no pixels or is not a picture" in refused(tmp_path)


def test_too_many_bytes_are_refused_before_they_are_read(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        first = tmp_path / name / "0.png"
        Image.new("L", (1000, 1000)).save(first)
        for number in range(1, 100):
            shutil.copy(first, tmp_path / name / f"{number}.png")
    assert "The 200 pictures in" in (sentence := refused(tmp_path))
    assert "take more than 500 MB in memory" in sentence


def test_drawings_open_as_a_data_set(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    drawn = random.integers(0, 256, (6, 28, 28), np.uint8)
    paths = [save_drawing(drawn[i], "37"[i % 2], tmp_path) for i in range(6)]
    assert len(set(paths)) == 6
    assert {path.parent.parent for path in paths} == {drawings(tmp_path)}
    np.testing.assert_array_equal(
        cv2.imread(str(paths[0]), cv2.IMREAD_UNCHANGED), drawn[0]
    )
    data = datasets.load("drawings", tmp_path)
    assert datasets.find("drawings", tmp_path)
    assert data.classes == ("3", "7")
    assert (len(data.train), len(data.test)) == (4, 2)
    opened = np.concatenate([data.train.images, data.test.images])[:, 0]
    assert {picture.tobytes() for picture in opened} == {
        picture.tobytes() for picture in drawn
    }
    for split in (data.train, data.test):
        for picture, label in zip(split.images, split.labels, strict=True):
            which = next(i for i in range(6) if (drawn[i] == picture[0]).all())
            assert data.classes[label] == "37"[which % 2]


def test_too_few_drawings_say_what_to_draw(tmp_path: Path) -> None:
    pixels = np.zeros((28, 28), np.uint8)
    said = []
    for label in ("", "3", "3", "7"):
        if label:
            save_drawing(pixels, label, tmp_path)
        with pytest.raises(InputError) as caught:
            datasets.load("drawings", tmp_path)
        said.append(str(caught.value))
    assert said[0] == said[1] == said[2]
    assert said[0].endswith("keep two or more drawings of each of two or more classes.")
    assert said[3].startswith("The class “7” has one picture only")


@pytest.mark.parametrize("label", ["", " ", "..", ".a", "a/b", "a\\b", "a\0", "x" * 61])
def test_a_class_must_be_a_folders_name(tmp_path: Path, label: str) -> None:
    with pytest.raises(InputError, match="cannot be the name of a class"):
        save_drawing(np.zeros((28, 28), np.uint8), label, tmp_path)
    assert not any(tmp_path.iterdir())


def test_drawings_that_cannot_be_kept_are_said(tmp_path: Path) -> None:
    pixels = np.zeros((28, 28), np.uint8)
    (tmp_path / "drawings").mkdir()
    (tmp_path / "drawings" / "3").write_bytes(b"")
    with pytest.raises(InputError, match="cannot be made: a file has its name"):
        save_drawing(pixels, "3", tmp_path)
    with pytest.raises(ValueError, match=r"\(2, 2\)"):
        save_drawing(pixels[:2, :2], "3", tmp_path)
