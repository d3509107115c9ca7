"""torch, imported in a thread of its own, and left off as soon as the program ends.

An import cannot be cancelled, and that of torch takes a second, for which nobody waits
who closes the window. But it consists of some thousand imports, and any of them can be
refused.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from cnnviz.nn import device

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from types import ModuleType

TORCH = "torch"

_turn = threading.Event()
"""Whether the window has left the processor to torch."""
_turn.set()


class Left(Exception):
    """The program ends, so no more of torch is imported."""


def hold() -> None:
    """Let :func:`wait_for_turn` wait until :func:`load` begins."""
    _turn.clear()


def wait_for_turn() -> None:
    """Wait, before an import of torch, while the window is being made.

    Python would take turns with both, which doubles the time to the first picture.
    """
    _turn.wait()


def load() -> Generator[str, None, None]:
    """Import torch, yield what it computes on, and import what a first training needs.

    Raises
    ------
    ImportError, OSError
        torch is absent or broken.
    """
    try:
        device.load_libraries()
        _turn.set()
        yield device.describe()
        from cnnviz.nn import recording, training  # noqa: F401
    except Left:
        pass
    finally:
        _turn.set()


class Refusal:
    """A finder for ``sys.meta_path`` that ends imports of torch which nobody needs.

    These are all while torch is not whole: nothing can have been computed then that
    would be lost. Later a training saves itself with what it needs.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        """Find nothing, and raise for a part of torch.

        Raises
        ------
        Left
        """
        if name.partition(".")[0] == TORCH and not is_whole():
            raise Left


def is_whole() -> bool:
    """Return whether torch has been imported, to its last line."""
    spec = getattr(sys.modules.get(TORCH), "__spec__", None)
    return spec is not None and not getattr(spec, "_initializing", False)


def leave() -> Refusal:
    """Import no more of torch from now on; return what is first in ``sys.meta_path``.

    Threads that are at it get a :class:`Left` at their next import.
    """
    refusal = Refusal()
    sys.meta_path.insert(0, refusal)
    _turn.set()
    return refusal
