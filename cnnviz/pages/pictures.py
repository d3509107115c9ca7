"""Where the page's picture comes from: a file, a sample or the camera, in a thread."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage, QPainter

from cnnviz.background import Latest, Worker
from cnnviz.errors import InputError
from cnnviz.ops import images
from cnnviz.paths import data_dir

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.ops.images import Picture


CAMERA = "camera:"


class PictureLoader(QObject):
    """Opens the picture that a state names; the newest request wins.

    A camera goes on delivering pictures until :meth:`stop_camera` or another request.
    """

    loaded = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files = Latest(self)
        self._files.done.connect(self.loaded)
        self._files.failed.connect(self._fail)
        self._camera: Worker | None = None

    @property
    def busy(self) -> bool:
        """Whether a picture is still to come; a running camera counts as settled."""
        return self._files.busy

    def request(self, source: str) -> None:
        """Open what ``source`` names: a sample, a path or a camera."""
        self.stop_camera()
        if source.startswith(CAMERA):
            self._start_camera(source.removeprefix(CAMERA))
        else:
            self._files.request(lambda: _open(source))

    def stop_camera(self) -> None:
        """Switch the camera off and wait until it is."""
        if self._camera is not None:
            self._camera.cancel()
            self._camera.join()
            self._camera.deleteLater()
            self._camera = None

    def shut_down(self) -> None:
        """Cancel and join everything."""
        self.stop_camera()
        self._files.shut_down()

    def _start_camera(self, index: str) -> None:
        device: int | str = int(index) if index.isdigit() else index
        self._camera = Worker(lambda: images.camera_frames(device), self, latest=True)
        self._camera.yielded.connect(self.loaded)
        self._camera.failed.connect(self._fail)
        self._camera.start()

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, InputError):
            raise error
        self.failed.emit(str(error))


def _open(source: str) -> Picture:
    picture = images.open_source(source, images.SHOWN_PIXELS)
    if is_own_file(source) or source.startswith("sample:"):
        return picture
    return replace(picture, name="Camera" if is_filmed(source) else "Pasted picture")


def is_own_file(source: str) -> bool:
    """Whether a source is a file that the user chose: no sample, camera or paste."""
    made_here = str(_folder())
    return not source.startswith(("sample:", CAMERA, made_here))


def is_filmed(source: str) -> bool:
    """Whether a source is the camera, or its last picture in a session."""
    return source.startswith((CAMERA, last_frame()))


def keep(pixels: NDArray[np.float32]) -> str:
    """Save a picture that has no file of its own for good, and return its path.

    Parameters
    ----------
    pixels : float32 array, (H, W) or (H, W, 3), 0 to 255
        Rounded to 8 bits.

    Returns
    -------
    str
        A PNG file in the user's data folder, named by its content.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    from hashlib import sha256  # no start needs it

    array = _bytes(pixels)
    name = sha256(array.tobytes() + str(array.shape).encode()).hexdigest()[:16]
    path = _folder() / f"{name}.png"
    if not path.exists():
        _save(path, array)
    return str(path)


def last_frame() -> str:
    """Return the path of the one file that stands for the camera in a session."""
    return str(_folder() / "camera.png")


def keep_last_frame(pixels: NDArray[np.float32]) -> str:
    """Save the camera's picture in place of the one before, and return its path.

    Parameters and errors are those of :func:`keep`.
    """
    _save(Path(last_frame()), _bytes(pixels))
    return last_frame()


def forget_last_frame() -> None:
    """Remove the camera's picture, if there is one."""
    with suppress(OSError):  # the next session tries again
        Path(last_frame()).unlink(missing_ok=True)


def _folder() -> Path:
    return data_dir() / "pictures"


def _bytes(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def _save(path: Path, array: NDArray[np.uint8]) -> None:
    with suppress(OSError):  # saving says it in a sentence
        path.parent.mkdir(parents=True, exist_ok=True)
    images.save_png(path, array)


def from_image(image: QImage) -> NDArray[np.float32]:
    """Return a Qt image as float32 (H, W, 3), what is transparent lying on white."""
    flat = QImage(image.size(), QImage.Format.Format_RGB888)
    flat.fill(Qt.GlobalColor.white)
    painter = QPainter(flat)
    painter.drawImage(0, 0, image)
    painter.end()
    width, height = flat.width(), flat.height()
    # Qt pads its lines to four bytes.
    lines = np.frombuffer(flat.constBits(), np.uint8).reshape(height, -1)
    return lines[:, : 3 * width].reshape(height, width, 3).astype(np.float32)
