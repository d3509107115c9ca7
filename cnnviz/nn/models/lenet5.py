"""LeNet-5 as published in 1998, and as it is usually written today.

LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document
recognition", Proceedings of the IEEE 86 (1998), figure 2 and table I. The paper pads
28 × 28 pictures to 32 × 32, which the first layer's padding of 2 does here.
"""

from cnnviz.nn.network import Layer, Network, conv, dense, max_pool, subsample

# Table I: which of the six maps S2 each of the sixteen maps C3 reads.
C3 = (
    *((n, (n + 1) % 6, (n + 2) % 6) for n in range(6)),
    *(tuple(sorted((n + k) % 6 for k in range(4))) for n in range(6)),
    *(tuple(sorted((n + k) % 6 for k in (0, 1, 3, 4))) for n in range(3)),
    tuple(range(6)),
)

LENET5_1998 = Network(
    id="lenet5-1998",
    title="LeNet-5, 1998",
    note="As published: trained pooling, partial connections, distances to codes.",
    layers=(
        # 1 × 28 × 28
        conv(6, 5, padding=2),  # C1: 6 × 28 × 28, 156 parameters
        Layer("scaled-tanh"),
        subsample(2),  # S2: 6 × 14 × 14, 12
        Layer("scaled-tanh"),
        conv(16, 5, connections=C3),  # C3: 16 × 10 × 10, 1,516
        Layer("scaled-tanh"),
        subsample(2),  # S4: 16 × 5 × 5, 32
        Layer("scaled-tanh"),
        conv(120, 5),  # C5: 120 × 1 × 1, 48,120
        Layer("scaled-tanh"),
        Layer("flatten"),  # 120
        dense(84),  # F6: 84, 10,164
        Layer("scaled-tanh"),
        Layer("rbf", 10),  # squared distances to 10 codes of 7 × 12, none trained
    ),
)

LENET5 = Network(
    id="lenet5",
    title="LeNet-5 with ReLU",
    note="The usual reading today: ReLU, max pooling, full connections, dense end.",
    layers=(
        # 1 × 28 × 28
        conv(6, 5, padding=2),  # 6 × 28 × 28, 156 parameters
        Layer("relu"),
        max_pool(2),  # 6 × 14 × 14
        conv(16, 5),  # 16 × 10 × 10, 2,416
        Layer("relu"),
        max_pool(2),  # 16 × 5 × 5
        Layer("flatten"),  # 400
        dense(120),  # 120, 48,120
        Layer("relu"),
        dense(84),  # 84, 10,164
        Layer("relu"),
        dense(10),  # 10, 850
    ),
)
