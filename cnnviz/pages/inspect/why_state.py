"""What the views that ask why a network answers as it does are set to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Why:
    """The settings of the views behind the tabs "why" to "changes"."""
