"""Random changes to training pictures: shifts, turns and smooth displacements."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

if TYPE_CHECKING:
    from cnnviz.nn.recipe import Augmentation

SMOOTHNESS = 4.0
"""Deviation in pixels of the Gaussian that smooths elastic displacements, as in Simard
et al. 2003, "Best practices for convolutional neural networks"."""


def augment(
    pictures: Tensor, augmentation: Augmentation, generator: torch.Generator
) -> Tensor:
    """Change each picture by chance, all at once; outside of a picture is 0.

    Parameters
    ----------
    pictures : float32 (N, C, H, W)
    augmentation : Augmentation
        Nothing but zeros returns the pictures themselves and draws nothing.
    generator : torch.Generator
        On the pictures' device.

    Returns
    -------
    float32 (N, C, H, W)
    """
    if not (augmentation.shift or augmentation.rotate or augmentation.elastic):
        return pictures
    sources = source_positions(pictures, augmentation, generator)
    # From pixels off the centre to torch's −1 to 1 from edge to edge.
    for axis, length in enumerate((pictures.shape[3], pictures.shape[2])):
        sources[..., axis] *= 2 / length
    return grid_sample(pictures, sources, align_corners=False)


def source_positions(
    pictures: Tensor, augmentation: Augmentation, generator: torch.Generator
) -> Tensor:
    """Draw where each pixel of the result comes from.

    Returns
    -------
    float32 (N, H, W, 2)
        Columns and rows, in pixels from the centre of the picture.
    """
    count, _, height, width = pictures.shape
    device = pictures.device

    def uniform(most: float) -> Tensor:
        drawn = torch.rand(count, generator=generator, device=device)
        return (2 * drawn - 1) * most

    rows = torch.arange(height, device=device) - (height - 1) / 2
    columns = torch.arange(width, device=device) - (width - 1) / 2
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    down, right = (uniform(augmentation.shift)[:, None, None] for _ in range(2))
    angle = uniform(math.radians(augmentation.rotate))[:, None, None]
    cos, sin = angle.cos(), angle.sin()
    # A pixel moved by `right` comes from that much further left.
    x, y = x - right, y - down
    sources = torch.stack((cos * x + sin * y, cos * y - sin * x), -1)
    if not augmentation.elastic:
        return sources
    shape = (2, count, height, width)
    noise = torch.randn(shape, generator=generator, device=device)
    smooth = _smoother(height, device) @ noise @ _smoother(width, device).T
    return sources + augmentation.elastic * smooth.permute(1, 2, 3, 0)


def _smoother(length: int, device: torch.device) -> Tensor:
    """Return a Gaussian blur as a matrix (length, length).

    The squares of each row add up to 1, so white noise keeps its deviation of 1
    everywhere, at the edges too.
    """
    places = torch.arange(length, device=device, dtype=torch.float32)
    rows = torch.exp(-((places[:, None] - places) ** 2) / (2 * SMOOTHNESS**2))
    norms: Tensor = torch.linalg.vector_norm(rows, dim=1, keepdim=True)
    return rows / norms
