"""A setting worked by hand, written out as a PyTorch program with the same result."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnviz.ops.worked_setting import Setting, Volume

HEAD = "import torch\nimport torch.nn.functional as F\n"

CALLS = {
    "correlation": "F.conv2d(x, weight, bias, {window}, dilation={dilation})",
    "convolution": (
        "F.conv2d(x, weight.flip(2, 3), bias, {window}, dilation={dilation})"
    ),
    "transposed": (
        "F.conv_transpose2d(\n"
        "    x,\n"
        "    weight.transpose(0, 1),\n"
        "    bias,\n"
        "    {window},\n"
        "    output_padding={output_padding},\n"
        "    dilation={dilation},\n"
        ")"
    ),
    "max": "F.max_pool2d(x, {size}, {window}, dilation={dilation})",
    "average": "F.avg_pool2d(x, {size}, {window})",
}
# torch's average has no dilation: a convolution with equal weights stands for it.
DILATED_AVERAGE = (
    "F.conv2d(\n"
    "    x,\n"
    "    torch.full(({channels}, 1, *{size}), 1 / {count}, dtype=torch.float64),\n"
    "    None,\n"
    "    {window},\n"
    "    dilation={dilation},\n"
    "    groups={channels},\n"
    ")"
)


def program(setting: Setting) -> str:
    """Return Python source that leaves the result (1, P, H', W') in ``y``.

    Everything is float64, so that ``y`` holds the numbers that are on the screen.
    """
    lines = [HEAD, f"x = {_tensor((setting.image,))}  # (1, D, H, W)"]
    if not setting.pooling:
        lines.append(f"weight = {_tensor(setting.kernels)}  # (P, D, Kh, Kw)")
        biases = ", ".join(map(_number, setting.biases))
        lines.append(f"bias = torch.tensor([{biases}], dtype=torch.float64)")
    template = CALLS[setting.mode]
    if setting.mode == "average" and setting.dilation != (1, 1):
        template = DILATED_AVERAGE
    rows, columns = setting.kernel_size
    call = template.format(
        window=f"stride={setting.stride}, padding={setting.padding}",
        dilation=setting.dilation,
        output_padding=setting.output_padding,
        size=(rows, columns),
        count=rows * columns,
        channels=setting.channels,
    )
    lines.append(f"y = {call}  # (1, P, H', W')")
    if setting.relu and not setting.pooling:
        lines.append("y = F.relu(y)")
    return "\n".join([*lines, "print(y)", ""])


def _tensor(volumes: tuple[Volume, ...]) -> str:
    rows = []
    for volume in volumes:
        rows.append("    [")
        for plane in volume:
            rows.append("        [")
            rows += [f"            [{', '.join(map(_number, row))}]," for row in plane]
            rows.append("        ],")
        rows.append("    ],")
    return "torch.tensor([\n" + "\n".join(rows) + "\n], dtype=torch.float64)"


def _number(value: float) -> str:
    return repr(int(value)) if value.is_integer() else repr(value)
