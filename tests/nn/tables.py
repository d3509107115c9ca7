"""Random small networks for hypothesis."""

from __future__ import annotations

from hypothesis import assume
from hypothesis import strategies as st

from cnnviz.nn.network import KINDS, WINDOWED, Layer, Network, why_layer_invalid
from cnnviz.nn.network import layer_shape as shape_after

pairs = st.tuples(*[st.integers(1, 4)] * 2)


@st.composite
def layers(draw: st.DrawFn, before: tuple[int, ...]) -> Layer:
    """Draw a layer that fits behind an output of this shape."""
    spatial = {*WINDOWED, "flatten"}
    flat = {"dense", "rbf"}
    kinds = [k for k in KINDS if k not in (flat if len(before) == 3 else spatial)]
    kind = draw(st.sampled_from(kinds))
    outputs = draw(st.integers(1, 5)) if kind in ("conv", "dense", "rbf") else 0
    layer = Layer(kind, outputs, rate=draw(st.sampled_from([0.0, 0.3, 0.9])))
    if kind in WINDOWED:
        sizes = [draw(pairs) for _ in range(3)]
        padding = draw(st.tuples(*[st.integers(0, 2)] * 2))
        layer = Layer(kind, outputs, sizes[0], sizes[1], padding, sizes[2])
    if kind == "conv" and draw(st.booleans()):
        table = st.sets(st.integers(0, before[0] - 1), min_size=1)
        rows = tuple(tuple(sorted(draw(table))) for _ in range(outputs))
        layer = Layer(
            kind, outputs, sizes[0], sizes[1], padding, sizes[2], connections=rows
        )
    assume(why_layer_invalid(layer, before) is None)
    return layer


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Draw a network for small pictures that ends in a dense layer."""
    shape: tuple[int, ...] = (draw(st.integers(1, 3)), *draw(pairs))
    shape = (shape[0], shape[1] + 6, shape[2] + 6)
    network, rows = Network(input=shape), []  # type: ignore[arg-type]
    for _ in range(draw(st.integers(0, 6))):
        rows.append(draw(layers(shape)))
        shape = shape_after(rows[-1], shape)
    if len(shape) == 3:
        rows.append(Layer("flatten"))
    rows.append(Layer("dense", 4))
    return Network(input=network.input, layers=tuple(rows))
