"""Hours of use in minutes: the process is as large at the end as after its warm-up."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from cnnviz.nn import digits, idx
from reliability.figures import report
from reliability.inside import launch, prepare_home, troubles

if TYPE_CHECKING:
    from pathlib import Path

PICTURES, PAGES, TRAININGS = 10_000, 500, 30
SOME = 240, 48, 4
WARM_UP = 1 / 4
"""Share of the rounds after which the size counts: every page has been used then."""

MOST_MB = 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write two pictures, and generated digits as MNIST's four files."""
    draw = np.random.default_rng(0)
    for number, (height, width) in enumerate(((240, 320), (300, 200))):
        pixels = draw.integers(0, 256, (height, width, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    place = tmp_path / "digits"
    place.mkdir()
    for name, count in (("train", 480), ("t10k", 120)):
        split = digits.generate(count, count)
        idx.write(place / f"{name}-images-idx3-ubyte", split.images[:, 0])
        labels = split.labels.astype(np.uint8)
        idx.write(place / f"{name}-labels-idx1-ubyte", labels)
    return tmp_path


def test_long_use_leaves_the_process_as_it_was(
    long: bool, folder: Path, home: Path
) -> None:
    counts = (PICTURES, PAGES, TRAININGS) if long else SOME
    prepare_home(home)
    begin = time.monotonic()
    with launch(
        *("soak_side", *counts, folder),
        environment={**os.environ, "CNNVIZ_HOME": str(home)},
    ) as process:
        out, err = process.communicate(timeout=3000)
    lasted = time.monotonic() - begin
    assert (process.returncode, err, troubles(home)) == (0, "", [])
    rows = [json.loads(line) for line in out.splitlines()]
    assert len(rows) == counts[2] + 1
    first, last = rows[round(WARM_UP * counts[2])], rows[-1]
    grown = last[1] - first[1]
    pictures, pages, trainings = counts
    report(
        "soak",
        pictures=pictures,
        pages=pages,
        trainings=trainings,
        minutes=round(lasted / 60, 1),
        growth_mb=round(grown, 1),
        threads_before=first[2],
        threads_after=last[2],
        files_before=first[3],
        files_after=last[3],
    )
    assert last[2:] == first[2:], f"threads and files: {rows}"
    assert grown < MOST_MB, rows
