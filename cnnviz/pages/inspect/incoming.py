"""Pictures from files, the clipboard and the camera, made fit for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cnnviz.background import Latest, raise_again
from cnnviz.errors import InputError
from cnnviz.pages.inspect.preparing import DRAWABLE, fitted, to_sheet
from cnnviz.pages.pictures import CAMERA, PictureLoader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.nn.network import Shape
    from cnnviz.ops.images import Picture


class Incoming(QObject):
    """Opens a picture, or looks through the camera, and converts it, all in threads."""

    sheet_made = Signal(object)
    """A drawing, uint8 (280, 280)."""
    photo_made = Signal(object)
    """A picture for a network that takes no drawing, uint8 (C, H, W)."""
    opened = Signal(str)
    """The file that was opened."""
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shape: Shape = DRAWABLE
        self._loader = PictureLoader(self)
        self._loader.loaded.connect(self._take_loaded)
        self._loader.failed.connect(self._end_camera)
        self._loader.failed.connect(self.failed)
        self._converting = Latest(self)
        self._converting.done.connect(self._hand_on)
        self._converting.failed.connect(self._fail)
        self.filming = False
        self._reel = 0  # which filming's pictures are wanted

    @property
    def busy(self) -> bool:
        """Whether a picture is still to come; a running camera counts as settled."""
        return self._loader.busy or self._converting.busy

    def open_file(self, path: str) -> None:
        """Open a picture."""
        self.drop_camera()
        self._loader.request(path)

    def take(self, pixels: NDArray[np.float32]) -> None:
        """Take a picture that is no file, float32 (H, W) or (H, W, 3), 0 to 255."""
        self.drop_camera()
        self._convert(pixels)

    def film(self, on: bool) -> None:
        """Switch the camera on or off; its last picture stays."""
        self.filming = on
        if on:
            self._reel += 1
            self._loader.request(f"{CAMERA}0")
        else:
            self._loader.stop_camera()

    def drop_camera(self) -> None:
        """Switch the camera off; what it saw last is not wanted any more."""
        self.film(False)
        self._reel += 1

    def shut_down(self) -> None:
        """Cancel and join everything."""
        self._loader.shut_down()
        self._converting.shut_down()

    def _take_loaded(self, picture: Picture) -> None:
        if not picture.source.startswith(CAMERA):
            self.opened.emit(picture.source)
        self._convert(picture.pixels)

    def _convert(self, pixels: NDArray[np.float32]) -> None:
        reel, shape = self._reel, self.shape
        self._converting.request(lambda: (reel, _fit(pixels, shape)))

    def _hand_on(self, answer: tuple[int, NDArray[np.uint8]]) -> None:
        reel, made = answer
        if reel == self._reel:
            (self.sheet_made if made.ndim == 2 else self.photo_made).emit(made)

    def _end_camera(self) -> None:
        self.filming = False

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, InputError):
            raise_again(error)
        if not self.filming:  # the camera may see nothing for a while
            self.failed.emit(str(error))


def _fit(pixels: NDArray[np.float32], shape: Shape) -> NDArray[np.uint8]:
    return to_sheet(pixels) if shape == DRAWABLE else fitted(pixels, shape)
