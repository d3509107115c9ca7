"""What can be done with data: choose, fetch, cancel; a bad choice changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from cnnviz.pages.data_loader import DataLoader, about

if TYPE_CHECKING:
    from pathlib import Path

    from cnnviz.nn.datasets import Dataset
    from cnnviz.pages.train.data_box import DataBox
    from cnnviz.pages.train.page import TrainPage


class DataCommands(QObject):
    """Carries out what the choice of data asks for, on the page.

    Parameters
    ----------
    page : TrainPage
    box : DataBox
    home : Path
        The user's data folder.

    Attributes
    ----------
    data : Dataset or None
        The last that could be opened.
    """

    changed = Signal()
    """There is other data, or none."""

    def __init__(self, page: TrainPage, box: DataBox, home: Path) -> None:
        super().__init__(page)
        self.data: Dataset | None = None
        self._page, self._box, self._source = page, box, ""
        self._loader = DataLoader(home, self)
        self._loader.progressed.connect(box.show_progress)
        self._loader.loaded.connect(self._take)
        self._loader.failed.connect(self._refuse)
        box.chosen.connect(self.choose)
        box.folder_asked.connect(self._ask_for_folder)
        box.download_asked.connect(self._download)
        box.cancelled.connect(self._cancel)

    @property
    def busy(self) -> bool:
        """Whether data is on its way."""
        return self._loader.busy

    def choose(self, source: str) -> None:
        """Take other data, or read the same again: it may have grown or been mended."""
        recipe = self._page.state.recipe
        if source == recipe.data:
            self._loader.request(source)
        else:
            recipe = replace(recipe, data=source)
            self._page.edit(self._page.state.with_recipe(recipe))

    def load(self, source: str) -> None:
        """Open the data of a state, unless that is here."""
        if self.data is None or source != self._source:
            self._loader.request(source)
        else:
            self._loader.cancel()
            self._box.show_ready(about(self.data))

    def shut_down(self) -> None:
        """Cancel and join."""
        self._loader.shut_down()

    def _take(self, source: str, data: Dataset) -> None:
        self.data, self._source = data, source
        self._box.show_ready(about(data))
        recipe = self._page.state.recipe
        network = recipe.network.fitted(data.shape, len(data.classes))
        recipe = replace(recipe, network=network)
        self._page.amend(self._page.state.with_recipe(recipe))
        self.changed.emit()

    def _refuse(self, source: str, sentence: str) -> None:
        """Say why there is no such data, and go back to what there was before."""
        if source == "mnist":
            self.data, self._source = None, ""
            self._box.show_missing(sentence)
        else:
            self._box.show_ready("")
            if self.data is not None:
                recipe = replace(self._page.state.recipe, data=self._source)
                self._page.amend(self._page.state.with_recipe(recipe))
            self._page.show_message(sentence)
        self.changed.emit()

    def _cancel(self) -> None:
        self._loader.cancel()
        source = self._page.state.recipe.data
        self._refuse(source, "Cancelled; choose the data again to go on.")

    def _download(self) -> None:
        self._loader.request("mnist", download=True)

    def _ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self._page, "Open a data set")
        if folder:
            self._page.open_paths([folder])
