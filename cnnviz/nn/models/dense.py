"""A network without convolutions, to compare: every unit sees every pixel."""

from cnnviz.nn.network import Layer, Network, dense

NETWORK = Network(
    id="dense",
    title="Fully connected",
    note="No convolution: nothing is shared, and a shifted digit is another one.",
    layers=(
        # 1 × 28 × 28
        Layer("flatten"),  # 784
        dense(1000),  # 1000, 785,000 parameters
        Layer("relu"),
        dense(300),  # 300, 300,300
        Layer("relu"),
        dense(10),  # 10, 3,010
    ),
)
