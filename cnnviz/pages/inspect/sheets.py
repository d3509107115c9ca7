"""One layer over the whole canvas: its maps, those of a second picture, its filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from cnnviz import theme
from cnnviz.widgets.map_sheet import MapSheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.pages.inspect.tiles import Tile


class Sheets(QWidget):
    """Tiles side by side, each to scroll through and to zoom into."""

    hovered = Signal(int, object)
    """The number of a tile and the place in its layer, a tuple."""
    clicked = Signal(int, object)
    left = Signal()
    zoomed_out = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tiles: list[Tile] = []
        self.sheets: list[MapSheet] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.current().px(16))

    def set_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show tiles in the place of those that are there."""
        while len(self.sheets) > len(tiles):
            sheet = self.sheets.pop()
            if sheet.hasFocus() and self.sheets:
                self.sheets[0].setFocus()
            self._row.removeWidget(sheet)
            sheet.hide()
            sheet.deleteLater()
        while len(self.sheets) < len(tiles):
            self.sheets.append(self._make(len(self.sheets)))
            self._row.addWidget(self.sheets[-1], 1)
        self.tiles = list(tiles)
        for tile, sheet in zip(tiles, self.sheets, strict=True):
            sheet.setAccessibleName(tile.title)
            sheet.set_title(tile.title, tile.caption, tile.note)
            sheet.set_maps(tile.maps, scale=tile.scale, signed=tile.signed)

    def _make(self, number: int) -> MapSheet:
        sheet = MapSheet("Maps")
        sheet.hovered.connect(
            lambda *cell: self.hovered.emit(number, self.tiles[number].place_of(*cell))
        )
        sheet.clicked.connect(
            lambda *cell: self.clicked.emit(number, self.tiles[number].place_of(*cell))
        )
        sheet.left.connect(self.left)
        sheet.zoomed_out.connect(self.zoomed_out)
        return sheet
