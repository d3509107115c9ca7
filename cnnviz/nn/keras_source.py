"""A network written out as Keras 3, channels last, with a loader for its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.errors import InputError
from cnnviz.nn.pytorch_source import (
    check,
    codes,
    head,
    helpers_for,
    line,
    rows,
    short,
    told,
)

if TYPE_CHECKING:
    from cnnviz.nn.network import Layer, Network, Shape

FILE = """\
{head}

import keras
from keras import {imports}


{helpers}def network():
    # float32 (N, {input}) with values 0 to 1 become scores (N, {classes})
    return keras.Sequential(
        [
            keras.Input(({input})),
{layers}
        ]
    )


def load_weights(model, path):
    \"\"\"Load weights saved by cnnviz (pip install safetensors).\"\"\"
    from safetensors.numpy import load_file

    tensors = load_file(path)
    names = "weight", "bias", "running_mean", "running_var"
    for layer in model.layers:
        keys = [f"{{layer.name}}.{{name}}" for name in names]
        values = [tensors[key] for key in keys if key in tensors]
        if values:
            axes = {{4: (2, 3, 1, 0), 2: (1, 0)}}.get(values[0].ndim)
            values[0] = values[0].transpose(axes) if axes else values[0]
            layer.set_weights(values)


if __name__ == "__main__":
    model = network()
    # load_weights(model, "weights.safetensors")
    model.compile(
        optimizer="adam",
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.summary()
"""

SCALED_TANH = '''
def scaled_tanh(x):
    """Return 1.7159 · tanh(2x/3), which maps ±1 to ±1 (LeCun et al. 1998)."""
    return 1.7159 * ops.tanh(x * (2 / 3))
'''
PAD = '''
class Lowest(layers.Layer):
    """Surround maps by −∞, which no maximum chooses."""

    def __init__(self, rows, columns, **options):
        super().__init__(**options)
        self.sides = ((0, 0), (rows, rows), (columns, columns), (0, 0))

    def call(self, x):
        return ops.pad(x, self.sides, constant_values=float("-inf"))
'''
SUBSAMPLE = '''
class Subsample(layers.Layer):
    """A window's sum times a trained coefficient, plus a bias (LeCun et al. 1998)."""

    def __init__(self, kernel, stride, **options):
        super().__init__(**options)
        self.kernel, self.stride = kernel, stride

    def build(self, shape):
        self.count = self.kernel[0] * self.kernel[1]
        start = keras.initializers.Constant(1 / self.count)
        self.weight = self.add_weight((shape[-1],), start, name="weight")
        self.bias = self.add_weight((shape[-1],), "zeros", name="bias")

    def call(self, x):
        means = ops.average_pool(x, self.kernel, self.stride, "valid")
        return means * self.count * self.weight + self.bias
'''
PARTIAL = '''
class PartialConv(layers.Layer):
    """A convolution of which each map reads only those input maps in its row."""

    def __init__(self, table, kernel, stride=1, dilation=1, **options):
        super().__init__(**options)
        self.table, self.kernel = table, kernel
        self.stride, self.dilation = stride, dilation

    def build(self, shape):
        pairs = [m * shape[-1] + n for m, row in enumerate(self.table) for n in row]
        self.full = (len(self.table), shape[-1], *self.kernel)
        self.places = ops.transpose(ops.one_hot(pairs, self.full[0] * self.full[1]))
        size = (len(pairs), *self.kernel)
        self.weight = self.add_weight(size, "random_normal", name="weight")
        self.bias = self.add_weight(self.full[:1], "zeros", name="bias")

    def call(self, x):
        flat = ops.reshape(self.weight, (self.weight.shape[0], -1))
        full = ops.reshape(ops.matmul(self.places, flat), self.full)
        kernel = ops.transpose(full, (2, 3, 1, 0))
        step = {"strides": self.stride, "dilation_rate": self.dilation}
        return ops.conv(x, kernel, padding="valid", **step) + self.bias
'''
RBF = '''
class RBF(layers.Layer):
    """How near the input is to the code of each class: −‖x − code‖²."""

    def __init__(self, codes, **options):
        super().__init__(**options)
        self.codes = codes

    def call(self, x):
        return -ops.sum((x[:, None] - self.codes) ** 2, axis=-1)
'''
HELPERS = {
    "scaled_tanh": SCALED_TANH,
    "Lowest(": PAD,
    "Subsample(": SUBSAMPLE,
    "PartialConv(": PARTIAL,
    "RBF(": RBF,
}


def keras_source(network: Network) -> str:
    """Return a program whose ``network()`` builds this network in Keras 3.

    Raises
    ------
    InputError
        With the sentence of :meth:`Network.why_invalid`, or where Keras has no such
        layer.
    """
    check(network)
    lines = []
    for name, layer, before, shape, count in rows(network):
        *first, last = _calls(layer, before, name)
        lines += [f"            {expression}," for expression in first]
        turned = (*shape[1:], shape[0]) if len(shape) == 3 else shape
        lines.append(line(f"{last},", told(turned, count), 12))
    layers = "\n".join(lines)
    helpers = helpers_for(layers, HELPERS) + codes(network, "ops.convert_to_tensor")
    channels, *size = network.input
    return FILE.format(
        head=head(network),
        imports="layers, ops" if "ops." in helpers else "layers",
        helpers=helpers,
        layers=layers,
        input=", ".join(map(str, (*size, channels))),
        classes=network.classes,
    )


def _calls(layer: Layer, before: Shape, name: str) -> list[str]:
    """Return the expressions that make one layer, the one with its name last."""
    named = f'name="{name}"'
    match layer.kind:
        case "conv" | "max-pool" | "average-pool" | "subsample":
            return _windowed(layer, named)
        case "batch-norm":  # torch's numbers: Keras counts momentum the other way
            return [f"layers.BatchNormalization(momentum=0.9, epsilon=1e-5, {named})"]
        case "dropout":
            return [f"layers.Dropout({layer.rate!r}, {named})"]
        case "flatten":  # as torch does it: channel by channel
            return ["layers.Permute((3, 1, 2))", f"layers.Flatten({named})"]
        case "dense":
            return [f"layers.Dense({layer.outputs}, {named})"]
        case "rbf":
            return [f"RBF(codes({layer.outputs}, {before[0]}), {named})"]
        case "scaled-tanh":
            return [f"layers.Activation(scaled_tanh, {named})"]
        case _:
            return [f'layers.Activation("{layer.kind}", {named})']


def _windowed(layer: Layer, named: str) -> list[str]:
    size, stride = short(layer.kernel), short(layer.stride)
    dilated, calls = layer.dilation != (1, 1), []
    if dilated and layer.kind != "conv":
        raise InputError("Keras pools without dilation: set it to 1 for this export.")
    if dilated and layer.stride != (1, 1):
        raise InputError(
            "A convolution of Keras has stride or dilation: set one of them to 1 for "
            "this export."
        )
    if layer.padding != (0, 0):
        what = "Lowest" if layer.kind == "max-pool" else "layers.ZeroPadding2D"
        sides = str(layer.padding)
        calls.append(f"{what}{sides if what == 'Lowest' else f'({sides})'}")
    step = f", {stride}" if layer.stride != (1, 1) else ""
    step += f", dilation_rate={short(layer.dilation)}" if dilated else ""
    match layer.kind:
        case "conv" if layer.connections:
            step = step.replace("dilation_rate", "dilation")
            last = f"PartialConv({layer.connections}, {layer.kernel}{step}, {named})"
        case "conv":
            last = f"layers.Conv2D({layer.outputs}, {size}{step}, {named})"
        case "subsample":
            last = f"Subsample({layer.kernel}, {layer.stride}, {named})"
        case _:
            kind = "Max" if layer.kind == "max-pool" else "Average"
            last = f"layers.{kind}Pooling2D({size}, {stride}, {named})"
    return [*calls, last]
