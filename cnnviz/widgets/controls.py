"""Controls of a page's left column: choices, sections, labelled rows, a message."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QStandardItem,
    QStandardItemModel,
)
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.widgets.gestures import wheel_needs_focus
from cnnviz.widgets.segmented import Segmented as Segmented

Options = Sequence[tuple[str, str, str]]
"""(id, title, tooltip) of each option."""


class Choice(QComboBox):
    """One of many options, in groups under headings that cannot be chosen.

    Parameters
    ----------
    groups : sequence of (heading, options)
        A group with an empty heading shows none.
    name, tooltip : str
        Accessible name and tooltip.
    placeholder : str
        What is written while none of the options is current.
    """

    chosen = Signal(str)
    """The id that a person chose."""

    def __init__(
        self,
        groups: Sequence[tuple[str, Options]],
        name: str,
        tooltip: str,
        placeholder: str = "",
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setPlaceholderText(placeholder)
        # A long title is elided in the field and whole in the list.
        self.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.setMinimumContentsLength(6)
        wheel_needs_focus(self)
        # A click leaves the keys where they are, such as with a stepper.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_groups(groups)
        self.activated.connect(lambda _: self.chosen.emit(self.current()))

    def set_groups(self, groups: Sequence[tuple[str, Options]]) -> None:
        """Show other options, the first of them current, without a signal."""
        model = QStandardItemModel(self)
        for heading, options in groups:
            if heading:
                model.appendRow(_heading(heading))
            for option in options:
                model.appendRow(_item(*option))
        self.setModel(model)
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0))
        self.set_current(groups[0][1][0][0])

    def current(self) -> str:
        """Return the current id, empty if none of the options is current."""
        return str(self.currentData() or "")

    def set_current(self, key: str) -> None:
        """Show an option, or the placeholder for an unknown id, without a signal."""
        self.setCurrentIndex(self.findData(key) if key else -1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Elide a long title: the style sheet's own would be cut in a letter."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        if self.currentIndex() < 0:
            option.currentText = self.placeholderText()
        field = self.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, field.width()
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()


def _heading(title: str) -> QStandardItem:
    item = QStandardItem(title)
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    bold = QFont()  # takes everything but its weight from the list
    bold.setWeight(QFont.Weight.DemiBold)
    item.setFont(bold)
    return item


def _item(key: str, title: str, tooltip: str) -> QStandardItem:
    item = QStandardItem(title)
    item.setData(key, Qt.ItemDataRole.UserRole)
    item.setToolTip(tooltip)
    return item


ABOVE = 12
"""Pixels at text size 100 % over the heading of a section."""


class Section(QWidget):
    """A heading with controls under it."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setSpacing(theme.current().px(8))
        self._heading = QLabel(title)
        self._heading.setProperty("role", "heading")
        self._column.addWidget(self._heading)
        self.show_heading(True)

    def add(self, widget: QWidget) -> None:
        """Put a control under those that are there."""
        self._column.addWidget(widget)

    def show_heading(self, shown: bool) -> None:
        """Show the heading and the gap over it, or neither."""
        self._heading.setVisible(shown)
        over = theme.current().px(ABOVE) if shown else 0
        self._column.setContentsMargins(0, over, 0, 0)

    def heading_height(self) -> int:
        """Return the height that the heading takes where it is shown."""
        over = theme.current().px(ABOVE)
        return over + self._heading.sizeHint().height() + self._column.spacing()


def labelled(label: str, widget: QWidget, unit: str = "") -> QWidget:
    """Return a row: a muted label on the left, the control and its unit on the right.

    The control takes the label as its accessible name if it has none.
    """
    if not widget.accessibleName():
        widget.setAccessibleName(label)
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.current().px(8))
    row.addWidget(_muted(label), 1)
    row.addWidget(widget)
    if unit:
        row.addWidget(_muted(unit))
    return holder


def named(label: str, widget: QWidget) -> QWidget:
    """Return a control with a muted word before it."""
    return beside(_muted(label), widget)


def beside(*widgets: QWidget) -> QWidget:
    """Return controls that stay in one line."""
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.current().px(8))
    for widget in widgets:
        row.addWidget(widget)
    return holder


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "muted")
    return label


class Banner(QFrame):
    """One plain sentence above the canvas, until it is closed; hidden when empty."""

    def __init__(self) -> None:
        super().__init__()
        px = theme.current().px
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._close = QToolButton()
        self._close.setAccessibleName("Close the message")
        self._close.setToolTip("Close the message (Esc)")
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(px(20), px(6), px(12), px(6))
        row.setSpacing(px(6))
        row.addWidget(self._label, 1)
        row.addWidget(self._close)
        self._color()
        self.hide()

    def show_message(self, text: str) -> None:
        """Show a sentence and have it read out."""
        self._label.setText(text)
        self.setAccessibleName(text)
        self.show()
        from PySide6.QtGui import QAccessible, QAccessibleEvent  # no start needs them

        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def text(self) -> str:
        """Return the sentence on show, empty if there is none."""
        return "" if self.isHidden() else self._label.text()

    def _color(self) -> None:
        self._close.setIcon(theme.icon("close", "error"))
        self._close.setIconSize(QSize(1, 1) * theme.current().px(16))
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._color()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill the bar."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("error_soft"))
