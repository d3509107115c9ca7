"""All steps of a setting as an animated GIF or as numbered PNG pictures.

The pictures are painted in the GUI thread, one at a time between two events; they are
encoded and written in a thread. Both can be cancelled at any time.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from PIL import Image
from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPainter

from cnnviz import theme
from cnnviz.background import Worker
from cnnviz.errors import InputError
from cnnviz.files import write_atomic
from cnnviz.pages.windows import words
from cnnviz.pages.windows.board import Board

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from cnnviz.pages.windows.state import State

    Frame = NDArray[np.uint8]

Kind = Literal["gif", "png"]

MOST = 300
"""More steps than these nobody would wait for, nor watch."""

# In pixels, whatever the text size: the board with a line of words under it.
WIDTH, HEIGHT, LINE = 960, 480, 56
REST = 1500
"""Milliseconds that the last picture of a GIF stays."""


class Exporter(QObject):
    """Paints and writes the steps of one state at a time."""

    progressed = Signal(str)
    """How far it is, in words; empty when nothing is under way."""

    finished = Signal(str)
    """The file, or the first of many, that was written."""

    failed = Signal(str)
    """The sentence of what went wrong."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._frames: list[Frame] = []
        self._board: Board | None = None
        self._state: State
        self._kind: Kind = "gif"
        self._path = Path()
        self._worker: Worker | None = None
        self._stopped = Event()
        self._clock = QTimer(self, interval=0)
        self._clock.timeout.connect(self._paint_next)

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return self._board is not None or self._worker is not None

    def start(self, state: State, kind: Kind, path: str | Path) -> None:
        """Write the steps of a state, in place of what is under way.

        Raises
        ------
        InputError
            There are no steps, or too many.
        """
        check(state)
        self.cancel()
        self._state, self._kind, self._path = state, kind, Path(path)
        self._board = Board()
        self._board.resize(WIDTH, HEIGHT)
        self._clock.start()
        self.progressed.emit("Painting…")

    def cancel(self) -> None:
        """Stop and forget what is under way; a file is whole or as it was."""
        self._clock.stop()
        self._frames = []
        if self._board is not None:
            self._board.deleteLater()
            self._board = None
        if self._worker is not None:
            self._worker.cancel()
            self._stopped.set()
            self._worker.join()
            self._worker = None
        self.progressed.emit("")

    def _paint_next(self) -> None:
        assert self._board is not None
        index = len(self._frames)
        self._frames.append(picture(self._board, self._state.moved(index)))
        count = self._state.count
        self.progressed.emit(f"Painting {index + 1} of {count}")
        if index + 1 == count:
            self._clock.stop()
            self._encode()

    def _encode(self) -> None:
        frames, kind, path = self._frames, self._kind, self._path
        speed = self._state.speed
        self._frames = []
        if self._board is not None:
            self._board.deleteLater()
            self._board = None
        write = write_gif if kind == "gif" else write_pngs
        stopped = self._stopped = Event()
        self._worker = Worker(lambda: write(frames, path, speed, stopped), self)
        self._worker.yielded.connect(
            lambda done: self.progressed.emit(f"Writing {done} of {len(frames)}")
        )
        self._worker.failed.connect(self._fail)
        self._worker.finished.connect(self._finish)
        self._failed = False
        self._worker.start()

    def _fail(self, error: Exception) -> None:
        self._failed = True
        if not isinstance(error, InputError):
            raise error
        self.failed.emit(str(error))

    def _finish(self) -> None:
        if self._worker is not None:
            self._worker.join()
            self._worker = None
        self.progressed.emit("")
        if not self._failed:
            self.finished.emit(str(self._path))


def check(state: State) -> None:
    """Say why a state cannot become an animation.

    Raises
    ------
    InputError
    """
    if state.reason:
        raise InputError(f"There are no steps to save. {state.reason}")
    if state.count > MOST:
        raise InputError(
            f"That would be {state.count} pictures, and {MOST} is the most; choose a "
            "smaller picture or fewer filters."
        )


def picture(board: Board, state: State) -> Frame:
    """Paint a step, uint8 (H, W, 3), with its sum in a line under the board."""
    board.show_state(replace(state, motion=False))
    image = QImage(WIDTH + 48, HEIGHT + LINE + 24, QImage.Format.Format_RGB888)
    image.fill(theme.color("background"))
    step = state.work.step(state.step)
    left, right = words.equation(step, state.setting)
    if not state.is_open(state.step):
        left, right = "value", "?"
    sign, right = words.related(right)
    where = words.place(step, state.setting)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        board.render(painter, QPoint(24, 16))
        line = QRect(28, HEIGHT + 16, WIDTH - 8, LINE)
        painter.setPen(theme.color("muted"))
        painter.setFont(theme.font(18))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, middle, where)
        line.setLeft(line.left() + painter.fontMetrics().horizontalAdvance(where) + 28)
        painter.setPen(theme.color("text"))
        painter.setFont(theme.font(24, bold=True))
        painter.drawText(line, middle, f"{left} {sign} ")
        used = painter.fontMetrics().horizontalAdvance(f"{left} {sign} ")
        line.setLeft(line.left() + used)
        painter.setPen(theme.color("highlight_text"))
        painter.drawText(line, middle, right)
    rows = np.frombuffer(image.constBits(), np.uint8)
    rows = rows.reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), -1, 3).copy()


class Stopped(Exception):
    """Nobody wants the file any more."""


class _Buffer(io.BytesIO):
    """Takes a file in the making, until that is stopped."""

    def __init__(self, stopped: Event) -> None:
        super().__init__()
        self._stopped = stopped

    def write(self, data: Any) -> int:
        """Take some bytes, or raise."""
        if self._stopped.is_set():
            raise Stopped
        return super().write(data)


def write_gif(
    frames: list[Frame], path: Path, speed: float, stopped: Event
) -> Generator[int, None, None]:
    """Write an animated GIF; yield the number of frames that are ready.

    Pillow compares and packs hundreds of frames in seconds, and between two of them
    looks whether it is stopped.
    """
    ready = []
    for frame in frames:
        ready.append(Image.fromarray(frame).quantize(128, dither=Image.Dither.NONE))
        yield len(ready)
    each = round(1000 / speed)
    buffer = _Buffer(stopped)
    ready[0].save(
        buffer,
        "GIF",
        save_all=True,
        append_images=_until(stopped, ready[1:]),
        duration=[*[each] * (len(ready) - 1), REST],
        loop=0,
    )
    write_atomic(path, buffer.getvalue())


def _until(stopped: Event, pictures: list[Image.Image]) -> Generator[Image.Image]:
    for each in pictures:
        if stopped.is_set():
            raise Stopped
        yield each


def write_pngs(
    frames: list[Frame], path: Path, speed: float, stopped: Event
) -> Generator[int, None, None]:
    """Write ``name-001.png``, ``name-002.png``…; yield how many there are."""
    del speed, stopped  # single pictures have none, and take no time
    for number, frame in enumerate(frames, start=1):
        buffer = io.BytesIO()
        Image.fromarray(frame).save(buffer, "PNG")
        write_atomic(path.with_name(f"{path.stem}-{number:03}.png"), buffer.getvalue())
        yield number
