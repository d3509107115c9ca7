"""A kernel as text to edit; says at once whether it can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.ops import kernel_text

if TYPE_CHECKING:
    from cnnviz.ops.kernels import Kernel

HELP = (
    "One row per line; spaces or commas between the numbers.\n"
    "Fractions such as 1/16 and NumPy or PyTorch lists work too."
)


class KernelTextDialog(QDialog):
    """Text of a kernel, and under it its size or the reason why it cannot be read.

    Parameters
    ----------
    kernel : Kernel
        The kernel to begin with.
    parent : QWidget
        The widget it belongs to.
    """

    taken = Signal(object)
    """The :class:`Kernel` that was read; its weights differ from the first one's."""

    def __init__(self, kernel: Kernel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Kernel as text")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._old = self._kernel = kernel
        px = theme.current().px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(20), px(16), px(20), px(16))
        column.setSpacing(px(8))
        help_line = QLabel(HELP)
        help_line.setProperty("role", "muted")
        self._text = QPlainTextEdit(kernel_text.format_text(kernel))
        self._text.setAccessibleName("Kernel as text")
        self._text.setToolTip(HELP)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(px(15))
        self._text.setFont(fixed)
        self._status = QLabel()
        self._status.setWordWrap(True)
        kinds = QDialogButtonBox.StandardButton
        self._box = QDialogButtonBox(kinds.Ok | kinds.Cancel)
        self._ok = self._box.button(kinds.Ok)
        self._ok.setText("Use this kernel")
        self._ok.setProperty("role", "primary")
        for button in self._box.buttons():
            button.setToolTip(button.text())
            button.setAccessibleName(button.text())
        for widget in (help_line, self._text, self._status, self._box):
            column.addWidget(widget)
        column.setStretchFactor(self._text, 1)
        self.resize(px(460), px(380))
        self._text.textChanged.connect(self._read)
        self._box.accepted.connect(self.accept)
        self._box.rejected.connect(self.reject)
        self._read()

    def accept(self) -> None:
        """Give the kernel back and close."""
        if self._kernel.weights != self._old.weights:
            self.taken.emit(self._kernel)
        super().accept()

    def _read(self) -> None:
        try:
            self._kernel = kernel_text.parse(self._text.toPlainText())
            rows, columns = self._kernel.size
            self._say(f"{rows} × {columns}", invalid=False)
        except InputError as error:
            self._say(str(error), invalid=True)

    def _say(self, text: str, *, invalid: bool) -> None:
        self._status.setText(text)
        self._status.setStyleSheet(
            f"color: {theme.color('error' if invalid else 'muted').name()}"
        )
        self._ok.setEnabled(not invalid)
        self._text.setProperty("invalid", invalid)
        self._text.style().unpolish(self._text)
        self._text.style().polish(self._text)
