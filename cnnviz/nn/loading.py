"""torch, imported in a thread of its own, that waits for the window and ends with it.

An import cannot be cancelled, and that of torch takes a second, for which nobody waits
who closes the window or goes to a page that is not made yet. But it consists of some
thousand imports, and any of them can be put off or refused.
"""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cnnviz.nn import device

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from types import ModuleType

TORCH = "torch"

_turn = threading.Event()
"""Whether the window has left the processor to torch."""
_turn.set()

_free = threading.Event()
"""Whether nothing is being made for which :func:`load` is to wait."""
_free.set()

PATIENCE = 2.0
"""Seconds that one import of torch waits at most."""


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


def pause() -> None:
    """Let :func:`load` wait at its next import of torch, until :func:`go_on`.

    Python would take turns with both, and stop for what of torch cannot be divided: a
    page takes two to three times as long to make then.
    """
    _free.clear()


def go_on() -> None:
    """Let :func:`load` go on."""
    _free.set()


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
        with _patient():
            yield device.describe()
            from cnnviz.nn import recording, training  # noqa: F401
    except Left:
        pass
    finally:
        _turn.set()


@contextmanager
def _patient() -> Iterator[None]:
    """Let this thread wait before each import of torch while :func:`pause` says so.

    An audit hook is told of an import before Python locks anything for it; while a
    finder is asked, no other thread can import, and PySide changes ``__import__`` now
    and then. To wait before other modules would keep those from a page that needs them
    too; what imports torch as this does, no page needs.
    """
    thread, loading = threading.get_ident(), True

    def wait(event: str, arguments: tuple[Any, ...]) -> None:
        if (
            event == "import"
            and loading
            and not _free.is_set()
            and threading.get_ident() == thread
            and arguments[0].partition(".")[0] == TORCH
        ):
            _free.wait(PATIENCE)

    sys.addaudithook(wait)  # for good
    try:
        yield
    finally:
        loading = False


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
    _free.set()
    return refusal
