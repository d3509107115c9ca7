"""Settings to be worked by hand, made by hypothesis, and torch's answer to them."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import assume
from hypothesis import strategies as st

from cnnviz.ops.worked_setting import MODES, Setting, why_unworkable


def by_torch(setting: Setting) -> np.ndarray:
    """Return torch's own answer (P, H', W') for a setting."""
    x = torch.tensor([setting.image], dtype=torch.float64)
    w = torch.tensor(setting.kernels, dtype=torch.float64)
    b = torch.tensor(setting.biases, dtype=torch.float64)
    window = {"stride": setting.stride, "padding": setting.padding}
    match setting.mode:
        case "max":
            y = F.max_pool2d(
                x, setting.kernel_size, dilation=setting.dilation, **window
            )
        case "average":
            y = F.avg_pool2d(x, setting.kernel_size, **window)
        case "transposed":
            y = F.conv_transpose2d(
                x,
                w.transpose(0, 1),
                b,
                output_padding=setting.output_padding,
                dilation=setting.dilation,
                **window,
            )
        case mode:
            w = w.flip(2, 3) if mode == "convolution" else w
            y = F.conv2d(x, w, b, dilation=setting.dilation, **window)
    return (y.relu() if setting.relu and not setting.pooling else y)[0].numpy()


WHOLE = st.integers(-9, 9).map(float)
REAL = st.floats(-100, 100, width=32)


@st.composite
def any_settings(draw, numbers=WHOLE, modes=MODES):
    """Draw settings of every mode; those that cannot work are dropped."""
    side, few = st.integers(1, 7), st.integers(1, 3)
    depth, filters = draw(few), draw(few)
    rows, columns, kh, kw = draw(side), draw(side), draw(few), draw(few)

    def array(*shape):
        values = draw(
            st.lists(numbers, min_size=math.prod(shape), max_size=math.prod(shape))
        )
        return np.array(values).reshape(shape).tolist()

    def frozen(data):
        return tuple(map(frozen, data)) if isinstance(data, list) else data

    pair = st.tuples(few, few)
    mode = draw(st.sampled_from(modes))
    pool = mode in ("max", "average")
    most = (kh // 2, kw // 2) if pool else (2, 2)
    setting = Setting(
        mode,
        frozen(array(depth, rows, columns)),
        frozen(array(filters, depth, kh, kw)),
        frozen(array(filters)),
        draw(pair),
        draw(st.tuples(*(st.integers(0, end) for end in most))),
        (1, 1) if mode == "average" else draw(pair),
        draw(st.tuples(st.integers(0, 1), st.integers(0, 1))),
        draw(st.booleans()),
    )
    assume(why_unworkable(setting) is None)
    return setting
