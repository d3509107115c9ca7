from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnnviz.pages.history import LIMIT, History


def test_steps_of_one_gesture_are_undone_together() -> None:
    history = History(0)
    for value in (1, 2, 3):
        history.push(value, "drag 1")
    history.push(4, "drag 2")
    assert history.undo() == 3
    assert history.undo() == 0
    assert history.redo() == 3


def test_an_undo_ends_the_gesture() -> None:
    history = History(0)
    history.push(1, "drag")
    history.undo()
    history.push(2, "drag")
    assert history.undo() == 0


def test_what_equals_the_present_is_no_step() -> None:
    history = History(0)
    assert not history.push(0)
    assert not history.can_undo()


def test_a_new_step_forgets_what_was_undone() -> None:
    history = History(0)
    history.push(1)
    history.undo()
    history.push(2)
    assert not history.can_redo()


def test_an_amendment_is_no_step() -> None:
    history = History(0)
    history.push(1)
    assert history.amend(2)
    assert history.undo() == 0
    assert history.redo() == 2


def test_the_past_is_bounded() -> None:
    history = History(0)
    for value in range(1, LIMIT + 100):
        history.push(value)
    steps = 0
    while history.can_undo():
        history.undo()
        steps += 1
    assert steps == LIMIT


@given(st.lists(st.sampled_from(["push", "undo", "redo"]), max_size=40))
def test_redo_takes_back_undo(moves: list[str]) -> None:
    history = History(0)
    for number, move in enumerate(moves, start=1):
        if move == "push":
            history.push(number)
        elif move == "undo":
            history.undo()
        else:
            history.redo()
    before = history.state
    if history.can_undo():
        history.undo()
        assert history.redo() == before


def test_an_amendment_that_takes_a_step_back_removes_it() -> None:
    history = History(0)
    history.push(1)
    history.amend(0)
    assert not history.can_undo()


def test_a_restored_session_is_where_history_begins() -> None:
    history = History(0)
    history.push(1)
    history.forget()
    assert not history.can_undo()
    assert history.state == 1
