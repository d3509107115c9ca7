"""The tour of the first start: what is where in the window, in five steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.widgets.spotlight import Spotlight, Step

if TYPE_CHECKING:
    from cnnviz.window import Window


def start(window: Window) -> Spotlight:
    """Lead over the window, from the first step on."""
    # Who has a settings file has been here before: the tour does not come by itself
    # a second time.
    window.change(window.settings)
    tour = Spotlight(window, steps(window))
    tour.begin()
    return tour


def steps(window: Window) -> tuple[Step, ...]:
    """Return what the tour says, and the parts of the window that it points at."""
    return (
        Step(
            "Pages, in the lecture's order",
            "From one multiplication to a network that learns. Lessons sets pages up "
            "for each part of the lecture.",
            lambda: window.rail,
        ),
        Step(
            "Change anything",
            "Each control changes the picture at once. Ctrl+Z takes back the last "
            "step, on every page.",
            lambda: window.page.parts["controls"],
        ),
        Step(
            "Point at any value",
            "Every number is behind a picture, a map or a cell: point at it to see "
            "where it comes from, click to keep it, Esc to let it go.",
            lambda: window.page.parts["canvas"],
        ),
        Step(
            "See the sum that made it",
            "The value in words and as a formula with its numbers. The arrow folds "
            "this panel away.",
            lambda: window.page.parts["explanation"],
        ),
        Step(
            "Open, save, present",
            "Drop a picture anywhere. Save what is on show as a file, copy it as "
            "PyTorch, present it with F5. F1 lists all keys.",
            window.menuBar,
        ),
    )
