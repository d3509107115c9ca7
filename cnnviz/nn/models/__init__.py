"""The networks that come with cnnviz, one file each; see :mod:`cnnviz.nn.network`."""

from cnnviz.nn.models import dense, lecture, lenet5, tiny

NETWORKS = (
    lecture.NETWORK,
    lenet5.LENET5,
    lenet5.LENET5_1998,
    tiny.NETWORK,
    dense.NETWORK,
)
"""In the order of a menu."""
