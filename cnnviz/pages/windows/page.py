"""The windows page: wires the state to the controls, the board and the words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from cnnviz.errors import InputError
from cnnviz.ops import kernel_text
from cnnviz.ops.worked_code import program
from cnnviz.ops.worked_setting import MAX_SIDE
from cnnviz.pages.base import Page
from cnnviz.pages.room import Room
from cnnviz.pages.windows import changes, tables
from cnnviz.pages.windows.board import Board
from cnnviz.pages.windows.controls import Controls
from cnnviz.pages.windows.explanation import Explanation
from cnnviz.pages.windows.export import Exporter, check
from cnnviz.pages.windows.glide import GLIDE
from cnnviz.pages.windows.quiz import Quiz
from cnnviz.pages.windows.state import SPEEDS, State, from_patch
from cnnviz.widgets.stepper import Stepper

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QImage, QKeyEvent, QResizeEvent, QShowEvent

    from cnnviz.ops.worked_setting import Setting


BOARD, LAYER_BOARD, LARGE_BOARD = 0.48, 0.53, 0.63
"""The share of the page that the board can have before the explanation; more for the
channels of a layer, and most for inputs that only pooling takes."""

TABLES = {"markdown": tables.as_markdown, "latex": tables.as_latex}


def create() -> WindowsPage:
    """Make the page."""
    return WindowsPage()


class WindowsPage(Page):
    """A small convolution or pooling, worked one window at a time."""

    id = "windows"
    title = "Windows"
    keys = (
        ("Space", "Play or pause"),
        ("Left, right; Home, End", "Step through the windows; go to the first, last"),
        ("A digit, Enter", "Type into the cell of picture or kernel under the cursor"),
        ("Page up, Page down", "Change that cell; Shift for ×10, Ctrl for ÷10"),
        ("Delete", "Write 0 into that cell"),
    )

    def __init__(self, state: State | None = None) -> None:
        super().__init__(state or State())
        self._build()
        self._show(None)

    def _build(self) -> None:
        self._controls = Controls(self.state)
        self._controls.edited.connect(self.edit)
        self._controls.amended.connect(self.amend)
        self._controls.message.connect(self.show_message)
        self._exporter = Exporter(self)
        self._exporter.progressed.connect(self._controls.set_progress)
        self._exporter.failed.connect(self.show_message)
        self._exporter.finished.connect(
            lambda path: self.readout.emit(f"Saved as {path}")
        )
        self._controls.export_asked.connect(self._export)
        self._controls.cancel_asked.connect(self._exporter.cancel)
        self.controls.addWidget(self._controls)
        self._board = Board()
        self._board.input_edited.connect(self._edit_input)
        self._board.kernel_edited.connect(self._edit_kernel)
        self._board.single_changed.connect(self._controls.set_single)
        self._board.refused.connect(self.show_message)
        self._board.result_hovered.connect(self._jump)
        self._board.pointed.connect(self.readout)
        self._controls.turn_asked.connect(self._board.turn_kernel)
        self._stepper = Stepper("window", SPEEDS)
        self._stepper.moved.connect(self._move)
        self._stepper.speed_chosen.connect(
            lambda speed: self.amend(replace(self.state, speed=speed))
        )
        self._quiz = Quiz()
        self._quiz.answered.connect(self._answer)
        self._quiz.given_up.connect(self._give_up)
        self._quiz.next_asked.connect(self._to_next_covered)
        self._quiz.message.connect(self.show_message)
        self._quiz.pass_keys_to(self._stepper)
        self.canvas.addWidget(self._board, 1)
        self.canvas.addWidget(self._quiz)
        self.canvas.addWidget(self._stepper)
        self._explanation = Explanation()
        self.explanation.addWidget(self._explanation)
        self._room = Room(self, self._board, self._wanted_height)

    # ---------------------------------------------------------------- state

    def show_state(self, old: State) -> None:
        """Touch whatever differs between ``old`` and the present state."""
        self._show(old)

    def _show(self, old: State | None) -> None:
        state: State = self.state
        stepped = old is not None and replace(old, step=state.step) == state
        if anew := not stepped or state.covered:
            self._room.give_way()
        moved = old is not None and old.setting == state.setting and state.motion
        # Fast play leaves the window less time than a step by hand.
        glide = min(GLIDE, round(600 / state.speed)) if moved else 0
        self._controls.set_state(state)
        self._board.show_state(state, glide)
        self._controls.set_single(self._board.single)
        self._stepper.set_speed(state.speed)
        self._stepper.set_place(state.step, state.count)
        flipped = old is not None and old.setting.mode != state.setting.mode
        if flipped and state.setting.mode == "convolution" and state.motion:
            self._board.turn_kernel()
        self._quiz.show_state(state)
        if old is not None and state.covered and not old.covered:
            self._quiz.take_focus()
        if old is not None and old != state:
            self._board.read_again()  # what it said of a cell may be true no more
        self._explanation.show_state(state)
        if anew:
            self._room.keep()

    def take_over(self, data: dict[str, Any]) -> None:
        """Work a patch by hand; ``data`` holds the words of :func:`from_patch`."""
        self.edit(self.state.started(from_patch(**data).setting))

    # ---------------------------------------------------------------- acting

    def _move(self, step: int) -> None:
        self.amend(self.state.moved(step))

    def _jump(self, number: int, row: int, column: int) -> None:
        state: State = self.state
        if row < 0 or state.reason or self._stepper.playing:
            return
        if number < 0:
            number = state.work.place(state.step)[0]
        self._move(state.work.index(number, row, column))

    def _edit_input(
        self, channel: int, row: int, column: int, value: float, gesture: str
    ) -> None:
        setting = self.state.setting
        self._take(
            lambda: changes.with_input(setting, channel, row, column, value), gesture
        )

    def _edit_kernel(
        self, channel: int, row: int, column: int, value: float, gesture: str
    ) -> None:
        state: State = self.state
        number = 0 if state.reason else state.work.place(state.step)[0]
        cell = channel, row, column
        self._take(
            lambda: changes.with_weight(state.setting, number, cell, value), gesture
        )

    def _take(self, make: Callable[[], Setting], gesture: str) -> None:
        try:
            setting = make()
        except InputError as error:
            self.show_message(str(error))
            self._board.refill()
            return
        self.edit(self.state.with_setting(setting), gesture)

    def _answer(self, value: float) -> None:
        self.edit(self.state.answered(value))
        self._quiz.take_focus()

    def _give_up(self) -> None:
        self.edit(self.state.answered(None))
        self._quiz.take_focus()

    def _to_next_covered(self) -> None:
        state: State = self.state
        steps = [*range(state.step + 1, state.count), *range(state.step)]
        covered = (step for step in steps if not state.is_open(step))
        self._move(next(covered, state.step))
        self._quiz.take_focus()

    # ---------------------------------------------------------------- export

    def _export(self, kind: str) -> None:
        try:
            if kind in TABLES:
                self._copy_table(kind)
            else:
                self._save_steps(kind)
        except InputError as error:
            self.show_message(str(error))

    def _copy_table(self, kind: str) -> None:
        state: State = self.state
        if state.reason:
            raise InputError(f"There is no table to copy. {state.reason}")
        if not state.is_open(state.step):
            raise InputError("This value is covered; find or show it first.")
        text = TABLES[kind](state.work.step(state.step), state.setting)
        QApplication.clipboard().setText(text)
        self.readout.emit("Table copied")

    def _save_steps(self, kind: str) -> None:
        check(self.state)
        title = "Save all steps"
        name = f"windows.{kind}"
        chosen = f"{kind.upper()} (*.{kind})"
        path, _ = QFileDialog.getSaveFileName(self, title, name, chosen)
        if path:
            if not path.lower().endswith(f".{kind}"):
                path = f"{path}.{kind}"
            self._exporter.start(self.state, "gif" if kind == "gif" else "png", path)

    # ---------------------------------------------------------------- for the window

    def open_paths(self, paths: list[str]) -> None:
        """Refuse files: this page is for small matrices.

        Raises
        ------
        InputError
        """
        raise InputError(
            "This page works small matrices by hand; open pictures in the Kernel Lab, "
            "or copy rows of numbers and paste them here."
        )

    def paste(self, mime: QMimeData) -> bool:
        """Take rows of numbers as the picture, or as its channel on view."""
        if not mime.hasText():
            return False
        state: State = self.state
        plane = kernel_text.parse(mime.text()).weights
        channel = min(state.channel, state.setting.channels - 1)
        self.edit(state.with_setting(changes.with_plane(state.setting, channel, plane)))
        return True

    def pytorch(self) -> str:
        """Return code whose result is the one on the screen; none without one."""
        return "" if self.state.reason else program(self.state.setting)

    def copy_picture(self) -> QImage | None:
        """Return the board as it is on the screen."""
        self._board.finish()
        return self._board.grab().toImage()

    def settled(self) -> bool:
        """Whether nothing moves."""
        return not self._board.moving and not self._exporter.busy

    def shut_down(self) -> None:
        """Stop every movement."""
        self._stepper.pause()
        self._board.finish()
        self._exporter.cancel()

    def show_message(self, text: str) -> None:
        """Show a sentence over the canvas, which gives way to it."""
        self._room.give_way()
        super().show_message(text)
        self._room.keep()

    # ---------------------------------------------------------------- Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step and play from the keyboard; answer where a value is asked for."""
        commands = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.MetaModifier
        if self._stepper.press(event.key()):
            return
        if any(event.modifiers() & each for each in commands) or not self._quiz.begin(
            event.text()
        ):
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the board readable; the explanation scrolls."""
        super().resizeEvent(event)
        self._room.keep()

    def _wanted_height(self) -> int:
        setting = self.state.setting
        share = LAYER_BOARD if setting.channels > 1 and not setting.pooling else BOARD
        if max(setting.size) > MAX_SIDE:
            share = LARGE_BOARD
        return min(round(share * self.height()), self._board.wanted_height())

    def showEvent(self, event: QShowEvent) -> None:
        """Take the keys for stepping."""
        super().showEvent(event)
        self._board.setFocus()
