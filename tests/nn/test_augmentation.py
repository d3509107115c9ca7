"""Shifts, turns and elastic displacements of pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from cnnviz.nn.augmentation import augment, source_positions
from cnnviz.nn.recipe import Augmentation


def drawn(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def blobs(count: int, channels: int = 1, size: tuple[int, int] = (28, 24)):
    """Return smooth pictures that fade to 0 towards their edges."""
    noise = np.random.default_rng(0).random((count, channels, *size), np.float32)
    window = np.outer(np.hanning(size[0]), np.hanning(size[1])) ** 2
    return torch.from_numpy((noise * window).astype(np.float32))


def test_nothing_to_do_is_the_pictures_themselves():
    generator = drawn()
    before = generator.get_state()
    pictures = blobs(3)
    assert augment(pictures, Augmentation(), generator) is pictures
    assert torch.equal(generator.get_state(), before)


def test_amplitudes_near_zero_change_next_to_nothing():
    pictures = blobs(3, 2)
    tiny = Augmentation(1e-7, 1e-7, 1e-7)
    torch.testing.assert_close(
        augment(pictures, tiny, drawn()), pictures, rtol=0, atol=1e-5
    )


@pytest.mark.parametrize(
    "augmentation",
    [Augmentation(3), Augmentation(rotate=20), Augmentation(2, 10, 1.5)],
)
def test_pixels_come_from_where_they_are_said_to(augmentation):
    pictures = blobs(4, 2)
    changed = augment(pictures, augmentation, drawn(1))
    sources = source_positions(pictures, augmentation, drawn(1)).numpy()
    for picture, result, places in zip(pictures, changed, sources, strict=True):
        x, y = places[..., 0] + 11.5, places[..., 1] + 13.5
        for channel, plane in zip(picture, result, strict=True):
            expected = ndimage.map_coordinates(channel, [y, x], order=1)
            np.testing.assert_allclose(plane, expected, atol=2e-5)


def test_a_shift_moves_the_centre_of_mass_as_far_as_drawn():
    spot = torch.zeros(200, 1, 28, 28)
    spot[:, :, 14, 14] = 1
    moved = augment(spot, Augmentation(shift=4), drawn(2))[:, 0]
    rows = (moved.sum(2) * torch.arange(28)).sum(1) - 14
    columns = (moved.sum(1) * torch.arange(28)).sum(1) - 14
    for distance in (rows, columns):
        assert 3.8 < distance.abs().max() <= 4 + 1e-4
        assert abs(distance.mean()) < 0.5
    assert abs(np.corrcoef(rows, columns)[0, 1]) < 0.2


def test_a_turn_keeps_the_distance_from_the_centre():
    places = source_positions(blobs(300), Augmentation(rotate=30), drawn(3))
    still = source_positions(blobs(1), Augmentation(), drawn(3))
    torch.testing.assert_close(
        places.norm(dim=-1), still.norm(dim=-1).expand(300, -1, -1)
    )
    corner = torch.atan2(places[:, 0, 0, 1], places[:, 0, 0, 0])
    angle = torch.rad2deg(corner - torch.atan2(still[0, 0, 0, 1], still[0, 0, 0, 0]))
    assert 28 < angle.abs().max() <= 30.01
    assert abs(angle.mean()) < 3


def test_elastic_displacements_have_the_deviation_asked_for():
    pictures = blobs(400)
    still = source_positions(pictures, Augmentation(), drawn())
    places = source_positions(pictures, Augmentation(elastic=1.5), drawn(4))
    moved = places - still
    assert moved.std(dim=0).mean().item() == pytest.approx(1.5, rel=0.05)
    assert moved[:, 0, 0].std().item() == pytest.approx(1.5, rel=0.1)  # a corner
    steps = moved[:, :, 1:] - moved[:, :, :-1]
    assert steps.std() < 0.4  # smooth


def test_the_same_seed_draws_the_same():
    pictures, some = blobs(3), Augmentation(2, 10, 1)
    first = augment(pictures, some, drawn(7))
    assert torch.equal(first, augment(pictures, some, drawn(7)))
    assert not torch.equal(first, augment(pictures, some, drawn(8)))
