"""Layers as points on a plane, against numpy's singular values and scipy."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import torch
from scipy.linalg import orthogonal_procrustes

from cnnviz.errors import InputError
from cnnviz.nn import embedding, gathering
from cnnviz.nn.datasets import Split
from cnnviz.nn.embedding import EXACT, aligned, journey, pca, tsne, tsne_available
from cnnviz.nn.gathering import gather
from cnnviz.nn.inspection import layer_outputs
from cnnviz.nn.models import tiny
from cnnviz.nn.modules import build


def split(count: int) -> Split:
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (count, 1, 28, 28), np.uint8)
    return Split(images, draw.integers(0, 10, count))


def cloud(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    """Return rows that differ less and less from axis to axis."""
    draw = np.random.default_rng(seed)
    spread = 0.8 ** np.arange(columns)
    return (draw.standard_normal((rows, columns)) * spread + 3).astype(np.float32)


@pytest.mark.parametrize(
    "shape",
    [(50, 7), (7, 50), (EXACT + 100, EXACT + 50), (700, 2500), (2, 5), (30, 1), (3, 2)],
)
def test_pca_is_the_singular_value_decomposition(shape):
    rows = cloud(*shape)
    found = pca(rows)
    centred = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    left, lengths, _ = np.linalg.svd(centred, full_matrices=False)
    expected = (left * lengths)[:, :2]
    expected = np.pad(expected, ((0, 0), (0, 2 - expected.shape[1])))
    scale = np.abs(expected).max()
    np.testing.assert_allclose(
        np.abs(found.points), np.abs(expected), atol=2e-4 * scale
    )
    shares = (lengths**2 / (lengths**2).sum())[:2]
    np.testing.assert_allclose(found.explained[: len(shares)], shares, atol=1e-4)
    np.testing.assert_allclose(found.points.mean(axis=0), 0, atol=1e-4)


def test_the_axes_point_to_the_largest_value():
    rows = cloud(40, 5)
    for turned in (rows, -rows):
        points = pca(turned).points
        assert (points.max(axis=0) >= -points.min(axis=0)).all()


def test_rows_that_are_all_alike_lie_on_one_point():
    found = pca(np.ones((20, 4), np.float32))
    assert not found.points.any()
    assert found.explained.tolist() == [0, 0]


def test_alignment_is_orthogonal_procrustes():
    one, two = cloud(30, 2, 1) - 3, cloud(30, 2, 2) - 3
    turn, _ = orthogonal_procrustes(one, two)
    np.testing.assert_allclose(aligned(one, two), one @ turn, atol=1e-5)
    angle = 2.0
    turned = one @ np.array(
        [[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]]
    )
    np.testing.assert_allclose(aligned(turned.astype(np.float32), one), one, atol=1e-5)


def test_more_points_are_turned_to_fit_the_first_of_them():
    points = cloud(30, 2, 1) - 3
    turned = points @ np.array([[0, 1], [-1, 0]], np.float32)
    np.testing.assert_allclose(aligned(points, turned[:11]), turned, atol=1e-5)
    (found,) = next(journey([cloud(60, 9)], reference=-pca(cloud(60, 9)).points[:20]))
    plain = next(journey([cloud(60, 9)]))[0]
    np.testing.assert_allclose(found.points, -plain.points, atol=1e-5)


def test_a_journey_goes_from_map_to_map():
    layers = [cloud(60, width, 3) for width in (40, 20, 5)]
    maps = list(journey(layers))
    assert [len(each) for each in maps] == [1, 2, 3]
    for one in maps[-1]:
        assert np.square(one.points).sum(axis=1).mean() == pytest.approx(1, rel=1e-4)
    before, after = maps[-1][:2]
    mirrored = after.points * [-1, 1]
    distance = np.square(after.points - before.points).sum()
    assert distance <= np.square(mirrored - before.points).sum() + 1e-6


def test_gathered_rows_are_what_the_layers_say():
    module, data = build(tiny.NETWORK), split(400)
    layers = ["input", "conv1", "dense1", "conv1"]
    steps = list(gather(module, data, layers, count=300))
    assert [step.done for step in steps] == [125, 250, 300]
    final = steps[-1]
    assert list(final.outputs) == ["input", "conv1", "dense1"]
    assert final.widths == {"input": 784, "conv1": 8 * 24 * 24, "dense1": 10}
    pictures = torch.from_numpy(data.images[final.pictures]) / 255
    every = {"input": pictures, **layer_outputs(module, pictures)}
    for name, rows in final.outputs.items():
        np.testing.assert_allclose(rows, every[name].flatten(1), atol=1e-5)
    assert len(set(final.pictures)) == 300
    assert module.training


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(gathering, "MAX_BYTES", 4 * 100 * 60)
    monkeypatch.setattr(gathering, "MAX_FEATURES", 100)
    *_, final = gather(build(tiny.NETWORK), split(90), ["conv1"], count=90)
    assert final.outputs["conv1"].shape == (60, 100)
    assert final.widths == {"conv1": 8 * 24 * 24}
    pictures = torch.from_numpy(split(90).images[final.pictures]) / 255
    every = layer_outputs(build(tiny.NETWORK), pictures)["conv1"].flatten(1)
    for column in final.outputs["conv1"].T[:5]:
        assert (every.numpy() - column[:, None] == 0).all(axis=0).any()


def test_what_cannot_be_mapped_says_why(monkeypatch):
    module = build(tiny.NETWORK)
    with pytest.raises(InputError, match="three at least"):
        next(gather(module, split(2), ["conv1"]))
    with pytest.raises(InputError, match="no layer conv9"):
        next(gather(module, split(5), ["conv9"]))
    with torch.no_grad():
        module.dense1.bias.fill_(torch.nan)
    with pytest.raises(InputError, match=r"dense1\.bias"):
        next(gather(module, split(5), ["conv1"]))
    with pytest.raises(InputError, match="not finite"):
        pca(np.full((4, 4), np.nan, np.float32))
    with pytest.raises(InputError, match="two at least"):
        pca(np.zeros((1, 4), np.float32))
    monkeypatch.setattr(embedding, "tsne_available", lambda: False)
    with pytest.raises(InputError, match="pip install openTSNE” and start again"):
        next(tsne(cloud(20, 3)))


def test_whether_tsne_is_there():
    assert tsne_available() == (importlib.util.find_spec("openTSNE") is not None)


@pytest.mark.skipif(not tsne_available(), reason="needs the extra embed")
def test_tsne_keeps_clusters_apart():
    draw = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), 20)
    rows = draw.normal(labels[:, None] * 10.0, 1, (60, 8)).astype(np.float32)
    steps = list(tsne(rows, perplexity=10, iterations=160))
    assert [step.done for step in steps][-2:] == [150, 160]
    points = steps[-1].points
    middles = np.stack([points[labels == n].mean(axis=0) for n in range(3)])
    nearest = ((points[:, None] - middles) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == labels).all()
    with pytest.raises(InputError, match="ten pictures"):
        next(tsne(rows[:9]))
