"""The state of the Lessons page: there is nothing on it that could be set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """What the Lessons page shows is a function of the lessons' files alone."""
