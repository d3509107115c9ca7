"""The windows page with a real mouse and keyboard."""

from __future__ import annotations

from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QToolTip,
)
from screens import SHADE, stale

from cnnviz import theme
from cnnviz.codec import to_json
from cnnviz.errors import InputError
from cnnviz.ops.exercises import exercise
from cnnviz.pages.windows.board import Board
from cnnviz.pages.windows.changes import (
    with_channels,
    with_filters,
    with_kernel_size,
    with_size,
)
from cnnviz.pages.windows.export import Stopped, write_gif
from cnnviz.pages.windows.page import WindowsPage
from cnnviz.pages.windows.presets import PRESETS
from cnnviz.pages.windows.state import State
from cnnviz.widgets.matrix import MatrixView

BY_ID = {preset.id: preset.setting for preset in PRESETS}
STILL = State(motion=False)


@pytest.fixture
def page(qtbot):
    """Make the page as it first appears, but without motion."""
    made = WindowsPage(STILL)
    qtbot.addWidget(made)
    made.resize(1090, 760)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.shut_down()


def board(page) -> Board:
    return page.findChild(Board)


def button(page, name):
    return next(b for b in page.findChildren(QPushButton) if b.accessibleName() == name)


def move_to(qtbot, page, key, cell, index=0):
    matrix = board(page).matrix(key, index)
    qtbot.mouseMove(matrix, QPoint(1, 1))
    qtbot.mouseMove(matrix, matrix.cell_rect(cell).center())


def press(qtbot, page, *keys):
    for key in keys:
        qtbot.keyClick(QApplication.focusWidget() or page, key)


# ---------------------------------------------------------------- stepping


@pytest.mark.parametrize(
    "name", ["true-convolution", "rgb-layer-6", "transposed", "max-pooling"]
)
def test_steps_paint_all_that_they_change(page, qtbot, name):
    page.edit(page.state.started(BY_ID[name]))
    for step in (0, 1, 3, 2):
        page.amend(page.state.moved(step))
        qtbot.waitUntil(page.settled)
        assert stale(page) <= SHADE


def test_keys_step_through_the_windows(page, qtbot):
    page.activateWindow()
    board(page).setFocus()
    steps = []
    for key in ("Right", "Right", "Left", "End", "Home"):
        qtbot.keyClick(board(page), getattr(Qt.Key, f"Key_{key}"))
        steps.append(page.state.step)
    assert steps == [1, 2, 1, 3, 0]
    assert not page.can_undo()


def test_space_plays_to_the_end(page, qtbot):
    page.amend(replace(page.state, speed=8.0))
    qtbot.keyClick(board(page), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: page.state.step == 3, timeout=5000)
    page.hide()


class Leaving(QObject):
    """Has the pointer leave a matrix that goes or changes its size under it."""

    def eventFilter(self, watched, event):
        if event.type() in (QEvent.Type.Hide, QEvent.Type.Resize):
            QApplication.sendEvent(watched, QEvent(QEvent.Type.Leave))
        return False


def test_a_pointer_leaves_a_matrix_while_another_setting_is_shown(page, qtbot):
    leaving = Leaving()
    for name in ("rgb-layer-6", "max-pooling", "true-convolution", "rgb-layer-6"):
        for matrix in board(page).findChildren(MatrixView):
            matrix.installEventFilter(leaving)
            if matrix.isVisible():
                qtbot.mouseMove(matrix, matrix.cell_rect((0, 0)).center())
        state = page.state.started(BY_ID[name])
        page.edit(state.moved(state.work.count - 1))


def test_hovering_a_result_jumps_there(page, qtbot):
    move_to(qtbot, page, "result", (1, 0))
    assert page.state.step == 2
    assert "33 × 1 = 33" not in page._explanation.table.lines()
    assert "9 × 0 = 0" in page._explanation.table.lines()


def test_results_grow_with_the_steps(page):
    results = board(page).matrix("result")
    assert results.describe((0, 0)).endswith("29")
    assert results.describe((1, 1)).endswith("not shown yet")
    page.amend(page.state.moved(3))
    assert results.describe((1, 1)).endswith("−22")


def test_the_window_the_kernel_and_the_result_are_framed(page):
    frames = board(page).frames()
    assert len(frames) == 9 + 1 + 1
    result = board(page).matrix("result")
    cell = result.cell_rect((0, 0)).translated(result.pos())
    assert frames["result"] == cell


def test_hovering_an_input_shows_what_it_reaches(page, qtbot):
    move_to(qtbot, page, "input", (1, 1))
    reached = [name for name in board(page).frames() if name.startswith("reached")]
    assert len(reached) == 4
    move_to(qtbot, page, "input", (0, 0))
    reached = [name for name in board(page).frames() if name.startswith("reached")]
    assert reached == ["reached result 0 0 0"]


@pytest.mark.parametrize("key", ["input", "source"])
def test_a_transposed_input_reaches_its_stamp(page, qtbot, key):
    page.edit(State(BY_ID["fractional-stride"], motion=False))
    cell = (0, 0) if key == "input" else (2, 2)
    move_to(qtbot, page, key, cell)
    reached = [n for n in board(page).frames() if n.startswith("reached result")]
    assert len(reached) == 9


def test_both_transposed_views_show_the_same_number(page):
    page.edit(State(BY_ID["fractional-stride"], motion=False))
    for step in range(page.state.count):
        page.amend(page.state.moved(step))
        row, column = page.state.work.place(step)[1:]
        one = board(page).matrix("result").values[row, column]
        other = board(page).matrix("scatter").values[row, column]
        assert one == other


def test_what_is_pointed_at_may_go(page, qtbot):
    move_to(qtbot, page, "input", (3, 3))
    page.edit(page.state.with_setting(with_size(page.state.setting, (3, 3))))
    assert "pointed" not in board(page).frames()


# ---------------------------------------------------------------- motion


def test_motion_glides_and_ends(page, qtbot):
    page.amend(replace(page.state, motion=True))
    page.amend(page.state.moved(1))
    assert board(page).moving and not page.settled()
    qtbot.waitUntil(page.settled)


def test_without_motion_nothing_moves(page):
    page.amend(page.state.moved(1))
    assert page.settled()


def test_the_flip_is_shown_happening(page, qtbot):
    page.amend(replace(page.state, motion=True))
    setting = replace(page.state.setting, mode="convolution")
    page.edit(page.state.with_setting(setting))
    assert board(page).moving
    assert not board(page).matrix("lying").isVisible()
    qtbot.waitUntil(page.settled)
    assert board(page).matrix("lying").isVisible()
    flipped = board(page).matrix("kernel").values[::-1, ::-1]
    assert np.array_equal(board(page).matrix("lying").values, flipped)


def test_numbers_stay_upright_while_the_kernel_turns(page):
    page.edit(State(BY_ID["true-convolution"], motion=False))
    given, lying = (board(page).matrix(key) for key in ("kernel", "lying"))
    ends = []
    for matrix, turned in ((given, 180.0), (lying, 0.0)):
        image = QImage(matrix.size(), QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        with QPainter(image) as painter:
            painter.translate(image.width() / 2, image.height() / 2)
            painter.rotate(turned)
            painter.translate(-image.width() / 2, -image.height() / 2)
            matrix.draw_cells(painter, turned=turned)
        ends.append(np.array(image.constBits()).astype(int))
    assert np.abs(ends[0] - ends[1]).mean() < 4


def test_the_flip_can_be_seen_again_and_ends_when_hidden(page, qtbot):
    page.edit(State(BY_ID["true-convolution"], motion=False))
    qtbot.mouseClick(button(page, "Turn the kernel again"), Qt.MouseButton.LeftButton)
    assert board(page).moving
    page.hide()
    assert page.settled()
    page.show()
    assert board(page).matrix("lying").isVisible()


# ---------------------------------------------------------------- editing


def test_typing_in_a_cell_changes_the_sum_and_undo_takes_it_back(page, qtbot):
    matrix = board(page).matrix("input")
    at = matrix.cell_rect((1, 2)).center()
    qtbot.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=at)
    qtbot.keyClicks(matrix, "4")
    qtbot.keyClick(matrix.findChild(QLineEdit), Qt.Key.Key_Return)
    assert page.state.setting.image[0][1][2] == 4
    assert page.state.work.result[0, 0, 0] == -25
    page.undo()
    assert page.state.setting == STILL.setting
    assert board(page).matrix("input").values[1, 2] == 31


@pytest.mark.parametrize("key", ["input", "kernel"])
@pytest.mark.parametrize("typed", ["1e308", "nan", "1e999", "x", ""])
def test_bad_cells_are_a_sentence_and_nothing_changes(
    page, qtbot, monkeypatch, typed, key
):
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, _: told.append(text))
    matrix = board(page).matrix(key)
    before = matrix.values[0, 0]
    matrix.set_current((0, 0))
    matrix.edit_cell(typed)
    qtbot.keyClick(matrix.findChild(QLineEdit), Qt.Key.Key_Return)
    assert page.state.setting == STILL.setting
    assert matrix.values[0, 0] == before
    (sentence,) = told or [page.banner.text()]
    assert sentence.endswith(".") and sentence[0] in "“A"
    assert page.banner.isVisible() is (typed == "1e308")


def test_leaving_a_cell_with_letters_is_a_sentence(page, qtbot):
    matrix = board(page).matrix("input")
    matrix.edit_cell("five")
    board(page).setFocus()
    assert page.banner.text().startswith("“five” is not a number")
    assert page.state.setting == STILL.setting


@pytest.mark.parametrize("name", ["_channels", "_filters"])
def test_more_than_fit_is_a_sentence(page, qtbot, monkeypatch, name):
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, _: told.append(text))
    field = getattr(page._controls, name)
    field.selectAll()
    qtbot.keyClicks(field, "99")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(told))
    assert "“99” is not a number from 1 to" in told[0]
    assert page.state.setting == STILL.setting
    assert field.value() == 1


def test_a_state_with_more_channels_than_fit_is_refused(page):
    data = to_json(page.state)
    data["setting"]["image"] *= 5
    data["setting"]["kernels"][0] *= 5
    with pytest.raises(InputError, match="1 to 4 channels"):
        page.restore(data)
    assert page.state == STILL


def test_a_picture_of_20_rows_is_for_pooling_alone(page):
    page.edit(State(BY_ID["large-pooling"], motion=False))
    assert page._controls._size.value() == (20, 20)
    page._controls._operation.chosen.emit("correlation")
    assert "20 for pooling" in page.banner.text()
    assert page.state.setting == BY_ID["large-pooling"]
    assert page._controls._operation.current() == "max"


def test_padding_is_shown_and_not_edited(page, qtbot):
    page.edit(State(BY_ID["stride-2-padding-1"], motion=False))
    matrix = board(page).matrix("input")
    assert matrix.values.shape == (7, 7)
    matrix.set_current((0, 0))
    qtbot.keyClick(matrix, Qt.Key.Key_PageUp)
    assert page.state.setting == BY_ID["stride-2-padding-1"]
    matrix.set_current((1, 1))
    qtbot.keyClick(matrix, Qt.Key.Key_PageUp)
    assert page.state.setting.image[0][0][0] == 4


def test_the_kernel_of_the_present_filter_is_edited(page, qtbot):
    page.edit(State(BY_ID["rgb-layer"], motion=False).moved(9))
    kernel = board(page).matrix("kernel", 1 if not board(page).single else 0)
    kernel.set_current((0, 0))
    qtbot.keyClick(kernel, Qt.Key.Key_PageUp)
    old, new = BY_ID["rgb-layer"].kernels, page.state.setting.kernels
    assert new[0] == old[0] and new[1] != old[1]


def test_what_cannot_work_says_why_in_the_result_s_place(page):
    setting = replace(page.state.setting, dilation=(3, 3))
    page.edit(page.state.with_setting(setting))
    assert "lower the dilation" in board(page)._reason.text()
    assert not board(page).matrix("result").isVisible()
    assert page.pytorch() == ""
    page.undo()
    assert board(page).matrix("result").isVisible()


def test_a_damaged_state_leaves_the_page_as_it_was(page):
    data = to_json(page.state)
    data["setting"]["image"] = [[[1.0], [2.0, 3.0]]]
    with pytest.raises(ValueError, match="same length"):
        page.restore(data)
    assert page.state == STILL


# ---------------------------------------------------------------- predict


def test_predict_then_reveal(page, qtbot):
    cover = next(
        b for b in page.findChildren(QCheckBox) if b.text() == "Cover the result"
    )
    cover.click()
    assert board(page).matrix("result").describe((0, 0)).endswith("not shown yet")
    assert "0 × −1 = ?" in page._explanation.table.lines()
    field = page._quiz.findChild(QLineEdit)
    field.setText("62")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "33 × −1 is missing" in page._quiz.verdict()
    assert not page.state.is_open(0)
    assert "33 × −1 = −33" in page._explanation.table.lines()
    assert "31 × 2 = ?" in page._explanation.table.lines()
    astray = [name for name in board(page).frames() if name.startswith("astray")]
    assert len(astray) == 2
    field.setText("1234")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "31 × 2 = 62" in page._explanation.table.lines()
    assert "sum ?" in page._explanation.table.lines()
    field.setText("29")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert page._quiz.verdict() == "Right: 29."
    assert page.state.score == (1, 3)
    assert board(page).matrix("result").describe((0, 0)).endswith("29")
    qtbot.mouseClick(button(page, "Next"), Qt.MouseButton.LeftButton)
    assert page.state.step == 1
    qtbot.mouseClick(button(page, "Show"), Qt.MouseButton.LeftButton)
    assert page._quiz.verdict() == "The value is −192."
    assert page.state.score == (1, 3)


def test_an_answer_that_is_no_number_is_said(page, qtbot):
    page.edit(replace(page.state, covered=True))
    field = page._quiz.findChild(QLineEdit)
    field.setText("many")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "not a number" in page.banner.text()
    assert page.state.answers == ()
    assert field.text() == "many" and field.property("invalid")
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert field.text() == "man" and not field.property("invalid")


@pytest.mark.parametrize("typed", ["29", "x29"])
def test_what_is_typed_on_a_covered_cell_is_an_answer(page, qtbot, typed):
    page.edit(replace(page.state, covered=True))
    field = page._quiz.findChild(QLineEdit)
    board(page).matrix("result").setFocus()
    press(qtbot, page, *typed, Qt.Key.Key_Return)
    assert field.text() == typed
    assert page.state.is_open(0) is (typed == "29")
    assert bool(field.property("invalid")) is (typed != "29")
    assert page.banner.isVisible() is (typed != "29")


def test_a_seed_makes_its_exercise(page, qtbot):
    page._controls._seed.setValue(20261)
    assert page.state.covered
    assert page.state.setting == exercise("easy", 20261)
    qtbot.mouseClick(button(page, "New exercise"), Qt.MouseButton.LeftButton)
    assert page.state.seed == 20262
    page._controls._difficulty.changed.emit("hard")
    assert page.state.setting == exercise("hard", 20262)


# ---------------------------------------------------------------- export


def test_tables_go_to_the_clipboard(page, qtbot):
    for name, words in (("Markdown", "62 − 33 = **29**"), ("LaTeX", "tabular")):
        name = f"Copy table as {name}"
        qtbot.mouseClick(button(page, name), Qt.MouseButton.LeftButton)
        assert words in QGuiApplication.clipboard().text()


def test_a_covered_table_is_not_given_away(page, qtbot):
    page.edit(replace(page.state, covered=True))
    page._export("markdown")
    assert "covered" in page.banner.text()


def test_gif_has_a_frame_for_every_step(page, qtbot, tmp_path):
    page._exporter.start(page.state, "gif", tmp_path / "a.gif")
    assert not page.settled()
    qtbot.waitUntil(page.settled, timeout=20000)
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.n_frames == 4


def test_png_frames_are_numbered(page, qtbot, tmp_path):
    page._exporter.start(page.state, "png", tmp_path / "a.png")
    qtbot.waitUntil(page.settled, timeout=20000)
    assert sorted(p.name for p in tmp_path.glob("*.png")) == [
        f"a-00{n}.png" for n in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize(
    ("kind", "name", "files"),
    [
        ("GIF…", "steps", ["steps.gif"]),
        ("PNG frames…", "steps.png", [f"steps-00{n}.png" for n in (1, 2, 3, 4)]),
    ],
)
def test_steps_are_saved_by_the_dialog(page, qtbot, tmp_path, kind, name, files):
    def answer():
        dialog = QApplication.activeModalWidget()
        field = dialog.findChild(QLineEdit)
        field.setText(str(tmp_path / name))
        qtbot.keyClick(field, Qt.Key.Key_Return)

    QTimer.singleShot(0, answer)
    qtbot.mouseClick(button(page, f"Save as {kind}"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(page.readout, timeout=20000) as said:
        pass
    assert said.args[0].startswith("Saved as ")
    made = sorted(tmp_path.glob("steps*"))
    assert [path.name for path in made] == files
    with Image.open(made[0]) as picture:
        assert picture.size == (1008, 560)
        assert getattr(picture, "n_frames", 1) == (4 if len(files) == 1 else 1)


def test_saving_can_be_cancelled(page, qtbot, tmp_path):
    page._exporter.start(page.state, "gif", tmp_path / "a.gif")
    qtbot.mouseClick(button(page, "Cancel"), Qt.MouseButton.LeftButton)
    assert page.settled()
    assert not (tmp_path / "a.gif").exists()


class Impatient(Event):
    """Is set once it has been asked so often."""

    def __init__(self, asked: int) -> None:
        super().__init__()
        self.left = asked

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_a_gif_is_left_off_while_it_is_packed(tmp_path):
    file, count = tmp_path / "a.gif", 8
    frames = [np.full((20, 30, 3), 30 * n, np.uint8) for n in range(count)]
    whole = Impatient(10**6)
    assert list(write_gif(frames, file, 2.0, whole))[-1] == count
    asked = 10**6 - whole.left
    assert asked > 2 * count  # for each picture compared, and for each written
    file.unlink()
    for times in range(asked):
        with pytest.raises(Stopped):
            list(write_gif(frames, file, 2.0, Impatient(times)))
    assert not file.exists()


def test_a_folder_that_is_not_there_is_said(page, qtbot, tmp_path):
    page._exporter.start(page.state, "gif", tmp_path / "none" / "a.gif")
    qtbot.waitUntil(page.settled, timeout=20000)
    assert "cannot be saved" in page.banner.text()


def test_too_many_steps_are_said(page):
    setting = with_filters(with_size(page.state.setting, (12, 12)), 6)
    page.edit(page.state.started(setting))
    page._export("gif")
    assert "300" in page.banner.text()


def test_copy_picture_is_the_board(page):
    image = page.copy_picture()
    assert image.width() == board(page).width()


# ---------------------------------------------------------------- clipboard, files


def pasted(text: str) -> QMimeData:
    mime = QMimeData()
    mime.setText(text)
    return mime


def test_rows_of_numbers_become_the_picture(page):
    assert page.paste(pasted("1 2 3\n4 5 6\n7 8 9"))
    assert page.state.setting.image == (((1, 2, 3), (4, 5, 6), (7, 8, 9)),)
    page.undo()
    assert page.state.setting == STILL.setting


@pytest.mark.parametrize("text", ["a b", "", "1 2\n3", "1 " * 13, "1e308", "nan"])
def test_other_text_is_refused_in_a_sentence(page, text):
    with pytest.raises(InputError):
        page.paste(pasted(text))
    assert page.state == STILL


def test_nothing_else_is_taken(page):
    assert not page.paste(QMimeData())
    with pytest.raises(InputError, match="Kernel Lab"):
        page.open_paths(["a.png"])


def test_cells_are_called_by_the_picture_s_own_rows(page, qtbot):
    page.edit(State(BY_ID["stride-2-padding-1"], motion=False))
    with qtbot.waitSignal(page.readout) as said:
        board(page).matrix("input").hovered.emit(1, 2)
    assert said.args == ["Picture, row 0, column 1: 3"]


def test_what_is_said_of_a_cell_stays_true(page, qtbot):
    said = []
    page.readout.connect(said.append)
    move_to(qtbot, page, "input", (1, 2))
    assert said[-1] == "Picture, row 1, column 2: 31"
    matrix = board(page).matrix("input")
    matrix.setFocus()
    matrix.set_current((1, 2))
    qtbot.keyClick(matrix, Qt.Key.Key_PageUp)
    assert said[-1] == "Picture, row 1, column 2: 32"
    page.undo()
    assert said[-1] == "Picture, row 1, column 2: 31"
    page.edit(page.state.with_setting(with_size(page.state.setting, (3, 2))))
    assert said[-1] == ""


# ---------------------------------------------------------------- looks


def test_a_layer_shows_all_its_channels_where_one_filter_has_room(page):
    page.edit(State(BY_ID["rgb-layer-6"], motion=False))
    QApplication.processEvents()
    assert not board(page).single
    assert not page._controls._channel_row.isVisible()
    for step in (0, 9, 53):
        page.amend(page.state.moved(step))
        number = page.state.work.place(step)[0]
        shown = [k for k, m in board(page)._matrices.items() if m.isVisible()]
        channels = [(key, n) for key in ("input", "kernel") for n in range(3)]
        assert sorted(shown) == sorted([*channels, ("result", number)])
        assert board(page)._captions["result", number] == f"Result {number + 1} of 6"


def test_the_title_of_a_single_value_is_not_cut(page):
    plane = tuple((0.123456,) * 5 for _ in range(5))
    setting = replace(page.state.setting, mode="correlation", image=(plane,))
    setting = replace(setting, kernels=((plane,),), stride=(1, 1), padding=(0, 0))
    page.edit(page.state.started(setting))
    QApplication.processEvents()
    assert board(page).matrix("result").rounded
    picture = board(page).grab().toImage()
    edge = picture.copy(picture.width() - 4, 0, 4, theme.current().px(26))
    colors = {edge.pixel(x, y) for x in range(4) for y in range(edge.height())}
    assert len(colors) == 1, "nothing is written up to the edge"


@pytest.fixture
def large(page):
    """Make the page at text size 150 %, as a window of 1280 × 800 pixels shows it."""
    theme.apply(QApplication.instance(), "light", 150)
    made = WindowsPage(State(BY_ID["rgb-layer-6"], motion=False))
    made.resize(1184, 723)
    made.show()
    QApplication.processEvents()
    yield made
    made.shut_down()
    made.close()
    made.deleteLater()
    theme.apply(QApplication.instance(), "light", 100)


def test_large_type_leaves_room_for_all_channels_with_their_numbers(large):
    for step in (0, 13, 53):
        large.amend(large.state.moved(step))
        number = large.state.work.place(step)[0]
        shown = {k: m for k, m in board(large)._matrices.items() if m.isVisible()}
        channels = [(key, n) for key in ("input", "kernel") for n in range(3)]
        assert sorted(shown) == sorted([*channels, ("result", number)])
        assert all(matrix.texts for matrix in shown.values())
        rects = [matrix.geometry() for matrix in shown.values()]
        assert all(board(large).rect().contains(rect) for rect in rects)
        assert sum(a.intersects(b) for a in rects for b in rects) == len(rects)


def test_large_type_shows_both_results_of_two_filters(large):
    large.edit(State(BY_ID["rgb-layer"], motion=False))
    QApplication.processEvents()
    shown = [k for k, m in board(large)._matrices.items() if m.isVisible()]
    assert {("result", 0), ("result", 1), ("input", 2)} <= set(shown)


def test_the_board_keeps_its_height_inside_a_window(large, qtbot):
    window = QStackedWidget()
    qtbot.addWidget(window)
    made = WindowsPage(State(BY_ID["rgb-layer"], motion=False))
    window.addWidget(made)
    window.resize(1184, 723)
    window.show()
    QApplication.processEvents()
    assert board(made).minimumHeight() >= 0.5 * 723
    made.shut_down()


def test_the_table_of_a_layer_stays_where_it_is(large):
    table, tops = large._explanation.table, set()
    for step in range(large.state.count):
        large.amend(large.state.moved(step))
        QApplication.processEvents()
        tops.add(table.y())
    assert len(tops) == 1


def test_the_channel_is_chosen_only_while_one_alone_has_room(page):
    page.edit(State(BY_ID["rgb-layer-6"], motion=False))
    for size, single in (((1090, 760), False), ((820, 420), True), ((1600, 1000), 0)):
        page.resize(*size)
        QApplication.processEvents()
        assert board(page).single is bool(single)
        assert page._controls._channel_row.isVisible() is bool(single)


def test_a_large_picture_s_numbers_can_be_read(page):
    page.edit(State(BY_ID["large-pooling"], motion=False))
    QApplication.processEvents()
    assert board(page).matrix("input").texts
    assert board(page).matrix("result").texts[0][0] == "7"


def test_the_largest_layer_fits_and_says_one_channel(page):
    setting = with_filters(with_channels(with_size(BY_ID["rgb-layer"], (12, 12)), 4), 6)
    setting = replace(setting, stride=(1, 1))
    page.edit(State(setting, motion=False, channel=2))
    assert board(page).single
    assert page._controls._channel_row.isVisible()
    assert board(page).matrix("input", 2).isVisible()
    assert not board(page).matrix("input", 0).isVisible()
    page.amend(page.state.moved(page.state.count - 1))
    assert board(page).matrix("result", 5).isVisible()


def test_a_large_kernel_s_terms_fit_the_width(page):
    setting = with_kernel_size(with_size(STILL.setting, (12, 12)), (12, 12))
    page.edit(page.state.started(setting))
    table = page._explanation.table
    assert len(table.lines()) == 145
    assert table.width() <= page._explanation.width()


def test_everything_stays_on_the_board_and_the_formula_is_seen(page):
    for preset in PRESETS:
        page.edit(State(preset.setting, motion=False))
        QApplication.processEvents()
        story = page._explanation.story
        assert story.rect().contains(story._facts.geometry()), preset.id
        whole = board(page).rect()
        for matrix in board(page)._matrices.values():
            if matrix.isVisible():
                assert whole.contains(matrix.geometry()), preset.id


@pytest.mark.parametrize("covered", [False, True])
def test_the_window_never_has_to_grow_at_150_percent(page, covered):
    theme.apply(QApplication.instance(), "light", 150)
    made = WindowsPage(STILL)
    made.resize(1184, 723)  # what a window of 1280 × 800 leaves
    made.show()
    try:
        for preset in PRESETS:
            made.edit(State(preset.setting, motion=False, covered=covered))
            made.show_message("A sentence.")
            if covered:
                made.edit(made.state.answered(12345.0))
            QApplication.processEvents()
            assert not covered or made._quiz.height() < 200
            assert (made.width(), made.height()) == (1184, 723), preset.id
    finally:
        made.shut_down()
        made.close()
        made.deleteLater()
        theme.apply(QApplication.instance(), "light", 100)
