"""What a part of the suite measured, as a small JSON file for whoever gathers them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from cnnviz.files import make_folder, write_atomic

FOLDER = "CNNVIZ_RELIABILITY_OUT"
"""The environment variable that names the folder; without it nothing is written."""


def report(part: str, **figures: float | str) -> None:
    """Write ``{"part": part, "figures": figures}`` to ``part.json``, whole or not.

    Parameters
    ----------
    part : str
        Letters and hyphens, such as ``"malformed-pictures"``; no two parts share one.
    figures : number or str
        By name; the unit ends the name, as in ``longest_seconds``.
    """
    if folder := os.environ.get(FOLDER):
        make_folder(folder)
        record = json.dumps({"part": part, "figures": figures}, indent=1)
        write_atomic(Path(folder) / f"{part}.json", record.encode())
