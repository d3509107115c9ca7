"""The size of the window in a session."""

from __future__ import annotations

import pytest

from cnnviz.session import WindowSize

LAPTOP, BEAMER = (1366, 728), (1920, 1040)


@pytest.mark.parametrize(
    ("saved", "rooms", "size"),
    [
        ((2560, 1400), [LAPTOP, BEAMER], LAPTOP),
        ((2560, 700), [LAPTOP], (1366, 700)),
        ((1280, 800), [LAPTOP], (1280, 728)),
        ((1600, 900), [LAPTOP, BEAMER], (1600, 900)),
        ((900, 600), [LAPTOP], (900, 600)),
        ((2560, 1400), [], (2560, 1400)),
    ],
)
@pytest.mark.parametrize("maximized", [False, True])
def test_a_window_that_fits_no_screen_is_cut_to_its_own(saved, rooms, size, maximized):
    window = WindowSize(*saved, maximized)
    assert window.within(rooms) == WindowSize(*size, maximized)
