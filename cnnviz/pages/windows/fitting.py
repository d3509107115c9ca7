"""What of a state has room on a board, and where: no widget, but the type's widths."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QFontMetrics

from cnnviz import theme
from cnnviz.pages.windows import show
from cnnviz.pages.windows.arrange import Layout, Spaces, arrange
from cnnviz.pages.windows.show import LEVELS, RESULT, Shown
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from cnnviz.ops.worked_setting import Setting
    from cnnviz.pages.windows.state import State

# In pixels at text size 100 %.
LARGEST, ROOMY, READABLE = 116, 44, 23
GAP, BETWEEN, APART, CAPTION, EDGE = 3, 12, 36, 26, 4


def fit(state: State, width: int, height: int) -> tuple[Shown, Layout]:
    """Return as much as can be read at this size, and the places of its matrices."""
    for shown in _levels(state.setting):
        layout = _arranged(state, shown, width, height)
        if layout.cell >= (READABLE if shown.compact else theme.current().px(READABLE)):
            break
    return shown, layout


def _levels(setting: Setting) -> tuple[Shown, ...]:
    """Return what may be shown, from all to the least that there is of it."""
    if setting.channels == 1 and setting.filters == 1:
        return (Shown(),)
    # Pooled channels go together: the result of one stands beside it.
    return (Shown(), Shown(True, True)) if setting.pooling else LEVELS


def _arranged(state: State, shown: Shown, width: int, height: int) -> Layout:
    px, workable = theme.current().px, not state.reason
    metrics = QFontMetrics(theme.font(14, bold=True))
    captions = show.captions(state.setting, shown)
    least = {
        key: metrics.horizontalAdvance(f"{text} {numbers.ROUNDED}")
        for key, text in captions.items()
    }
    plans = show.plans(state.setting, shown, workable=workable, least=least)
    spaces = Spaces(*map(px, (GAP, BETWEEN, APART, CAPTION, LARGEST, ROOMY)))
    if shown.compact:  # only the type is larger
        spaces = replace(spaces, cell=1, matrix=BETWEEN)
    margin = 2 * px(EDGE)
    room = (width if workable else width * 2 // 3) - margin
    return arrange(plans, room, height - margin, spaces, RESULT)


def wanted_height(state: State) -> int:
    """Return the height at which the rows can be read, kernels under a layer's."""
    px, setting, captions = theme.current().px, state.setting, 1
    rows = setting.size[0] if state.reason else len(state.work.origin)
    kernel = setting.kernel_size[0]
    if setting.mode == "transposed" and not state.reason:
        rows += max(state.work.result.shape[1], kernel) + 2
    elif setting.channels > 1 and not setting.pooling:
        rows, captions = rows + kernel, 2
    height = max(rows, 7) * px(READABLE + 4) + captions * px(CAPTION)
    return height + px(2 * EDGE + BETWEEN)
