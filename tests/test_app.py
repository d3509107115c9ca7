"""Starting, failing and ending: command line, log, error dialog, display, PySide6."""

from __future__ import annotations

import ctypes
import json
import logging
import os
import subprocess
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QObject, qWarning
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton, QWidget

from cnnviz import cli, display, reporting
from cnnviz.dialogs import ErrorDialog
from cnnviz.reporting import Reporter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


def cnnviz(*words: str, code: str = "", **environment: str) -> Any:
    """Run the program, or some code that uses it, in a process of its own."""
    command = ["-c", code] if code else ["-m", "cnnviz"]
    return subprocess.run(
        [sys.executable, "-W", "error", *command, *words],
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, **environment},
    )


def test_20_000_void_calls_do_not_end_python():
    """PySide6 6.12.0 aborts CPython 3.11 here ("none_dealloc")."""
    thing = QObject()
    for _ in range(20_000):
        thing.setObjectName("a")


# ---------------------------------------------------------------- command line


def test_version_and_help_need_no_qt():
    code = "import sys; from cnnviz import cli\n"
    code += "try: cli.main(sys.argv[1:])\n"
    code += "finally: assert not any('PySide6' in name for name in sys.modules)"
    for word, expected in (("--version", "cnnviz 0."), ("--help", "examples:")):
        done = cnnviz(word, code=code)
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout
    done = cnnviz("apply", "--help")
    assert "--kernel" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--size", "large"], "not a size"),
        (["--size", "100x100"], "not a size"),
        (["--text-size", "20"], "80 to 200"),
        (["--theme", "purple"], "invalid choice"),
        (["--unknown"], "unrecognized"),
        (["a.png", "b.png"], "unrecognized"),
    ],
)
def test_a_bad_word_is_explained_with_code_2(capsys, words, sentence):
    with pytest.raises(SystemExit) as left:
        cli.main(["--screenshot", "out.png", *words])
    assert left.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_screenshot_by_the_name_of_another_format_is_refused(capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(["--screenshot", "page.jpg"])
    assert left.value.code == 2
    assert "call it *.png" in capsys.readouterr().err


def test_looks_without_a_screenshot_are_refused(capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(["--text-size", "150"])
    assert left.value.code == 2
    assert "--text-size needs --screenshot" in capsys.readouterr().err


def test_screenshot_paints_a_page_and_touches_nothing_else(tmp_path, home):
    out = tmp_path / "page.png"
    done = cnnviz(
        "--screenshot",
        str(out),
        *("--page", "kernel-lab", "--size", "1300x900", "--theme", "dark"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    picture = QImage(str(out))
    assert (picture.width(), picture.height()) == (1300, 900)
    corner = picture.pixelColor(4, 450)
    assert corner.lightness() < 60
    assert not home.exists()


def test_screenshot_waits_until_the_last_answer_has_its_room(tmp_path):
    state, out = tmp_path / "sum.cnnviz", tmp_path / "page.png"
    pinned = {"layer": "conv2", "place": [12, 2, 5]}
    session = {"format": "cnnviz", "version": 1, "page": "inspect"}
    state.write_text(json.dumps({**session, "pages": {"inspect": pinned}}))
    size = ("--size", "1280x800", "--theme", "light")
    done = cnnviz("--screenshot", str(out), "--state", str(state), *size)
    assert (done.returncode, done.stderr) == (0, "")
    picture = QImage(str(out))
    canvas, panel = (picture.pixelColor(496, y).name() for y in (440, 600))
    assert canvas != panel, "the sum begins above the last two fifths of the window"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--page", "dreams"], 2, "choose one of"),
        (["--state", "absent.cnnviz"], 1, "absent.cnnviz"),
    ],
)
def test_screenshot_explains_what_it_cannot_use(tmp_path, words, code, sentence):
    out = tmp_path / "page.png"
    done = cnnviz("--screenshot", str(out), *words)
    assert done.returncode == code
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert not out.exists()


def test_screenshot_that_cannot_be_written_is_explained(tmp_path):
    done = cnnviz("--screenshot", str(tmp_path / "no folder" / "page.png"))
    assert done.returncode == 1
    assert "cannot be saved" in done.stderr


def test_nothing_needs_a_terminal(tmp_path):
    code = "import sys; sys.stdout = sys.stderr = None\n"
    code += "from cnnviz import cli; sys.exit(cli.main(sys.argv[1:]))"
    out = tmp_path / "page.png"
    assert cnnviz("--screenshot", str(out), code=code).returncode == 0
    assert out.exists()
    assert cnnviz("--version", code=code).returncode == 0
    assert cnnviz("--nonsense", code=code).returncode == 2
    assert cnnviz("--screenshot", str(out), "--page", "x", code=code).returncode == 2


# ---------------------------------------------------------------- from start to end

DRIVE = """
import sys, threading
from PySide6.QtCore import QTimer
from cnnviz import app, dialogs, window
def act(self):
    {act}
window.Window.act = act
start = app.start
def started(file=None):
    win = start(file)
    QTimer.singleShot(300, win.act)
    return win
app.start = started
code = app.run(*sys.argv[1:])
left = [t.name for t in threading.enumerate() if t is not threading.main_thread()]
print("threads left:", left)
sys.exit(code)
"""


def test_start_use_close_and_start_again(home, tmp_path):
    close = "self.resize(1234, 777); self.close()"
    done = cnnviz(code=DRIVE.format(act=close))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "threads left: []\n"
    look = "print(self.width(), self.height(), self.page.id); self.close()"
    done = cnnviz(code=DRIVE.format(act=look))
    assert done.stdout.startswith("1234 777 kernel-lab"), done.stderr
    assert (home / "log" / "cnnviz.log").exists()
    picture = QImage(20, 10, QImage.Format.Format_RGB32)
    picture.fill(0xFF445566)
    picture.save(str(tmp_path / "plain.png"))
    look = "print(self.page.state_json()['picture']); self.close()"
    done = cnnviz(str(tmp_path / "plain.png"), code=DRIVE.format(act=look))
    assert done.stdout.startswith(str(tmp_path / "plain.png")), done.stderr


def test_only_the_first_start_shows_the_tour(home):
    at_once = "win.painted.connect(lambda: QTimer.singleShot(0, win.act))"
    drive = DRIVE.replace("QTimer.singleShot(300, win.act)", at_once)
    look = "from cnnviz.widgets.spotlight import Spotlight\n"
    look += "    print(len(self.findChildren(Spotlight))); self.close()"
    for shown in (1, 0):
        done = cnnviz(code=drive.format(act=look))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"{shown}\n")
    assert (home / "config" / "settings.ini").exists()


def test_damaged_settings_are_explained_on_the_screen(home, tmp_path):
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.ini").write_text("[General]\ntext_size=huge\n")
    look = "print(self.page.banner.text()); print(self.statusBar().currentMessage())"
    done = cnnviz(code=DRIVE.format(act=f"{look}; self.close()"))
    assert "the text size starts anew" in done.stdout.splitlines()[0], done.stderr
    (home / "data" / "session.cnnviz").write_text("no session")
    done = cnnviz(code=DRIVE.format(act=f"{look}; self.close()"))
    banner, status = done.stdout.splitlines()[:2]
    assert "session.cnnviz.bad" in banner
    assert "the text size starts anew" in status


@pytest.mark.parametrize("page", ["signals", "windows", "kernel-lab"])
@pytest.mark.parametrize("text_size", [150, 200])
def test_large_text_fits_a_small_screen(tmp_path, page, text_size):
    out = tmp_path / "out.png"
    done = cnnviz(
        *("--screenshot", str(out), "--size", "1280x800", "--page", page),
        *("--text-size", str(text_size)),
    )
    assert done.returncode == 0, done.stderr
    image = QImage(str(out))
    assert (image.width(), image.height()) == (1280, 800)


def test_an_error_nobody_caught_is_logged_and_the_application_goes_on(home):
    act = (
        "QTimer.singleShot(0, lambda: 1 // 0)\n"
        "    QTimer.singleShot(400, lambda: print('goes on', self.isVisible(),"
        " bool(self.findChildren(dialogs.ErrorDialog))))\n"
        "    QTimer.singleShot(500, self.close)"
    )
    done = cnnviz(code=DRIVE.format(act=act))
    assert done.returncode == 0
    assert "goes on True True" in done.stdout
    assert "ZeroDivisionError" in (home / "log" / "cnnviz.log").read_text("utf-8")


def test_a_page_that_cannot_be_made_is_in_the_log(home):
    code = "from cnnviz import app, stack; stack.PageStack.page = lambda *_: 1 // 0\n"
    done = cnnviz(code=code + "app.run()")
    assert done.returncode == 1
    assert "ZeroDivisionError" in (home / "log" / "cnnviz.log").read_text("utf-8")


def test_a_broken_torch_costs_only_the_badge(home):
    code = "from cnnviz.nn import device\n"
    code += "device.describe = lambda: 1 // 0\n"
    act = "QTimer.singleShot(200, lambda: print(self.device) or self.close())"
    done = cnnviz(code=code + DRIVE.format(act=act))
    assert done.returncode == 0
    assert done.stdout.startswith("CPU")
    log = (home / "log" / "cnnviz.log").read_text("utf-8")
    assert "torch does not load" in log


# ---------------------------------------------------------------- reporting


@pytest.fixture
def reporter(qtbot: QtBot) -> Iterator[Reporter]:
    win = QWidget()
    qtbot.addWidget(win)
    win.show()
    result = Reporter(win)
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    result.install()
    yield result
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


def fail(text: str) -> None:
    """Hand an error to the hook, as the interpreter does."""
    try:
        raise RuntimeError(text)
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)


def dialogs() -> list[ErrorDialog]:
    every = QApplication.topLevelWidgets()
    return [
        each for each in every if isinstance(each, ErrorDialog) and each.isVisible()
    ]


def shown(qtbot: QtBot) -> ErrorDialog:
    qtbot.waitUntil(lambda: len(dialogs()) == 1)
    return dialogs()[0]


def test_an_error_is_logged_and_shown(reporter, qtbot, caplog):
    fail("one")
    dialog = shown(qtbot)
    assert "RuntimeError: one" in caplog.text
    details = dialog.findChild(QPlainTextEdit)
    buttons = {b.text(): b for b in dialog.findChildren(QPushButton)}
    assert not details.isVisible()
    buttons["Details"].click()
    assert details.isVisible()
    assert "RuntimeError: one" in details.toPlainText()
    buttons["Copy details"].click()
    assert QApplication.clipboard().text() == details.toPlainText()
    assert "cnnviz 0." in details.toPlainText()
    buttons["Close"].click()
    assert not dialogs()


def test_many_errors_share_one_dialog(reporter, qtbot):
    for number in range(100):
        fail(f"number {number % 5}")
    dialog = shown(qtbot)
    fail("another")
    details = dialog.findChild(QPlainTextEdit)
    qtbot.waitUntil(lambda: "another" in details.toPlainText())
    assert shown(qtbot) is dialog
    dialog.close()


def test_the_same_error_does_not_come_back_at_once(reporter, qtbot, monkeypatch):
    for again in (False, True):
        fail("stubborn")
        qtbot.waitUntil(lambda: not reporter._queue)
        assert bool(dialogs()) != again
        for dialog in dialogs():
            dialog.close()
    fail("different")
    shown(qtbot).close()
    monkeypatch.setattr(reporting, "QUIET_SECONDS", 0)
    fail("different")
    shown(qtbot).close()


def test_an_error_in_a_thread_is_shown(reporter, qtbot):
    thread = threading.Thread(target=lambda: fail("in a thread"))
    thread.start()
    dialog = shown(qtbot)
    thread.join()
    dialog.close()
    thread = threading.Thread(target=lambda: {}["key"])
    thread.start()
    thread.join()
    dialog = shown(qtbot)
    assert "KeyError" in dialog.findChild(QPlainTextEdit).toPlainText()
    dialog.close()


def test_an_error_that_cannot_be_raised_is_shown(reporter, qtbot):
    class Careless:
        def __del__(self) -> None:
            raise OSError("too late")

    Careless()
    dialog = shown(qtbot)
    assert "too late" in dialog.findChild(QPlainTextEdit).toPlainText()
    dialog.close()


@pytest.fixture
def root_logger() -> Iterator[logging.Logger]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield root
    for handler in set(root.handlers) - set(before):
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    logging.captureWarnings(False)


def test_the_log_rotates_and_takes_warnings(root_logger, tmp_path):
    reporting.start_log(tmp_path / "log")
    logging.getLogger("test").info("hello")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("careful", stacklevel=1)
    text = (tmp_path / "log" / "cnnviz.log").read_text("utf-8")
    assert "INFO test: hello" in text
    assert "careful" in text
    for _ in range(30):
        logging.getLogger("test").info("x" * 100_000)
    sizes = [file.stat().st_size for file in (tmp_path / "log").iterdir()]
    assert len(sizes) > 1
    assert max(sizes) <= 2**20


def test_a_log_that_cannot_be_written_is_left_out(root_logger, tmp_path, caplog):
    (tmp_path / "log").write_text("a file where the folder should be")
    reporting.start_log(tmp_path / "log")
    assert "no log file" in caplog.text


def test_qt_messages_go_to_the_log():
    code = "import logging, sys; from cnnviz import reporting\n"
    code += "from PySide6.QtCore import qWarning\n"
    code += "logging.basicConfig(stream=sys.stdout)\n"
    code += "reporting.log_qt_messages(); qWarning('drip')\n"
    code += "qWarning('This plugin does not support raise()')"
    assert cnnviz(code=code).stdout == "WARNING:Qt:drip\n"


# ---------------------------------------------------------------- display


@pytest.fixture
def linux(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(display, "_absent", lambda libraries: {})
    monkeypatch.setattr(display, "_answers", lambda: False)
    return monkeypatch


def test_no_screen_is_explained(linux, capsys):
    assert "neither DISPLAY nor WAYLAND_DISPLAY" in str(display.problem())
    assert cli.main([]) == 1
    assert capsys.readouterr().err.startswith("cnnviz: There is no screen")


def test_an_x_server_that_does_not_answer_is_explained(linux):
    linux.setenv("DISPLAY", ":77")
    assert ":77 does not answer" in str(display.problem())
    linux.setattr(display, "_answers", lambda: True)
    assert display.problem() is None


@pytest.mark.parametrize("name", ["WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_other_screens_need_no_x_server(linux, name):
    linux.setenv(name, "offscreen")
    assert display.problem() is None


def test_absent_libraries_are_named_with_their_packages(linux):
    linux.undo()
    linux.setattr(sys, "platform", "linux")
    linux.setenv("QT_QPA_PLATFORM", "xcb")
    load = ctypes.CDLL

    def library(name: str) -> Any:
        if name in ("libEGL.so.1", "libxcb-cursor.so.0"):
            raise OSError(name)
        return load(None)

    linux.setattr(ctypes, "CDLL", library)
    problem = str(display.problem())
    assert "libEGL.so.1, libxcb-cursor.so.0" in problem
    assert problem.endswith("apt install libegl1 libxcb-cursor0")


def test_other_systems_are_not_asked(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert display.problem() is None


@pytest.mark.skipif(sys.platform != "linux", reason="X11 is Linux's")
def test_no_answer_ends_in_a_sentence_and_not_in_an_abort():
    done = cnnviz(DISPLAY=":7654", QT_QPA_PLATFORM="xcb")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("cnnviz: ")


def test_qt_says_so_if_it_warns(qtlog):
    """The fixtures of all tests rest on this."""
    qWarning("This plugin does not support laughter")
    assert [record.ignored for record in qtlog.records] == [True]
