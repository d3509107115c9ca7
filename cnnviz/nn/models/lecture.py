"""The lecture's network for MNIST (section 8): 1,087,106 parameters."""

from cnnviz.nn.network import Layer, Network, conv, dense, max_pool

NETWORK = Network(
    id="lecture",
    title="Lecture network",
    note="Two convolutions, each with ReLU and pooling, and a hidden layer of 1000.",
    layers=(
        # 1 × 28 × 28
        conv(32, 5),  # 32 × 24 × 24, 832 parameters
        Layer("relu"),
        max_pool(2),  # 32 × 12 × 12
        conv(64, 5),  # 64 × 8 × 8, 51,264
        Layer("relu"),
        max_pool(2),  # 64 × 4 × 4
        Layer("flatten"),  # 1024
        dense(1000),  # 1000, 1,025,000
        Layer("relu"),
        dense(10),  # 10, 10,010
    ),
)
