"""Malformed files, opened as a person opens them: a result, or one plain sentence."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
import pytest

from reliability.figures import report
from reliability.opening import Died, Opener, open_all

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = 30
"""Files of each corpus in the usual run of the tests."""

AT_LEAST = {"pictures": 600, "networks": 300, "states": 200, "data": 100}


@pytest.mark.usefixtures("generated")
@pytest.mark.parametrize("name", AT_LEAST)
def test_a_malformed_file_is_opened_or_refused_in_a_sentence(
    name: str, long: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where a pickle that ran would leave its trace
    (tmp_path / "corpus").mkdir()
    cases = import_module(f"reliability.corpus.{name}").cases()
    assert len(cases) >= AT_LEAST[name]
    assert len({case.name for case in cases}) == len(cases)
    if not long:
        chosen = np.random.default_rng(1).permutation(len(cases))[:SAMPLE]
        cases = [cases[place] for place in sorted({0, *map(int, chosen)})]
    tally, wrong = open_all(cases, tmp_path / "corpus")
    assert not wrong, "\n".join(wrong)
    assert {path.name for path in tmp_path.iterdir()} <= {"corpus", "home"}
    report(
        f"malformed-{name}",
        files=tally.files,
        opened=tally.opened,
        refused_in_a_sentence=tally.refused,
        crashes=0,
        hangs=0,
        longest_seconds=round(tally.longest, 2),
        largest_growth_megabytes=round(tally.largest / 2**20),
    )


@pytest.mark.usefixtures("generated")
def test_a_window_that_dies_or_hangs_is_noticed_and_replaced(tmp_path: Path) -> None:
    with Opener() as opener:
        with pytest.raises(Died, match="hung for over 5 s"):
            opener.open("hang", tmp_path)
        with pytest.raises(Died, match="crashed with"):
            opener.open("crash", tmp_path)
        answer = opener.open("kernel-lab", tmp_path / "gone.png")
    assert "cannot be read: there is no such file" in answer.sentences[0]
