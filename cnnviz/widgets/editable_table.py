"""A table whose cells are edited in place, and whose rows may go meanwhile.

Qt leaves two ways for an editor to be committed after its cell has gone, and complains
of both. It does not know what the table shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QAbstractItemDelegate, QTableView

if TYPE_CHECKING:
    from PySide6.QtCore import QAbstractItemModel
    from PySide6.QtWidgets import QWidget


class EditableTable(QTableView):
    """A table that gives up the open editor before its model is reset.

    The keys go back to the table then. Qt itself only hides the editor: the keys are
    nobody's, and the delegate of a row or a column, which still watches it, commits it
    to a cell that is no more.

    Parameters
    ----------
    model : QAbstractItemModel
        What it shows, for good.
    """

    def __init__(self, model: QAbstractItemModel) -> None:
        super().__init__()
        self.setModel(model)
        model.modelAboutToBeReset.connect(self._give_up)

    def _give_up(self) -> None:
        editor = self.indexWidget(self.currentIndex())
        if editor is not None:
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def commitData(self, editor: QWidget) -> None:
        """Take what was typed, unless the editor has been closed since.

        Enter commits a moment later, once the keys before it have been handled; by then
        another Enter or a reset may have closed it.
        """
        if not editor.isHidden():
            super().commitData(editor)
