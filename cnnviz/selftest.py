"""``cnnviz selftest``: whether this copy of the program works on this computer.

Each check does once what a user does, with what the copy carries; files go to a folder
of its own, and no network is asked for anything.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnnviz import __version__, display, paths
from cnnviz.errors import InputError
from cnnviz.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

PACKAGES = {
    "numpy": "numpy",
    "opencv-python-headless": "cv2",
    "pillow": "PIL.Image",
    "PySide6-Essentials": "PySide6.QtWidgets",
    "safetensors": "safetensors.numpy",
    "pooch": "pooch",
    "torch": "torch.optim",
}
"""What is installed, and the module by which it is used."""

STEPS, BATCH = 10, 128
RIGHT = 8
"""Of ten digits drawn by a program, which no network was shown as they are here."""

EPILOG = """\
exit codes: 0 every check passed; 1 one failed, or the report cannot be written; 2 the
command line cannot be read."""


@dataclass(frozen=True)
class Result:
    """What became of one check.

    Attributes
    ----------
    name, words : str
        What was checked, and what was found or what is wrong.
    passed : bool
    seconds : float
    details : str
        The traceback of a failure that nobody foresaw.
    """

    name: str
    words: str
    passed: bool
    seconds: float
    details: str = ""


def add_parser(commands: Any) -> None:
    """Add the words of this command to the program's sub-commands."""
    parser = commands.add_parser(
        "selftest",
        help="check that this copy of cnnviz works here",
        description="Check that this copy of cnnviz works on this computer: its "
        "modules, devices, window, pictures, network, training and files.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    add = parser.add_argument
    add(
        "--verbose",
        action="store_true",
        help="also list where Python looks for modules, and every file that was read",
    )
    add(
        "--report",
        metavar="OUT.txt",
        help="write the table into a file too, for where there is no terminal",
    )


def run(options: argparse.Namespace) -> int:
    """Do what the command line says; return the exit code."""
    opened = _note_opened() if options.verbose else None
    results = check_all()
    lines = [*table(results), *([] if opened is None else _files(opened))]
    text = "\n".join(lines)
    print(text, flush=True)
    if options.report:
        try:
            write_atomic(options.report, f"{text}\n".encode())
        except InputError as error:
            print(f"cnnviz selftest: {error}", file=sys.stderr)
            return 1
    return 0 if all(result.passed for result in results) else 1


def check_all() -> list[Result]:
    """Carry out every check, each one whatever became of those before."""
    return [_checked(name, check) for name, check in CHECKS.items()]


def table(results: list[Result]) -> list[str]:
    """Return the lines that tell the results."""
    where = "bundle" if getattr(sys, "frozen", False) else f"Python {sys.executable}"
    lines = [
        f"cnnviz {__version__}, {where}",
        f"{platform.platform()}, Python {platform.python_version()}",
        "",
    ]
    for result in results:
        mark = "ok  " if result.passed else "FAIL"
        seconds = f"{result.seconds:5.1f} s"
        lines.append(f"{mark}  {result.name:9} {seconds}  {result.words}")
        lines += [f"      {line}" for line in result.details.splitlines()]
    failed = sum(not result.passed for result in results)
    verdict = f"{failed} of {len(results)} failed" if failed else "all passed"
    return [*lines, "", verdict]


def _checked(name: str, check: Callable[[], str]) -> Result:
    begin = time.perf_counter()
    words, passed, details = "", False, ""
    try:
        words, passed = check(), True
    except InputError as error:
        words = str(error)
    except Exception as error:  # whatever it is, the other checks go on
        words, details = f"{type(error).__name__}: {error}", traceback.format_exc()
    return Result(name, words, passed, time.perf_counter() - begin, details)


def check_imports() -> str:
    """Import every package, every page and every command."""
    from cnnviz import cli
    from cnnviz.stack import PAGES

    for module in (*PACKAGES.values(), *cli.COMMANDS.values()):
        import_module(module)
    for page in PAGES:
        import_module(page.module)
    torch = version("torch")
    return f"{len(PACKAGES)} packages, torch {torch}; {len(PAGES)} pages"


def check_assets() -> str:
    """Open every sample picture, and find fonts and icons."""
    from cnnviz.ops import images
    from cnnviz.stack import PAGES

    pictures = [images.sample(sample.id) for sample in images.SAMPLES]
    icons = ["cnnviz", *(page.icon for page in PAGES)]
    files = [
        "fonts/Inter-Regular.otf",
        "fonts/Inter-SemiBold.otf",
        *(f"icons/{name}.svg" for name in icons),
    ]
    if absent := [name for name in files if not paths.asset(name).is_file()]:
        raise InputError(f"The assets lack {', '.join(absent)}: install cnnviz anew.")
    return f"{len(pictures)} sample pictures, {len(files)} fonts and icons"


def check_devices() -> str:
    """Say what torch computes on."""
    from cnnviz.nn import device

    best, others = device.describe(), device.available()
    return f"{best}; available: {', '.join(others)}"


def check_window() -> str:
    """Open the window, off the screen, and paint every page."""
    if sys.platform == "linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if problem := display.problem():
        raise InputError(problem)
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication

    from cnnviz import app
    from cnnviz.settings import Settings
    from cnnviz.window import Window

    chosen = Settings(theme="light")
    application = QApplication.instance() or app.make_application(chosen)
    assert isinstance(application, QApplication)
    window = Window(chosen)
    if sys.platform != "linux":  # where it is off the screen unless told otherwise
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    window.restore_session()
    window.show()
    try:
        app.settle(application, window)
        for entry in window.pages.entries:
            window.show_page(entry.id)
            application.processEvents()
            image = QImage(window.size(), QImage.Format.Format_RGB32)
            window.render(image)
            if (colours := _colours(image)) < 20:  # an empty page has its greys
                raise InputError(f"The page {entry.title} has {colours} colours only.")
    finally:
        window.shut_down()
        window.close()
    platform_name = application.platformName()
    return f"{len(window.pages.entries)} pages painted, {platform_name}"


def _colours(image: Any) -> int:
    import numpy as np

    pixels = np.frombuffer(image.constBits(), np.uint32)
    return len(np.unique(pixels))


def check_picture() -> str:
    """Filter a photograph, and compare with the sum written out."""
    import numpy as np

    from cnnviz.ops import images, kernels
    from cnnviz.ops.pipeline import Stage, run_stage

    picture = images.sample("camera").grey
    kernel = kernels.make("sobel-vertical")
    stage = Stage(kernels=(kernel,), padding="valid")
    values = run_stage(picture, stage).pooled
    rows, columns = values.shape
    expected: NDArray[np.float64] = np.zeros((rows, columns))
    for (y, x), weight in np.ndenumerate(np.asarray(kernel.weights, np.float64)):
        expected += weight * picture[y : y + rows, x : x + columns]
    if (error := float(np.abs(values - expected).max())) > 1e-3:
        raise InputError(f"The feature map is wrong by {error:g}.")
    return f"{columns} × {rows} values, largest error {error:g}"


def check_network() -> str:
    """Let the network that comes with cnnviz read ten digits, one of each."""
    import numpy as np

    from cnnviz.nn import checkpoints, digits, replay
    from cnnviz.nn.models import lecture

    name = f"weights/{lecture.NETWORK.id}.safetensors"
    path = paths.asset(name)
    if not path.is_file():
        raise InputError(f"The assets lack {name}: install cnnviz anew.")
    network, weights, _ = checkpoints.load(path, lecture.NETWORK)
    drawn = digits.generate(10, seed=1)
    shares = np.concatenate(list(replay.test(network, weights, drawn)))
    right = int((shares.argmax(axis=1) == drawn.labels).sum())
    words = f"{network.title} reads {right} of 10 digits"
    if right < RIGHT:
        raise InputError(f"{words}; at least {RIGHT} are expected.")
    return words


def check_training() -> str:
    """Train some steps on generated digits; the loss has to fall."""
    import numpy as np

    from cnnviz.nn import digits
    from cnnviz.nn.control import Control
    from cnnviz.nn.datasets import DIGITS, Dataset
    from cnnviz.nn.events import Steps
    from cnnviz.nn.recipe import Recipe
    from cnnviz.nn.training import train

    data = Dataset(
        digits.NAME,
        digits.generate(STEPS * BATCH, seed=0),
        digits.generate(100, seed=1),
        DIGITS,
    )
    recipe = Recipe(batch=BATCH, epochs=1, precision="float32")
    events = list(train(recipe, data, Control()))
    losses = np.concatenate([e.loss for e in events if isinstance(e, Steps)])
    words = f"{len(losses)} steps, loss {losses[0]:.2f} to {losses[-1]:.2f}"
    if len(losses) != STEPS or not losses[-1] < losses[0]:
        raise InputError(f"{words}: it should fall in {STEPS} steps.")
    return words


def check_session() -> str:
    """Write a session and read it again, under a name in another alphabet."""
    from cnnviz import session

    states = {"kernel-lab": {"picture": "sample:camera", "note": "Größe × 2"}}
    written = session.Session("kernel-lab", states)
    with tempfile.TemporaryDirectory(prefix="cnnviz ") as folder:
        path = Path(folder, "Übung 1 – 畳み込み.cnnviz")
        session.write(written, path)
        size = path.stat().st_size
        if session.read(path) != written:
            raise InputError("The session that was read is not the one written.")
    return f"{size} bytes, the same after reading"


CHECKS: dict[str, Callable[[], str]] = {
    "imports": check_imports,
    "assets": check_assets,
    "devices": check_devices,
    "window": check_window,
    "picture": check_picture,
    "network": check_network,
    "training": check_training,
    "session": check_session,
}
"""What is checked, in this order: each returns what it found, or raises."""


def _note_opened() -> set[str]:
    """Note from now on which files Python opens for reading."""
    opened: set[str] = set()

    def note(event: str, values: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(values[0], (str, bytes, os.PathLike)):
            opened.add(os.fsdecode(values[0]))

    sys.addaudithook(note)
    return opened


def _files(opened: set[str]) -> list[str]:
    """Return lines on where modules come from, and on files opened and mapped."""
    named = (getattr(module, "__file__", None) for module in [*sys.modules.values()])
    modules = {str(name) for name in named if name}
    maps = Path("/proc/self/maps")
    rows = maps.read_text("utf-8", "replace").splitlines() if maps.exists() else []
    mapped = {row.split(maxsplit=5)[5] for row in rows if "/" in row}
    kinds = (("opened", opened), ("module", modules), ("mapped", mapped))
    return [
        "",
        *(f"path {name}" for name in sys.path),
        *(f"{kind} {name}" for kind, names in kinds for name in sorted(names)),
    ]
