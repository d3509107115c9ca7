from __future__ import annotations

import pytest

from cnnviz.session import WindowSize


@pytest.mark.parametrize(
    ("saved", "fitting"),
    [((2560, 1400), (1366, 728)), ((1280, 800), (1280, 728)), ((900, 600), (900, 600))],
)
@pytest.mark.parametrize("maximized", [False, True])
def test_a_window_is_no_larger_than_the_screen_has_room(saved, fitting, maximized):
    size = WindowSize(*saved, maximized)
    assert size.within(1366, 728) == WindowSize(*fitting, maximized)
