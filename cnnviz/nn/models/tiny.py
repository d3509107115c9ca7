"""A small network for weak laptops: 5,994 parameters, an epoch in some seconds."""

from cnnviz.nn.network import Layer, Network, conv, dense, max_pool

NETWORK = Network(
    id="tiny",
    title="Tiny network",
    note="Eight and sixteen maps: quick enough for any laptop.",
    layers=(
        # 1 × 28 × 28
        conv(8, 5),  # 8 × 24 × 24, 208 parameters
        Layer("relu"),
        max_pool(2),  # 8 × 12 × 12
        conv(16, 5),  # 16 × 8 × 8, 3,216
        Layer("relu"),
        max_pool(2),  # 16 × 4 × 4
        Layer("flatten"),  # 256
        dense(10),  # 10, 2,570
    ),
)
