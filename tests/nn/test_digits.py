"""Generated digits: the same each time, kept on disk, and enough to read MNIST."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256

import numpy as np
import pytest
from scipy.interpolate import BPoly

from cnnviz.nn import digits
from cnnviz.nn.digit_styles import SAMPLES_PER_CURVE, STYLES, curves, styles
from cnnviz.nn.digits import CACHE, generate, generating, load_generated


@pytest.fixture
def few(monkeypatch):
    """Make the data set small."""
    monkeypatch.setattr(digits, "TRAIN", 120)
    monkeypatch.setattr(digits, "TEST", 30)
    monkeypatch.setattr(digits, "CHUNK", 40)


def same(one, other):
    pairs = zip((one.train, one.test), (other.train, other.test), strict=True)
    return all(
        np.array_equal(a.images, b.images) and np.array_equal(a.labels, b.labels)
        for a, b in pairs
    )


def test_digits_are_balanced_shuffled_boxed_and_centred():
    split = generate(1_503, seed=7)
    assert split.images.shape == (1_503, 1, 28, 28) and split.images.dtype == np.uint8
    assert split.labels.dtype == np.int64
    assert sorted(np.bincount(split.labels)) == [150] * 7 + [151] * 3
    assert len(set(zip(split.labels, split.labels[1:], strict=False))) > 90
    mass = split.images[:, 0].astype(float)
    rows = mass.sum(axis=2) @ np.arange(28) / mass.sum(axis=(1, 2))
    columns = mass.sum(axis=1) @ np.arange(28) / mass.sum(axis=(1, 2))
    for at in (rows, columns):  # but where ink was lost at the edge
        assert np.mean((at >= 13.5) & (at < 14.5)) > 0.98
    high = (split.images[:, 0] > 0).any(axis=2).sum(axis=1)
    wide = (split.images[:, 0] > 0).any(axis=1).sum(axis=1)
    assert np.maximum(high, wide).max() <= 20
    assert np.mean(np.maximum(high, wide) >= 19) > 0.95
    assert len(np.unique(split.images.reshape(1_503, -1), axis=0)) == 1_503


def test_a_seed_gives_the_same_digits_in_another_process():
    here = generate(300, seed=3)
    code = (
        "import hashlib, cv2; from cnnviz.nn.digits import generate;"
        "cv2.setNumThreads(1); print(hashlib.sha256("
        "generate(300, 3).images).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == sha256(here.images).hexdigest()
    assert not np.array_equal(generate(300, seed=4).images, here.images)


def test_one_style_does_not_come_in_a_row():
    ones = generate(1_000, seed=0)
    wide = (ones.images[ones.labels == 1] > 0).any(axis=2).sum(axis=(1, 2))
    first, second = np.array_split(wide, 2)
    assert abs(first.mean() - second.mean()) < 0.6 * wide.std()


def test_the_data_set_is_drawn_once_and_then_read(few, tmp_path):
    steps = list(generating(tmp_path))
    assert [step.done for step in steps] == [40, 80, 120, 150]
    assert {step.total for step in steps} == {150}
    stamp = (tmp_path / "generated" / CACHE).stat().st_mtime_ns
    again = load_generated(tmp_path)
    assert not list(generating(tmp_path))
    assert (tmp_path / "generated" / CACHE).stat().st_mtime_ns == stamp
    assert again.name == "generated digits" and again.classes == tuple("0123456789")
    train, test = generate(120, digits.SEEDS[0]), generate(30, digits.SEEDS[1])
    np.testing.assert_array_equal(again.train.images, train.images)
    np.testing.assert_array_equal(again.train.labels, train.labels)
    np.testing.assert_array_equal(again.test.images, test.images)
    np.testing.assert_array_equal(again.test.labels, test.labels)


def damaged(data: bytes, kind: str) -> bytes:
    if kind == "a bit":
        middle = len(data) // 2
        return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    if kind == "header":
        return data.replace(b"(120, 1, 28, 28)", b"(999999999999, )")
    return {"empty": b"", "half": data[: len(data) // 2], "page": b"<html>"}[kind]


@pytest.mark.parametrize("kind", ["a bit", "header", "empty", "half", "page"])
def test_a_damaged_cache_is_made_again(few, tmp_path, kind):
    sound = load_generated(tmp_path)
    path = tmp_path / "generated" / CACHE
    before = path.read_bytes()
    path.write_bytes(damaged(before, kind))
    assert path.read_bytes() != before
    assert same(load_generated(tmp_path), sound)
    assert path.read_bytes() == before


def test_a_cache_of_another_version_is_made_again(few, tmp_path, monkeypatch):
    load_generated(tmp_path)
    monkeypatch.setattr(digits, "VERSION", digits.VERSION + 1)
    assert len(list(generating(tmp_path))) == 4
    assert not list(generating(tmp_path))


def test_only_one_draws_and_the_other_takes_what_it_keeps(few, tmp_path):
    first, second = generating(tmp_path), generating(tmp_path)
    next(first)
    assert next(second).done == 40
    next(first)
    assert next(second).done == 80
    assert [step.done for step in first] == [120, 150]
    assert not list(second)


def test_one_who_waits_draws_when_the_other_gives_up(few, tmp_path):
    first, second = generating(tmp_path), generating(tmp_path)
    next(first)
    next(second)
    first.close()
    assert [step.done for step in second] == [40, 80, 120, 150]


def test_a_cancelled_drawing_leaves_nothing(few, tmp_path):
    steps = generating(tmp_path)
    next(steps)
    steps.close()
    assert not list(tmp_path.iterdir())


def test_digits_are_there_without_a_place_to_keep_them(few, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    assert len(load_generated(blocked).train) == 120


def test_curves_are_cubic_beziers_through_their_knots():
    style = next(way for way in styles(5)[0] if way.first.sum() == 2)
    path = curves(style.knots[None], style.smooth[None], style.first)[0]
    assert len(path) == len(style.first) - 2
    begins = np.flatnonzero(~np.append(style.first[1:], True))
    np.testing.assert_allclose(path[:, 0], style.knots[begins], atol=1e-6)
    np.testing.assert_allclose(path[:, -1], style.knots[begins + 1], atol=1e-6)
    knots = np.array([[0, 0], [1, 2], [3, 1], [4, 4]], np.float32)
    path = curves(knots[None], np.ones((1, 4), np.float32), np.arange(4) == 0)[0]
    # A sixth of (3, 1) − (0, 0) after (1, 2), and of (4, 4) − (1, 2) before (3, 1).
    control = [[1, 2], [1.5, 2 + 1 / 6], [2.5, 1 - 1 / 3], [3, 1]]
    bezier = BPoly(np.array(control)[:, None], [0, 1])
    expected = bezier(np.linspace(0, 1, SAMPLES_PER_CURVE + 1))
    np.testing.assert_allclose(path[1], expected, atol=1e-6)


def test_curves_have_a_corner_where_it_is_asked_for():
    knots = np.array([[0, 0], [1, 0], [1, 1]], np.float32)[None]
    first = np.array([True, False, False])
    corner = curves(knots, np.array([[1, 0, 1]], np.float32), first)[0]
    np.testing.assert_allclose(corner[0, :, 1], 0, atol=1e-6)
    np.testing.assert_allclose(corner[1, :, 0], 1, atol=1e-6)
    smooth = curves(knots, np.ones((1, 3), np.float32), first)[0]
    assert abs(smooth[0, :, 1]).max() > 0.05


def test_every_digit_has_styles_that_can_be_read():
    assert len(STYLES) == 10
    for digit in range(10):
        ways, chances = styles(digit)
        assert len(ways) >= 4 and sum(chances) == pytest.approx(1)
        for way in ways:
            assert way.first[0] and not way.first[-1]
            assert np.ptp(way.knots[:, 1]) == pytest.approx(1, abs=0.15)


@pytest.mark.mnist
@pytest.mark.timeout(300)  # seconds of work, where the machine is free
def test_a_small_network_taught_by_them_reads_mnist(mnist):
    import torch
    from torch import nn

    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(1, 16, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Conv2d(16, 32, 5, stride=2, padding=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 10),
    )
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    split = generate(12_000, seed=0)
    images, labels = map(torch.from_numpy, (split.images, split.labels))
    for part in torch.arange(12_000).split(64):
        loss = nn.functional.cross_entropy(network(images[part] / 255), labels[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        said = network(torch.from_numpy(mnist.test.images) / 255).argmax(dim=1)
    accuracy = (said.numpy() == mnist.test.labels).mean()
    print(f"One epoch on 12,000 generated digits: {accuracy:.2%} of MNIST's test split")
    assert accuracy >= 0.90
