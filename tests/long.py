"""``--long``, or ``CNNVIZ_LONG=1``: all of the reliability suite, not a sample of it.

A test takes the fixture ``long`` and sizes itself. One that makes no sense in small is
marked ``long`` and is left out of the usual run.
"""

from __future__ import annotations

import os

import pytest

PATIENCE = 3600
"""Seconds that one test may take in the long part."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.addoption(
        "--long",
        action="store_true",
        default=os.environ.get("CNNVIZ_LONG", "0") != "0",
        help="run all of the reliability suite and not a sample of it",
    )


@pytest.fixture(scope="session")
def long(request: pytest.FixtureRequest) -> bool:
    """Whether all of the reliability suite is to run."""
    return bool(request.config.getoption("--long"))


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Leave out what is marked ``long``, or give those that ask for it their time."""
    if config.getoption("--long"):
        for item in items:
            if "long" in item.fixturenames or item.get_closest_marker("long"):
                item.add_marker(pytest.mark.timeout(PATIENCE))
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
