"""The Signals page with a real mouse and keyboard."""

from __future__ import annotations

import struct
import wave
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QToolTip
from screens import SHADE, stale

from cnnviz import theme
from cnnviz.codec import to_json
from cnnviz.ops.signals import make
from cnnviz.pages.signals.page import create
from cnnviz.pages.signals.state import State
from cnnviz.widgets import numbers

LEFT = Qt.MouseButton.LeftButton
LECTURE = State(
    signal=make("x1-x7"), kernel=make("edge"), width="wide", position=0, motion=False
)


@pytest.fixture
def page(qtbot):
    theme.apply(QApplication.instance(), "light", 100)
    page = create()
    qtbot.addWidget(page)
    page.edit(replace(page.state, motion=False))
    page.resize(1100, 740)
    page.show()
    yield page
    page.shut_down()


def key(qtbot, page, name):
    qtbot.keyClick(page, getattr(Qt.Key, f"Key_{name}"))


def place(plot, index, value):
    return plot.axes.point(plot.bars.place(index), value).toPoint()


# ------------------------------------------------------------------ opening


def test_it_opens_on_something_true(page):
    state = page.state
    assert page._steps.isVisible() and not page.banner.isVisible()
    assert 0 < state.at < state.outputs - 1
    assert page._steps.result.reached == state.at + 1
    slow = np.sin(2 * np.pi * np.arange(48) / 24)[2:-2]
    np.testing.assert_allclose(page._run.sliding.sums[2:-2], slow, atol=0.03)
    assert page.settled() and page.pytorch() and page.copy_picture() is not None


# ------------------------------------------------------------------ views


def test_the_copies_show_the_terms_of_the_window(page):
    page.edit(replace(LECTURE, view="copies", position=4))
    view = page._copies
    shown = [lane.value.text() for lane in (*view.lanes, view.total)]
    assert [text.split(">")[1].split("<")[0] for text in shown] == ["5", "0", "−4", "1"]
    assert "x(t − 2)" in view.lanes[2].name.text()
    added = sum(lane.plot.bars.values for lane in view.lanes)
    assert added.tolist() == view.total.plot.bars.values.tolist()
    page.edit(replace(page.state, kernel=make("difference")))
    assert [lane.plot.isVisible() for lane in view.lanes] == [True, True, False]


# ------------------------------------------------------------------ stepping


@pytest.mark.parametrize(
    "state",
    [
        LECTURE,
        replace(LECTURE, dilation=2, signal=make("step"), whole=True),
        State(signal=make("noise", length=512), motion=False),
    ],
    ids=["numbers on the bars", "dilated", "an outline"],
)
def test_steps_paint_all_that_they_change(page, state):
    page.edit(state)
    for position in (0, 1, 5, 4, 2):
        page.amend(replace(page.state, position=position))
        assert stale(page) <= SHADE


def test_keys_step_and_play(page, qtbot):
    page.edit(LECTURE)
    for name, at in (("Right", 1), ("End", 8), ("Left", 7), ("Home", 0)):
        key(qtbot, page, name)
        assert page.state.position == at
    assert page._stepper.text() == "window 1 of 9"
    assert page.can_undo()
    page.undo()
    assert page.state.signal != LECTURE.signal  # steps are no steps to undo
    page.redo()
    page.amend(replace(page.state, speed=16.0))
    key(qtbot, page, "Space")
    qtbot.waitUntil(lambda: page.state.position >= 2, timeout=4000)
    key(qtbot, page, "Space")
    assert not page._stepper.playing


def test_a_change_keeps_the_window_that_is_on_show(page, qtbot):
    page.edit(LECTURE)
    for _ in range(3):
        key(qtbot, page, "Right")
    page._controls._dilation.setValue(2)
    assert page.state.position == 3
    qtbot.mouseClick(page._controls._operation._options["correlation"], LEFT)
    assert (page.state.position, page.state.operation) == (3, "correlation")


def test_nothing_plays_that_nobody_sees(page, qtbot):
    key(qtbot, page, "Space")
    assert page._stepper.playing
    page.hide()
    assert not page._stepper.playing


def test_a_click_on_the_result_moves_the_window(page, qtbot):
    page.edit(replace(LECTURE, whole=True))
    result = page._steps.result
    qtbot.mouseClick(result, LEFT, pos=place(result, 5, 1))
    assert page.state.position == 5
    assert page._steps.signal._marked == {3, 4, 5}
    assert page._steps.result._marked == {5}


def test_the_window_lies_over_its_result(page):
    page.edit(replace(LECTURE, width="narrow", position=2))
    steps = page._steps
    taps = steps.signal._window.taps
    middle = (steps.signal.axes.x(taps[0]) + steps.signal.axes.x(taps[-1])) / 2
    result = steps.result
    assert result.axes.x(result.bars.place(2)) == pytest.approx(middle)


def test_pointing_links_samples_and_terms(page, qtbot):
    page.edit(replace(LECTURE, position=4))
    steps = page._steps
    told = []
    page.readout.connect(told.append)
    qtbot.mouseMove(steps.signal, place(steps.signal, 3, 0.5))
    assert steps.terms.rows[0]._marked == {(0, 1)}
    assert told[-1] == "x₄ = 1"
    qtbot.mouseMove(steps.terms.rows[1], steps.terms.rows[1].cell_rect((0, 2)).center())
    assert steps.signal._marked == {4}


def test_what_is_said_of_a_sample_stays_true(page, qtbot):
    page.edit(replace(LECTURE, position=4))
    told = []
    page.readout.connect(told.append)
    qtbot.mouseMove(page._steps.signal, place(page._steps.signal, 3, 0.5))
    page.edit(replace(page.state, signal=make("ramp")))
    assert told[-1].startswith("x") and "= 1" not in told[-1]
    page.edit(replace(page.state, signal=make("impulse", length=2)))
    assert told[-1] in ("", "x₁ = 0", "x₂ = 1")


# ------------------------------------------------------------------ editing


def test_drawing_the_signal_is_one_step_to_undo(page, qtbot):
    page.edit(LECTURE)
    plot = page._steps.signal
    qtbot.mousePress(plot, LEFT, pos=place(plot, 0, 6))
    qtbot.mouseMove(plot, place(plot, 1, 4))
    qtbot.mouseMove(plot, place(plot, 2, 2))
    qtbot.mouseRelease(plot, LEFT, pos=place(plot, 2, 2))
    assert page.state.signal.values == (6, 4, 2, 1, 5, 9, 2)
    assert page.state.signal.recipe == ""
    page.undo()
    assert page.state.signal == LECTURE.signal


def test_a_bar_of_the_kernel_is_dragged(page, qtbot):
    page.edit(LECTURE)
    bars = page._controls._bars
    qtbot.mouseClick(bars, LEFT, pos=place(bars, 1, 1))
    assert page.state.kernel.values == (1, 1, -1)
    assert page._controls._matrix.values.tolist() == [[1, 1, -1]]


def test_a_weight_is_typed(page, qtbot):
    page.edit(LECTURE)
    matrix = page._controls._matrix
    qtbot.mouseClick(matrix, LEFT, pos=matrix.cell_rect((0, 0)).center())
    qtbot.keyClicks(matrix, "2")
    field = matrix.findChild(QLineEdit)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert page.state.kernel.values == (2, 0, -1)


def test_a_weight_that_is_too_large_is_a_sentence(page, qtbot):
    page.edit(LECTURE)
    matrix = page._controls._matrix
    matrix.edit_cell("1e308")
    qtbot.keyClick(matrix.findChild(QLineEdit), Qt.Key.Key_Return)
    assert page.state.kernel == LECTURE.kernel
    assert page.banner.text().startswith("“1e+308” cannot be a value")
    assert matrix.values.tolist() == [[1, 0, -1]]


def test_values_are_typed(page, qtbot):
    field = page._controls._values
    field.setText("1 1/2, −3")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert page.state.signal.values == (1, 0.5, -3)


@pytest.mark.parametrize("text", ["one two", "1e308 2", "nan", "1 2 oops"])
def test_bad_values_are_a_sentence_and_the_signal_stays(page, qtbot, text):
    before = page.state
    field = page._controls._values
    field.setText(text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert page.state == before
    assert page.banner.text().endswith(".")
    assert field.text() == text and field.property("invalid")
    page.edit(replace(page.state, stride=2, width="free"))
    assert field.text() == text
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text().startswith("0 0.69") and not field.property("invalid")


def test_a_refused_text_goes_with_its_signal(page, qtbot):
    field = page._controls._values
    field.setText("1 2 x")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    page.edit(replace(page.state, signal=make("x1-x7")))
    assert field.text() == "3 1 4 1 5 9 2" and not field.property("invalid")


def test_mending_a_refused_text_to_what_was_there(page, qtbot):
    field = page._controls._values
    for text in ("1 2 3", "1 2 x", "1, 2, 3"):
        field.setText(text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert page.state.signal.values == (1, 2, 3)
    assert field.text() == "1 2 3" and not field.property("invalid")


def test_an_example_is_chosen(page, qtbot):
    page._controls._example.chosen.emit("copies")
    assert page.state.view == "copies" and page.state.outputs == 9
    assert page._controls._example.current() == "copies"
    page.undo()
    assert page._controls._example.current() == "low"


def test_parameters_make_the_signal_anew(page):
    box = page._controls._signal
    box._fields["length"].setValue(30)
    assert len(page.state.signal) == 30
    assert dict(page.state.signal.parameters)["high"] == 1 / 3
    page._controls._taps.setValue(5)
    assert page.state.kernel.values == (1 / 3,) * 3 + (0, 0)


def test_stride_and_padding(page):
    controls = page._controls
    controls._stride.setValue(2)
    assert (page.state.width, page.state.padding) == ("free", 1)
    assert controls._padding_row.isVisible()
    assert not controls._width._options["equal"].isEnabled()
    controls._dilation.setValue(2)
    assert page.state.geometry.dilation == (1, 2)
    assert "2·(3 − 1)" in page._facts._facts[0].value


def test_a_window_that_does_not_fit_says_why_and_comes_back(page):
    page.edit(replace(LECTURE, width="narrow", kernel=make("gaussian-1d", size=31)))
    for view in ("steps", "copies", "spectra", "connections"):
        page.edit(replace(page.state, view=view))
        assert not page._stepper.isEnabled()
    assert page.pytorch() == ""
    page.edit(LECTURE)
    assert page._stepper.isEnabled() and page._steps.terms.isVisible()


# ------------------------------------------------------------------ views


@pytest.mark.parametrize("view", ["steps", "copies", "spectra", "connections"])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_view_is_painted_and_follows_the_theme(page, view, look):
    page.edit(replace(page.state, view=view))
    theme.apply(QApplication.instance(), look, 150)
    QApplication.processEvents()
    assert not page.grab().isNull()
    assert page._controls._bars.height() == 144
    theme.apply(QApplication.instance(), "light", 100)


def test_spectra_are_those_of_the_arrays_and_are_read_out(page, qtbot):
    page.edit(replace(page.state, view="spectra"))
    told = []
    page.readout.connect(told.append)
    plot = page._spectra.plots[1]
    qtbot.mouseMove(plot, plot.axes.point(1 / 3, 0.5).toPoint())
    assert "0.333" in told[-1] and "kernel" in told[-1]
    assert page._stepper.isHidden()
    low, high = (
        int(np.abs(page._run.spectra.signal.frequencies - f).argmin())
        for f in (1 / 24, 1 / 3)
    )
    before, after = page._run.spectra.signal, page._run.spectra.result
    assert after.magnitudes[low] > 0.9 * before.magnitudes[low]
    assert after.magnitudes[high] < 0.1 * before.magnitudes[high]


def test_connections_follow_kernel_inputs_and_stepper(page, qtbot):
    page.edit(replace(LECTURE, view="connections"))
    view = page._connections
    assert "15 connections, 3 weights" in view.local.accessibleDescription()
    assert "35 connections, 35 weights" in view.full.accessibleDescription()
    key(qtbot, page, "Right")
    assert view.local._current == view.full._current == 1
    page._controls._inputs.setValue(12)
    assert "120 connections" in view.full.accessibleDescription()
    qtbot.mouseMove(view.local, view.local.hidden_at(4).toPoint())
    assert page.state.position == 4


def test_the_tabs_choose_a_view(page, qtbot):
    qtbot.mouseClick(page._tabs._options["copies"], LEFT)
    assert page.state.view == "copies" and page._copies.isVisible()


# ------------------------------------------------------------------ files


def tone(path, count=4000):
    samples = (np.sin(np.arange(count) / 9) * 30000).astype(int).tolist()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(struct.pack(f"<{count}h", *samples))
    return str(path)


def test_a_wav_is_opened_and_its_terms_are_exact(page, tmp_path):
    opened = []
    page.recent.connect(opened.append)
    path = tone(tmp_path / "tone.wav")
    page.open_paths([path])
    assert len(page.state.signal) == 4000 and opened == [path]
    page.amend(replace(page.state, position=2000))
    shown = numbers.parse(page._steps.terms.value_text().removeprefix(numbers.ROUNDED))
    assert shown == pytest.approx(page._run.sliding.sums[2000], rel=1e-5)
    assert not page.grab().isNull()


def test_a_long_wav_is_shortened_with_a_sentence(page, tmp_path):
    page.open_paths([tone(tmp_path / "long.wav", 20_000)])
    assert page.banner.text().startswith("“long.wav” has 20,000 samples")


def test_a_bad_file_is_a_sentence_and_the_state_stays(page, tmp_path):
    before = page.state
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(100_000_000)
    (tmp_path / "high.csv").write_text("1\n1e308\n")
    (tmp_path / "nan.csv").write_text("1\nnan\n")
    (tmp_path / "picture.wav").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    for name in (
        "bad.wav",
        "bad.csv",
        "none.csv",
        "large.csv",
        "high.csv",
        "nan.csv",
        "picture.wav",
    ):
        if name.startswith("bad"):
            (tmp_path / name).write_bytes(b"no signal")
        page.banner.hide()
        page.open_paths([str(tmp_path / name)])
        said = page.banner.text()
        assert said.endswith(".") and (name in said or "cannot be" in said)
    assert page.state == before


@pytest.mark.parametrize("typed", ["", "x", "1e308", "nan"])
def test_a_bad_weight_is_a_sentence_and_the_kernel_stays(
    page, qtbot, monkeypatch, typed
):
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, _: told.append(text))
    before, matrix = page.state, page._controls._matrix
    matrix.set_current((0, 0))
    matrix.edit_cell(typed)
    qtbot.keyClick(matrix.findChild(QLineEdit), Qt.Key.Key_Return)
    (sentence,) = told or [page.banner.text()]
    assert sentence.endswith(".")
    assert page.state == before


def test_numbers_and_files_are_pasted(page, tmp_path):
    mime = QMimeData()
    mime.setText("1, 2, 3")
    assert page.paste(mime) and page.state.signal.values == (1, 2, 3)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(tone(tmp_path / "tone.wav"))])
    assert page.paste(mime) and len(page.state.signal) == 4000
    assert not page.paste(QMimeData())


# ------------------------------------------------------------------ session


def test_the_state_comes_back(page):
    page.edit(replace(LECTURE, view="copies", position=5))
    data = to_json(page.state)
    page.edit(State(motion=False))
    page.restore(data)
    assert page.state.position == 5 and page._copies.isVisible()


def test_buttons_leave_the_keys_to_the_stepper(page, qtbot):
    page.edit(LECTURE)
    step = next(
        button
        for button in page._stepper.findChildren(QPushButton)
        if button.accessibleName() == "Step"
    )
    page.activateWindow()
    qtbot.waitUntil(lambda: page._views.hasFocus())
    qtbot.mouseClick(step, LEFT)
    assert page._views.hasFocus()
    qtbot.keyClick(page._views, Qt.Key.Key_Right)
    assert page.state.position == 2


@pytest.mark.parametrize("view", ["steps", "copies", "spectra", "connections"])
def test_plots_keep_a_useful_height_at_150_percent(page, qtbot, view):
    theme.apply(QApplication.instance(), "light", 150)
    try:
        made = create()
        qtbot.addWidget(made)
        made.edit(replace(LECTURE, view=view))
        made.layout().activate()
        assert made.minimumSizeHint().width() <= 1003  # beside the rail unfolded
        made.resize(1184, 723)  # what a window of 1280 × 800 leaves
        made.show()
        for message in ("", "A sentence.", "Another sentence."):
            if message:
                made.show_message(message)
            QApplication.processEvents()
            assert (made.width(), made.height()) == (1184, 723)
            least = 90 if message else 110
            for plot in (made._steps.signal, made._steps.result):
                assert view != "steps" or plot.height() > least
        made.banner.hide()
        QApplication.processEvents()
        assert made._views.height() >= 0.6 * 723
        made.shut_down()
    finally:
        theme.apply(QApplication.instance(), "light", 100)
