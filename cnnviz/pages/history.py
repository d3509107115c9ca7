"""Undo and redo for any page: a list of frozen states, and nothing about Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

S = TypeVar("S")

LIMIT = 500


class History(Generic[S]):
    """The states that a page has been in, and which one it is in now.

    Parameters
    ----------
    state : S
        The first state; states are immutable and compared with ``==``.
    """

    def __init__(self, state: S) -> None:
        self.state = state
        self._past: list[S] = []
        self._future: list[S] = []
        self._gesture = ""

    def push(self, state: S, gesture: str = "") -> bool:
        """Make a state the present one; say whether it differs from the last.

        Parameters
        ----------
        state : S
            The new state.
        gesture : str
            Steps with the same non-empty key, such as those of one drag, are undone
            together.
        """
        if state == self.state:
            return False
        if not gesture or gesture != self._gesture:
            self._past = [*self._past[1 - LIMIT :], self.state]
        self._gesture = gesture
        self._future.clear()
        self.state = state
        return True

    def amend(self, state: S) -> bool:
        """Replace the present state without a step to undo (a zoom).

        An amendment that takes the last step back removes that step.
        """
        changed = state != self.state
        if changed and self._past and self._past[-1] == state:
            self._past.pop()
        self.state = state
        return changed

    def forget(self) -> None:
        """Make the present state the first one."""
        self._past.clear()
        self._future.clear()

    def has(self, wanted: Callable[[S], bool]) -> bool:
        """Whether the present state, or one to undo or redo, is a wanted one."""
        return any(map(wanted, (*self._past, self.state, *self._future)))

    def can_undo(self) -> bool:
        """Whether there is an earlier state."""
        return bool(self._past)

    def can_redo(self) -> bool:
        """Whether there is a state that was undone."""
        return bool(self._future)

    def undo(self) -> S:
        """Go back one step and return the state there; none is left: stay."""
        return self._move(self._past, self._future)

    def redo(self) -> S:
        """Go forward one step and return the state there; none is left: stay."""
        return self._move(self._future, self._past)

    def _move(self, source: list[S], target: list[S]) -> S:
        if source:
            target.append(self.state)
            self.state = source.pop()
            self._gesture = ""
        return self.state
