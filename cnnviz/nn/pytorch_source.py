"""A network written out as PyTorch that builds the same one and takes its weights."""

from __future__ import annotations

import textwrap
from itertools import pairwise
from typing import TYPE_CHECKING

from cnnviz.errors import InputError
from cnnviz.nn.class_codes import HEIGHT, WIDTH, class_codes

if TYPE_CHECKING:
    from cnnviz.nn.network import Layer, Network, Shape
    from cnnviz.ops.geometry import Pair

FILE = """\
{head}

{imports}


{helpers}def network():
    # float32 (N, {input}) with values 0 to 1 become scores (N, {classes})
    layers = OrderedDict()
{layers}
    return nn.Sequential(layers)


if __name__ == "__main__":
    model = network().eval()
    # Weights saved by cnnviz (pip install safetensors):
    # from safetensors.torch import load_file
    # model.load_state_dict(load_file("weights.safetensors"))
    print(model)
    print(model(torch.zeros(1, {input})).softmax(1))
"""

SCALED_TANH = '''
class ScaledTanh(nn.Module):
    """1.7159 · tanh(2x/3), which maps ±1 to ±1 (LeCun et al. 1998)."""

    def forward(self, x):
        return 1.7159 * torch.tanh(x * (2 / 3))
'''
WINDOW_SUMS = '''
def window_sums(x, kernel, stride=1, padding=0, dilation=1):
    """Add up what lies under a window, in each map for itself."""
    ones = x.new_ones(x.shape[1], 1, *kernel)
    return F.conv2d(x, ones, None, stride, padding, dilation, groups=x.shape[1])
'''
AVERAGE = '''
class DilatedAverage(nn.Module):
    """Average pooling with dilation, which nn.AvgPool2d does not have."""

    def __init__(self, kernel, **window):
        super().__init__()
        self.kernel, self.window = kernel, window

    def forward(self, x):
        count = self.kernel[0] * self.kernel[1]
        return window_sums(x, self.kernel, **self.window) / count
'''
SUBSAMPLE = '''
class Subsample(nn.Module):
    """A window's sum times a trained coefficient, plus a bias (LeCun et al. 1998)."""

    def __init__(self, channels, kernel, **window):
        super().__init__()
        self.kernel, self.window = kernel, window
        self.weight = nn.Parameter(torch.full((channels,), 1 / math.prod(kernel)))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        sums = window_sums(x, self.kernel, **self.window)
        return sums * self.weight[:, None, None] + self.bias[:, None, None]
'''
PARTIAL = '''
class PartialConv(nn.Module):
    """A convolution of which each map reads only those input maps in its row."""

    def __init__(self, channels, table, kernel, **window):
        super().__init__()
        pairs = [(m, n) for m, row in enumerate(table) for n in row]
        self.rows, self.columns = zip(*pairs)
        self.shape, self.window = (len(table), channels, *kernel), window
        self.weight = nn.Parameter(torch.randn(len(pairs), *kernel) / 10)
        self.bias = nn.Parameter(torch.zeros(len(table)))

    def forward(self, x):
        full = x.new_zeros(self.shape)
        places = torch.tensor(self.rows), torch.tensor(self.columns)
        full = full.index_put(places, self.weight)
        return F.conv2d(x, full, self.bias, **self.window)
'''
RBF = '''
class RBF(nn.Module):
    """How near the input is to the code of each class: −‖x − code‖²."""

    def __init__(self, codes):
        super().__init__()
        self.register_buffer("codes", codes, persistent=False)

    def forward(self, x):
        return -((x[:, None] - self.codes) ** 2).sum(-1)
'''
HELPERS = {
    "ScaledTanh(": SCALED_TANH,
    "window_sums(": WINDOW_SUMS,
    "DilatedAverage(": AVERAGE,
    "Subsample(": SUBSAMPLE,
    "PartialConv(": PARTIAL,
    "RBF(": RBF,
}
SIMPLE = {
    "relu": "nn.ReLU()",
    "tanh": "nn.Tanh()",
    "sigmoid": "nn.Sigmoid()",
    "scaled-tanh": "ScaledTanh()",
    "flatten": "nn.Flatten()",
}


def pytorch_source(network: Network) -> str:
    """Return a program whose ``network()`` builds this network.

    Its children have the network's names, so its ``load_state_dict`` takes a snapshot.

    Raises
    ------
    InputError
        With the sentence of :meth:`Network.why_invalid`.
    """
    check(network)
    layers = "\n".join(
        line(f'layers["{name}"] = {call(layer, before)}', told(shape, count), 4)
        for name, layer, before, shape, count in rows(network)
    )
    helpers = helpers_for(layers, HELPERS)
    return FILE.format(
        head=head(network),
        imports=_imports(layers + helpers),
        helpers=helpers + codes(network, "torch.tensor"),
        layers=layers,
        input=", ".join(map(str, network.input)),
        classes=network.classes,
    )


def call(layer: Layer, before: Shape) -> str:
    """Return the expression that makes one layer."""
    match layer.kind:
        case "conv" if layer.connections:
            table = layer.connections
            return f"PartialConv({before[0]}, {table}, {layer.kernel}{_window(layer)})"
        case "conv":
            size = f"{before[0]}, {layer.outputs}, {short(layer.kernel)}"
            return f"nn.Conv2d({size}{_window(layer)})"
        case "max-pool":
            return f"nn.MaxPool2d({short(layer.kernel)}{_window(layer, 1)})"
        case "average-pool" if layer.dilation != (1, 1):
            return f"DilatedAverage({layer.kernel}{_window(layer)})"
        case "average-pool":
            return f"nn.AvgPool2d({short(layer.kernel)}{_window(layer, 1)})"
        case "subsample":
            return f"Subsample({before[0]}, {layer.kernel}{_window(layer)})"
        case "batch-norm":
            return f"nn.BatchNorm{'2d' if len(before) == 3 else '1d'}({before[0]})"
        case "dropout":
            return f"nn.Dropout({layer.rate!r})"
        case "dense":
            return f"nn.Linear({before[0]}, {layer.outputs})"
        case "rbf":
            return f"RBF(codes({layer.outputs}, {before[0]}))"
        case _:
            return SIMPLE[layer.kind]


def _window(layer: Layer, pooling: int = 0) -> str:
    """Return how a window slides, where it is not torch's default."""
    stride = layer.kernel if pooling else (1, 1)
    defaults = {"stride": stride, "padding": (0, 0), "dilation": (1, 1)}
    return "".join(
        f", {name}={short(getattr(layer, name))}"
        for name, default in defaults.items()
        if getattr(layer, name) != default
    )


def _imports(code: str) -> str:
    lines = ["import math"] if "math." in code else []
    lines += ["from collections import OrderedDict", "", "import torch"]
    lines += ["import torch.nn.functional as F"] if "F." in code else []
    return "\n".join([*lines, "from torch import nn"])


# ------------------------------------------------------------- for Keras source as well


def check(network: Network) -> None:
    """Raise the sentence of a network that cannot be built."""
    if reason := network.why_invalid():
        raise InputError(reason)


def rows(
    network: Network,
) -> list[tuple[str, Layer, Shape, Shape, int]]:
    """Return of each layer: name, layer, shape before and after, parameters."""
    pairs = pairwise((network.input, *network.shapes))
    table = zip(network.names, network.layers, pairs, network.parameters, strict=True)
    return [(name, layer, *pair, count) for name, layer, pair, count in table]


def head(network: Network) -> str:
    """Return title, note and size as comments.

    The texts may come from a file and must not become code, so no line of theirs
    begins without the mark.
    """
    size = f"{sum(network.parameters):,} parameters. Written by cnnviz."
    texts = [" ".join(text.split()) for text in (network.title, network.note, size)]
    return "\n".join(
        textwrap.fill(text, 88, initial_indent="# ", subsequent_indent="# ")
        for text in texts
        if text
    )


def told(shape: Shape, count: int) -> str:
    """Return a layer's comment, such as ``32 × 24 × 24, 832 parameters``."""
    size = " × ".join(map(str, shape))
    return f"{size}, {count:,} parameters" if count else size


def line(code: str, comment: str, indent: int) -> str:
    """Return a line with a comment behind it, or several lines below it."""
    space = " " * indent
    whole = f"{space}{code}  # {comment}"
    if len(whole) <= 88:
        return whole
    inner = " " * (indent + 4)
    wrapped = textwrap.fill(
        code, 88, initial_indent=space, subsequent_indent=inner, break_long_words=False
    )
    return f"{space}# {comment}\n{wrapped}"


def short(pair: Pair) -> str:
    """Return one number for two that are equal."""
    return str(pair[0]) if pair[0] == pair[1] else str(pair)


def helpers_for(code: str, helpers: dict[str, str]) -> str:
    """Return the helpers that the code uses, and those that they use, in order."""
    needed = ""
    for name, helper in reversed(helpers.items()):
        if name in code + needed:
            needed = f"{helper[1:]}\n\n" + needed
    return needed


def codes(network: Network, tensor: str) -> str:
    """Return a function for the codes of an RBF layer; empty if there is none."""
    wanted = {
        (layer.outputs, before[0])
        for _, layer, before, _, _ in rows(network)
        if layer.kind == "rbf"
    }
    if not wanted:
        return ""
    digits = (10, WIDTH * HEIGHT)
    lines = ["def codes(classes, inputs):"]
    lines += ['    """Return a code of ±1 for each class, as cnnviz has them."""']
    if digits in wanted:
        signs = ["".join("-+"[int(v > 0)] for v in row) for row in class_codes(*digits)]
        lines = ['DIGITS = """', *signs, '""".split()', "", "", *lines]
        lines += [f"    if (classes, inputs) == {digits}:"]
        values = '[[1.0 if c == "+" else -1.0 for c in row] for row in DIGITS]'
        lines += [f"        signs = {values}", f"        return {tensor}(signs)"]
    if wanted - {digits}:
        lines += ["    import numpy as np", ""]
        lines += [
            "    bits = np.random.default_rng(1998).random((classes, inputs)) < 0.5"
        ]
        lines += [f"    return {tensor}(np.where(bits, 1.0, -1.0).tolist())"]
    return "\n".join([*lines, "", "", ""])
