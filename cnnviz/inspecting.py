"""The Inspect page for a module in a script or a notebook.

It knows the application and the Inspect page, and of torch no more than that a module
and an example were handed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PySide6.QtWidgets import QApplication

from cnnviz import app
from cnnviz import theme as themes
from cnnviz.errors import InputError
from cnnviz.pages.inspect.subject import Handed
from cnnviz.settings import Settings
from cnnviz.window import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.pages.inspect.page import InspectPage

PAGE = "inspect"


def inspect(
    model: Any,
    example_input: Any,
    *,
    classes: Sequence[str] = (),
    wait: bool | None = None,
) -> Window:
    """Open the Inspect page on any torch module.

    Parameters
    ----------
    model : torch.nn.Module
        It is run and left as it was; no hook stays in it.
    example_input : tensor or array
        What it takes, with a batch axis; the first example is shown.
    classes : sequence of str
        What the units of the last layer are called.
    wait : bool, optional
        Whether to return only when the window is closed; by default that is so where
        there was no Qt application yet, as in a script, and not in a notebook with
        ``%gui qt``.

    Returns
    -------
    Window
        Keep it, or the window may close.

    Raises
    ------
    InputError
        The model is no module, or the example no array with a batch axis.
    """
    handed = hand_over(model, example_input, classes)
    ours = QApplication.instance() is None
    window = _window()
    window.show_page(PAGE)
    cast("InspectPage", window.page).show_module(handed)
    window.show()
    window.page.setFocus()  # not the rail, of which nobody thinks here
    if ours if wait is None else wait:
        QApplication.exec()
        window.shut_down()
    return window


def hand_over(model: Any, example: Any, classes: Sequence[str] = ()) -> Handed:
    """Return a module and its first example as the page takes them.

    Raises
    ------
    InputError
        See :func:`inspect`.
    """
    if not callable(getattr(model, "named_modules", None)):
        raise InputError(
            f"{type(model).__name__} is no torch module: give inspect() a "
            "torch.nn.Module and an example of what it takes."
        )
    detach = getattr(example, "detach", None)
    array = np.asarray(detach().cpu() if detach is not None else example)
    if array.dtype.kind not in "fiub" or array.ndim < 2 or not array.size:
        raise InputError(
            "The example has no batch axis: give one of shape (1, channels, rows, "
            "columns), say with example[None]."
        )
    first = np.array(array[0], np.float32)
    return Handed(model, first, type(model).__name__, tuple(map(str, classes)))


def _window() -> Window:
    """Return a window that keeps no session and leaves the user's settings alone."""
    chosen = Settings()
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = app.make_application(chosen)
    window = Window(chosen)
    window.resize(1280, 800)
    themes.dress(application)
    return window
