"""Malformed files, all made here from a seed: what is sound, and then damaged.

A case is a file, or a folder of files, and the door of the window that is to open it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Door = Literal["kernel-lab", "inspect", "train", "signals", "kernel", "session"]
"""A page that opens files, the kernel's import, or the window for its own files."""


@dataclass(frozen=True)
class Case:
    """Something to open.

    Attributes
    ----------
    door : Door
    name : str
        Of the file or the folder; no two cases of one corpus share it.
    files : bytes or mapping of str to bytes
        What the file holds, or the folder's files by their paths in it.
    end : {"", "opens", "refused"}
        How it must end, where that is beyond doubt.
    """

    door: Door
    name: str
    files: bytes | Mapping[str, bytes]
    end: Literal["", "opens", "refused"] = ""

    def write(self, folder: Path) -> Path:
        """Put it into a folder and return its path."""
        place = folder / self.name
        if isinstance(self.files, bytes):
            place.write_bytes(self.files)
            return place
        place.mkdir()
        for name, data in self.files.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return place
