"""Other settings made of one: cells, sizes, channels and filters changed; no Qt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from cnnviz.ops.worked_setting import MAX_CHANNELS, MAX_FILTERS, MAX_SIDE

if TYPE_CHECKING:
    from cnnviz.ops.geometry import Pair
    from cnnviz.ops.worked_setting import Plane, Setting, Volume

T = TypeVar("T")


def with_input(
    setting: Setting, channel: int, row: int, column: int, value: float
) -> Setting:
    """Change one value of the input.

    Raises
    ------
    InputError
        The value is too large to be worked by hand.
    """
    plane = _with_cell(setting.image[channel], row, column, value)
    return replace(setting, image=_with(setting.image, channel, plane))


def with_plane(setting: Setting, channel: int, plane: Plane) -> Setting:
    """Put other numbers in the place of a channel.

    Raises
    ------
    InputError
        They are too many, or not as many as the other channels have.
    """
    return replace(setting, image=_with(setting.image, channel, plane))


def with_weight(
    setting: Setting, number: int, cell: tuple[int, int, int], value: float
) -> Setting:
    """Change one weight, at (channel, row, column) of a filter as it is given.

    Raises
    ------
    InputError
        The value is too large to be worked by hand.
    """
    channel, row, column = cell
    volume = setting.kernels[number]
    plane = _with_cell(volume[channel], row, column, value)
    volume = _with(volume, channel, plane)
    return replace(setting, kernels=_with(setting.kernels, number, volume))


def with_bias(setting: Setting, number: int, value: float) -> Setting:
    """Change the bias of a filter."""
    return replace(setting, biases=_with(setting.biases, number, value))


def with_size(setting: Setting, size: Pair) -> Setting:
    """Give the input other rows and columns; new ones repeat the old from the start."""
    size = _limited(size, setting.most)
    return replace(setting, image=tuple(_tiled(p, size) for p in setting.image))


def with_kernel_size(setting: Setting, size: Pair) -> Setting:
    """Give the kernels other rows and columns; new weights are 0."""
    size = _limited(size, MAX_SIDE)
    kernels = tuple(
        tuple(_cropped(plane, size) for plane in volume) for volume in setting.kernels
    )
    return replace(setting, kernels=kernels)


def with_channels(setting: Setting, channels: int) -> Setting:
    """Give the input other channels; new ones repeat the last, and so do kernels."""
    channels = max(1, min(channels, MAX_CHANNELS))

    def fit(volume: Volume) -> Volume:
        return (volume + (volume[-1],) * channels)[:channels]

    kernels = tuple(map(fit, setting.kernels))
    return replace(setting, image=fit(setting.image), kernels=kernels)


def with_filters(setting: Setting, filters: int) -> Setting:
    """Have other filters; new ones repeat the last, with bias 0."""
    filters = max(1, min(filters, MAX_FILTERS))
    kernels = (setting.kernels + (setting.kernels[-1],) * filters)[:filters]
    biases = (setting.biases + (0.0,) * filters)[:filters]
    return replace(setting, kernels=kernels, biases=biases)


def _with(items: tuple[T, ...], index: int, item: T) -> tuple[T, ...]:
    return (*items[:index], item, *items[index + 1 :])


def _with_cell(plane: Plane, row: int, column: int, value: float) -> Plane:
    return _with(plane, row, _with(plane[row], column, value))


def _limited(size: Pair, most: int) -> Pair:
    return max(1, min(size[0], most)), max(1, min(size[1], most))


def _tiled(plane: Plane, size: Pair) -> Plane:
    rows, columns = len(plane), len(plane[0])
    return tuple(
        tuple(plane[row % rows][column % columns] for column in range(size[1]))
        for row in range(size[0])
    )


def _cropped(plane: Plane, size: Pair) -> Plane:
    rows, columns = len(plane), len(plane[0])
    return tuple(
        tuple(
            plane[row][column] if row < rows and column < columns else 0.0
            for column in range(size[1])
        )
        for row in range(size[0])
    )
