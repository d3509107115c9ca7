"""torch, imported in a thread of its own, and left off as soon as the program ends.

An import cannot be cancelled, and that of torch takes a second or two, for which nobody
waits who closes the window. But it consists of some thousand imports, and any of them
can be refused.
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

_loaders: set[int] = set()
"""Identities of the threads that import in advance what others may need."""


class Left(Exception):
    """The program ends, so no more of torch is imported."""


def load() -> Generator[str, None, None]:
    """Import torch, yield what it computes on, and prepare its first training.

    Raises
    ------
    ImportError, OSError
        torch is absent or broken.
    """
    _loaders.add(threading.get_ident())
    try:
        yield device.describe()
        from cnnviz.nn import optimizers  # which needs torch

        optimizers.warm_up()  # or the first training would wait for it
    except Left:
        pass
    finally:
        _loaders.discard(threading.get_ident())


class Refusal:
    """A finder for ``sys.meta_path`` that ends imports of torch which nobody needs.

    These are all of :func:`load`, and all while torch is not whole: nothing can have
    been computed then that would be lost. A training saves itself with what it needs.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        """Find nothing, and raise for a part of torch.

        Raises
        ------
        Left
        """
        if name.partition(".")[0] == TORCH and (
            threading.get_ident() in _loaders or not is_whole()
        ):
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
    return refusal
