from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnviz.ops import kernels
from cnnviz.ops.pipeline import Pool, Stage, run_stage
from cnnviz.ops.pytorch_code import program

PICTURE = np.random.default_rng(8).integers(0, 256, (23, 18, 3)).astype(np.float32)
SOBEL = (kernels.make("sobel-vertical"),)
EVEN = (kernels.make("box", size=4),)

PIPELINES = {
    "plain": (Stage(),),
    "same, even": (Stage(kernels=EVEN),),
    "convolution, bias": (Stage(operation="convolution", bias=-2.5),),
    "stride, dilation": (Stage(stride=(2, 3), padding=(1, 2), dilation=(2, 1)),),
    "full": (Stage(padding="full"),),
    "valid": (Stage(padding="valid"),),
    "reflect, even": (Stage(kernels=EVEN, padding_mode="reflect"),),
    "circular": (Stage(padding=(2, 1), padding_mode="circular"),),
    "replicate": (Stage(padding_mode="replicate", activation="abs"),),
    "max": (Stage(activation="relu", pool=Pool()),),
    "min": (Stage(pool=Pool("min", (3, 2), (1, 2))),),
    "two": (
        Stage(activation="relu", pool=Pool("average")),
        Stage(kernels=EVEN, padding=(2, 2), pool=Pool("l2")),
    ),
}


@pytest.mark.parametrize("name", PIPELINES)
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_the_program_gives_the_numbers_on_the_screen(name: str) -> None:
    expected = PICTURE
    for stage in PIPELINES[name]:
        expected = run_stage(expected, stage).pooled
    names: dict[str, object] = {}
    exec(program(PIPELINES[name]), names)
    x = torch.from_numpy(PICTURE).permute(2, 0, 1)[None]
    result = names["feature_map"](x)[0].permute(1, 2, 0).numpy()
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-3)
