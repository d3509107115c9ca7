"""Filtering and pooling of whole photographs, as ratios of times taken in turns.

Stride 1 is held against bare ``cv2.filter2D`` on the same array; strides and dilations
against our own stride 1 with the same kernel, which they must not exceed but where
:func:`most_changing` says why; pooling against bare ``cv2.dilate``. The pictures are
frozen, as those that the application opens, and filtered again and again, as a picture
is whose kernel is edited. Strides are timed on a picture that nobody froze as well, for
which nothing is kept: that is what each frame of a camera costs, or a later stage. The
first filter of a small frozen picture also takes it apart, once for each stride: 3×3
then takes 1.0 to 1.4 times as long as stride 1, and 1.4 to 1.8 times with colours.
"""

from __future__ import annotations

import statistics
from itertools import product
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from turns import duration, timed

from cnnviz.ops.convolution import correlate
from cnnviz.ops.geometry import Geometry
from cnnviz.ops.pooling import pool

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[[], object]

PAIRS = 15
TRIES = 3
MOST, MOST_SMALL = 1.1, 1.2  # 10 % are the measurement's own noise
MOST_THINNED, MOST_PADDED = 1.3, 1.2

SIZES = {
    "512×512 grey": (512, 512),
    "512×512 colour": (512, 512, 3),
    "1920×1080 grey": (1080, 1920),
    "1920×1080 colour": (1080, 1920, 3),
    "3840×2160 grey": (2160, 3840),
    "3840×2160 colour": (2160, 3840, 3),
}


def ratio(yardstick: Run, ours: Run, most: float) -> tuple[float, float]:
    """Time both in turns; return our median and its ratio, the best of a few tries."""

    def attempt() -> tuple[float, float]:
        pairs = [(duration(yardstick), duration(ours)) for _ in range(PAIRS)]
        bare, own = (statistics.median(column) for column in zip(*pairs, strict=True))
        return own / bare, own

    yardstick(), ours()
    best = attempt()
    for _ in range(TRIES - 1):
        if best[0] > most:
            best = min(best, attempt())
    return best


def most_changing(pixels: int, k: int, g: Geometry) -> float:
    """Return how many times stride 1 a stride may take on a picture that may change.

    A 3×3 filter of a small one is hardly slower than memory. To copy every other column
    of its result, and nothing else, takes a sixth of its time, a third with colours.
    Where no rows are passed over, or the padding is no zeros, nothing outweighs that.
    Of a large one with such padding the rows where two bands meet are filtered twice.
    """
    padded, columns = g.padding_mode != "zero", g.stride[0] == 1
    if pixels >= 2**20:
        return MOST_PADDED if padded and columns else MOST
    thinned = g.stride[1] > 1 and (columns or padded)
    return MOST_THINNED if k == 3 and thinned else MOST


def stepped(k: int) -> dict[str, Geometry]:
    """Return strides of rows, columns and both, and dilations, padded as for “same”."""
    pad = k // 2, k // 2
    result = {
        f"stride {r},{c}": Geometry((k, k), (r, c), pad)
        for s in (2, 3, 4)
        for r, c in ((s, 1), (1, s), (s, s))
    }
    for d in (2, 3, 6):
        dilated = Geometry((k, k), padding="same", dilation=(d, d))
        result[f"dilation {d}"] = dilated
    return result


@timed
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SIZES)
def test_filtering(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    picture = rng.uniform(0, 255, SIZES[name]).astype(np.float32)
    picture.flags.writeable = False
    unfrozen = picture.copy()
    pixels = picture.shape[0] * picture.shape[1]
    late = []
    for k in (3, 5, 11):
        kernel = rng.normal(size=(k, k)).astype(np.float32)

        def ours(g: Geometry, picture=picture, kernel=kernel) -> Run:
            return lambda: correlate(picture, kernel, g)

        def bare(kernel=kernel) -> object:
            return cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_CONSTANT)

        whole = Geometry((k, k), padding="same")
        same, same_changing = ours(whole), ours(whole, unfrozen)
        cases = {"same": (bare, same, MOST)}
        if pixels >= 2**20:  # below it the call itself counts
            cases["valid"] = bare, ours(Geometry((k, k))), MOST
        else:
            cases["same"] = bare, same, MOST_SMALL
        for case, g in stepped(k).items():
            cases[case] = same, ours(g), MOST
            if g.stride[1] > 1 and pixels < 2**20:  # no others are ever kept
                most = most_changing(pixels, k, g)
                cases[f"{case} changing"] = same_changing, ours(g, unfrozen), most
        line = f"{name:17} {k:2}×{k:<2}"
        for case, (yardstick, run, most) in cases.items():
            times, seconds = ratio(yardstick, run, most)
            line += f"  {case} {seconds * 1000:.1f} ms ({times:.2f})"
            if times > most:
                late.append(f"{k}×{k} {case}: {times:.2f}, at most {most}")
        with capsys.disabled():
            print(f"\n{line}", end="", flush=True)
    assert not late


@timed
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [name for name in SIZES if "3840" not in name])
def test_strides_of_padded_pictures(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(0)
    picture = rng.uniform(0, 255, SIZES[name]).astype(np.float32)
    pixels = picture.shape[0] * picture.shape[1]
    late = []
    for k, mode in product((3, 5), ("reflect", "replicate", "circular")):
        kernel = rng.normal(size=(k, k)).astype(np.float32)
        line = f"{name:17} {k}×{k} {mode:9}"
        for stride in ((2, 1), (1, 2), (2, 2)):
            whole, g = (
                Geometry((k, k), s, (k // 2, k // 2), padding_mode=mode)
                for s in ((1, 1), stride)
            )
            most = most_changing(pixels, k, g)

            def run(g: Geometry, kernel=kernel) -> Run:
                return lambda: correlate(picture, kernel, g)

            times, seconds = ratio(run(whole), run(g), most)
            case = f"stride {stride[0]},{stride[1]}"
            line += f"  {case} {seconds * 1000:.1f} ms ({times:.2f})"
            if times > most:
                late.append(f"{k}×{k} {mode} {case}: {times:.2f}, at most {most}")
        with capsys.disabled():
            print(f"\n{line}", end="", flush=True)
    assert not late


@timed
@pytest.mark.parametrize("name", [name for name in SIZES if "512" not in name])
def test_pooling(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    picture = np.random.default_rng(0).uniform(0, 255, SIZES[name]).astype(np.float32)
    # OpenCV has no fast way to take the columns of a colour picture apart.
    most = MOST if picture.ndim == 2 else 1.5
    g, element = Geometry((2, 2), (2, 2)), np.ones((2, 2), np.uint8)
    times, seconds = ratio(
        lambda: cv2.dilate(picture, element), lambda: pool(picture, "max", g), most
    )
    with capsys.disabled():
        print(f"\n{name:17} max 2×2  {seconds * 1000:.1f} ms ({times:.2f})", end="")
    assert times <= most
