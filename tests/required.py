"""Fail a run in which tests that the machine must be able to run were skipped.

``CNNVIZ_REQUIRE="x11,other"`` names markers: a test that bears one of them may not be
skipped, and a run in which no test bears it is an error.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

REQUIRED = frozenset(filter(None, os.environ.get("CNNVIZ_REQUIRE", "").split(",")))


def _required(item: pytest.Item) -> set[str]:
    return {marker.name for marker in item.iter_markers()} & REQUIRED


def pytest_collection_finish(session: pytest.Session) -> None:
    """Stop before the first test where no test bears a required marker."""
    absent = REQUIRED.difference(*map(_required, session.items))
    if absent and not session.testsfailed:  # a broken test file is the first to mend
        raise pytest.UsageError(f"CNNVIZ_REQUIRE: no test is marked {sorted(absent)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn the skip of a required test into a failure that gives the skip's reason."""
    report = yield
    names = _required(item)
    if report.skipped and names and not hasattr(report, "wasxfail"):
        reason: Any = report.longrepr
        report.outcome = "failed"
        report.longrepr = f"CNNVIZ_REQUIRE={','.join(sorted(names))}: {reason[2]}"
    return report
