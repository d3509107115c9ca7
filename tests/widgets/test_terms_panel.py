"""The equation of one value, and its table."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QTableView, QWidget

from cnnviz.widgets.matrix import MatrixView
from cnnviz.widgets.terms import PoolContent, TermsContent
from cnnviz.widgets.terms_panel import EMPTY, TermsPanel
from cnnviz.widgets.terms_table import TermsDialog


def content(rows, columns, after=(("ReLU", 0.0),)):
    values = np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)
    weights = np.full((rows, columns), -1 / 16, np.float32)
    products = values.astype(np.float64) * weights
    total = float(products.sum())
    return TermsContent(
        "Feature map",
        "row 1, column 2",
        values,
        weights,
        products,
        np.ones((rows, columns), bool),
        0.0,
        total,
        float(np.float32(total)),
        after,
        "Red channel",
    )


@pytest.fixture
def panel(qtbot):
    widget = TermsPanel()
    qtbot.addWidget(widget)
    widget.resize(1000, 260)
    widget.show()
    return widget


def button(panel, name):
    buttons = panel.findChildren(QPushButton)
    return next(each for each in buttons if each.accessibleName() == name)


def matrices(panel):
    return [view for view in panel.findChildren(MatrixView) if view.isVisible()]


def labels(panel):
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def test_empty_it_says_what_to_do(panel):
    assert labels(panel) == [EMPTY]
    assert matrices(panel) == []
    assert panel.accessibleDescription() == EMPTY


def test_it_shows_the_equation(panel):
    panel.show_terms(content(3, 3))
    window, kernel, products = matrices(panel)
    assert window.texts[2] == ("6", "7", "8")
    assert kernel.values[0, 0] == -0.0625
    assert products.values[0, 1] == -0.0625
    shown = labels(panel)
    for text in ("Feature map", "row 1, column 2", "×", "=", "−2.25", "ReLU → 0"):
        assert text in shown
    assert "sum −2.25, bias 0" in shown and "Red channel" in shown
    assert panel.accessibleDescription() == (
        "sum −2.25, bias 0; value −2.25; ReLU → 0; Red channel"
    )


def test_the_height_is_the_same_with_and_without_a_value(panel, qtbot):
    panel.show_terms(content(3, 3))
    qtbot.wait(1)
    full = panel.sizeHint().height()
    panel.show_terms(None)
    qtbot.wait(1)
    assert panel.sizeHint().height() == full


def test_it_can_be_made_narrower_again(panel):
    panel.resize(1600, 300)
    panel.show_terms(content(5, 5))
    assert panel.minimumSizeHint().width() <= 480


@pytest.mark.parametrize("width", [740, 1000, 1600])
@pytest.mark.parametrize("size", [(1, 1), (3, 3), (5, 5), (2, 9), (31, 31), (31, 1)])
def test_it_fits_every_kernel_and_width(panel, qtbot, width, size):
    panel.resize(width, 300)
    panel.show_terms(content(*size))
    qtbot.wait(1)
    assert panel.minimumSizeHint().width() <= width
    edges = [
        view.mapTo(panel, view.rect().bottomRight()).x() for view in matrices(panel)
    ]
    assert len(edges) == 3 and max(edges) < width
    if size[1] <= 5 and size[0] <= 5:
        assert all(view.texts for view in matrices(panel))


@pytest.mark.parametrize(
    ("width", "line"), [(1000, "row 1, column 2"), (360, "row 1, column 2\nsum ")]
)
def test_in_a_narrow_panel_the_place_stands_by_the_sum(qtbot, width, line):
    host = QWidget()  # a window of its own would not be as narrow
    qtbot.addWidget(host)
    panel = TermsPanel()
    panel.setParent(host)
    panel.setGeometry(0, 0, width, 260)
    host.show()
    panel.show_terms(replace(content(3, 3), title="Laplacian of Gaussian"))
    qtbot.wait(1)
    (place,) = [text for text in labels(panel) if "row 1, column 2" in text]
    assert place.startswith(line)
    assert place == line or width == 360


def test_hovering_a_cell_marks_it_everywhere(panel, qtbot):
    panel.show_terms(content(3, 3))
    window, kernel, products = matrices(panel)
    with qtbot.waitSignal(panel.tap_hovered) as told:
        kernel.hovered.emit(1, 2)
    assert told.args == [1, 2]
    assert window._marked == products._marked == {(1, 2)}
    kernel.hovered.emit(-1, -1)
    assert window._marked == frozenset()


def test_the_chosen_cell_of_a_pool_stays_marked(panel):
    values = np.array([[1, 9], [3, 4]], np.float32)
    inside = np.ones((2, 2), bool)
    panel.show_terms(
        PoolContent("Max pool", "row 0", "max", values, inside, (0, 1), 9.0, 9.0)
    )
    (window,) = matrices(panel)
    assert window._marked == {(0, 1)}
    assert "largest of 4 values" in labels(panel) and "9" in labels(panel)
    assert not button(panel, "All terms").isVisible()
    window.hovered.emit(1, 1)
    assert window._marked == {(0, 1), (1, 1)}


def test_all_terms_in_a_table_to_copy(panel, qtbot):
    panel.show_terms(content(2, 2))
    qtbot.mouseClick(button(panel, "All terms"), Qt.MouseButton.LeftButton)
    dialog = panel.findChild(TermsDialog)
    model = dialog.findChild(QTableView).model()
    assert (model.rowCount(), model.columnCount()) == (5, 6)
    assert model.headerData(4, Qt.Orientation.Horizontal) == "Product"
    last = [model.index(4, column).data() for column in range(6)]
    assert last == ["with bias", "", "", "", "0", "−0.375"]
    csv, markdown, close = dialog.findChildren(QPushButton)
    qtbot.mouseClick(csv, Qt.MouseButton.LeftButton)
    assert (
        QGuiApplication.clipboard().text().startswith("Kernel row,Kernel column,Value")
    )
    qtbot.mouseClick(markdown, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().startswith("| Kernel row |")
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.findChild(TermsDialog) is None)
