"""The PyTorch program of a setting: it runs, and gives what is on the screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from workable import REAL, any_settings

from cnnviz.ops.worked import work
from cnnviz.ops.worked_code import program
from cnnviz.pages.windows.presets import PRESETS


def run(source: str) -> np.ndarray:
    names: dict = {"print": lambda *_: None}
    exec(source, names)
    return names["y"][0].numpy()


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_presets_give_the_same_numbers(preset):
    assert np.array_equal(run(program(preset.setting)), work(preset.setting).result)


@settings(deadline=None, max_examples=60)
@given(any_settings())
def test_any_setting_gives_the_same_numbers(setting):
    assert np.array_equal(run(program(setting)), work(setting).result)


@settings(deadline=None, max_examples=30)
@given(any_settings(REAL))
def test_real_numbers_are_written_exactly(setting):
    np.testing.assert_allclose(
        run(program(setting)), work(setting).result, rtol=1e-12, atol=1e-9
    )


def test_a_dilated_average():
    average = next(p.setting for p in PRESETS if p.id == "average-pooling")
    setting = replace(average, dilation=(2, 2), stride=(1, 1))
    np.testing.assert_allclose(run(program(setting)), work(setting).result)
