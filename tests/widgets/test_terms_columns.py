"""The terms of one window, a column a term."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from cnnviz import theme
from cnnviz.widgets.terms_columns import TermsColumns
from cnnviz.widgets.terms_panel import TermsContent
from cnnviz.widgets.terms_table import TermsDialog


def content(values, weights):
    values, weights = np.array([values], float), np.array([weights], float)
    products = values * weights
    return TermsContent(
        title="y₃",
        position="window 3 of 5",
        values=values,
        weights=weights,
        products=products,
        inside=values != 0,
        bias=0.0,
        total=float(products.sum()),
        shown=float(products.sum()),
    )


@pytest.fixture
def panel(qtbot):
    theme.apply(QApplication.instance(), "light", 100)
    widget = TermsColumns()
    qtbot.addWidget(widget)
    widget.resize(760, 170)
    widget.show_terms(content([3, 1, 4], [1, -2, 1]))
    widget.show()
    return widget


def test_values_weights_products_and_sum(panel):
    assert [row.texts[0] for row in panel.rows] == [
        ("3", "1", "4"),
        ("1", "−2", "1"),
        ("3", "−2", "4"),
    ]
    assert panel.value_text() == "5"
    assert "y₃" in panel.accessibleDescription()


def test_columns_stand_under_each_other(panel):
    for tap in range(3):
        assert len({row.cell_rect((0, tap)).left() for row in panel.rows}) == 1
    assert len({row.mapTo(panel, row.rect().topLeft()).x() for row in panel.rows}) == 1


def test_rounding_is_marked(panel):
    panel.show_terms(content([1, 2], [1 / 3, 1 / 3]))
    assert panel._names[1].text() == "× Weight ≈"
    assert panel._names[0].text() == "Value"
    assert panel.value_text() == "1"
    panel.show_terms(content([1, 1], [1 / 3, 1 / 3]))
    assert panel.value_text() == "≈0.666667"


def test_pointing_at_a_term_marks_its_column(panel, qtbot):
    told = []
    panel.tap_hovered.connect(told.append)
    qtbot.mouseMove(panel.rows[0], panel.rows[0].cell_rect((0, 1)).center())
    assert told == [1]


def test_31_terms_fit_and_the_table_has_them_all(panel, qtbot):
    panel.show_terms(content(range(1, 32), [1] * 31))
    assert panel.rows[0].width() < 760 - 150
    button = panel.findChild(QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = panel.findChild(TermsDialog)
    assert dialog._model.rowCount() == 32
    dialog.close()
    dialog.setParent(None)


def test_room_makes_the_cells_higher(panel):
    before = panel.rows[0].height()
    panel.set_row_height(44)
    assert panel.rows[0].height() == 44 > before
    panel.set_row_height(5)
    assert panel.rows[0].height() == before
