"""A pipeline written out as a PyTorch program that gives the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.ops.kernels import Kernel
    from cnnviz.ops.pipeline import Pool, Stage

HEAD = '''\
import torch
import torch.nn.functional as F


def filter_channels(x, kernel, bias, **window):
    """Filter every channel of x, a tensor (N, C, H, W), by the same kernel."""
    channels = x.shape[1]
    weight = kernel.expand(channels, 1, *kernel.shape)
    return F.conv2d(x, weight, torch.full((channels,), bias), groups=channels, **window)
'''

ACTIVATIONS = {"relu": "F.relu(x)", "abs": "x.abs()"}
POOLS = {
    "max": "F.max_pool2d(x, {size}, {stride})",
    "average": "F.avg_pool2d(x, {size}, {stride})",
    "min": "-F.max_pool2d(-x, {size}, {stride})",
    "l2": "F.lp_pool2d(x, 2, {size}, {stride})",
}


def tensor(kernel: Kernel) -> str:
    """Return the weights as ``torch.tensor([...])``, exactly."""
    rows = ",\n".join(f"    [{', '.join(map(repr, row))}]" for row in kernel.weights)
    return f"torch.tensor([\n{rows},\n])"


def program(stages: Sequence[Stage]) -> str:
    """Return a program whose ``feature_map(x)`` runs a pipeline.

    Parameters
    ----------
    stages : sequence of Stage
        The chosen kernel of each is used.

    Returns
    -------
    str
        Python source; ``x`` is a float tensor (N, C, H, W) with values 0 to 255.
    """
    kernels = [
        f"# {' '.join(stage.kernel.name.split())}\n"
        f"kernel_{number} = {tensor(stage.kernel)}\n"
        for number, stage in enumerate(stages, start=1)
    ]
    body = [
        f"    x = {step}\n"
        for number, stage in enumerate(stages, start=1)
        for step in _steps(number, stage)
    ]
    function = "def feature_map(x):\n" + "".join(body) + "    return x\n"
    return "\n\n".join([HEAD, "\n".join(kernels), function])


def _steps(number: int, stage: Stage) -> list[str]:
    steps = []
    padding: object = stage.padding
    (top, bottom), (left, right) = stage.geometry.pads
    if stage.padding_mode != "zero":
        sides = (left, right, top, bottom)
        steps.append(f'F.pad(x, {sides}, mode="{stage.padding_mode}")')
        padding = 0
    elif padding == "full":
        padding = (top, left)
    # True convolution turns the kernel by half a turn.
    flip = ".flip(0, 1)" if stage.operation == "convolution" else ""
    steps.append(
        f"filter_channels(x, kernel_{number}{flip}, {stage.bias!r}, "
        f"stride={stage.stride}, padding={padding!r}, dilation={stage.dilation})"
    )
    if stage.activation != "none":
        steps.append(ACTIVATIONS[stage.activation])
    return steps if stage.pool is None else [*steps, _pool(stage.pool)]


def _pool(pool: Pool) -> str:
    return POOLS[pool.kind].format(size=pool.size, stride=pool.stride)
