"""The command line: the window, a screenshot of it, and commands without a window."""

from __future__ import annotations

import builtins
import gc
import os
import re
import sys
from importlib import import_module
from io import StringIO
from typing import TYPE_CHECKING, Any

from cnnviz import __version__, display

if TYPE_CHECKING:
    import argparse
    from types import ModuleType

# Modules whose add_parser() adds the command; none is imported before it is asked for.
COMMANDS = {
    "apply": "cnnviz.apply",
    "train": "cnnviz.train",
    "selftest": "cnnviz.selftest",
}

EPILOG = """\
commands:
  cnnviz apply …        filter a picture without a window; see cnnviz apply --help
  cnnviz train …        train a network without a window; see cnnviz train --help
  cnnviz selftest …     check this copy of cnnviz; see cnnviz selftest --help

examples:
  cnnviz                                    go on where you left off
  cnnviz cat.jpg                            open a picture
  cnnviz lesson.cnnviz                      open a saved session
  cnnviz --screenshot lab.png --theme dark --size 1920x1080
                                            paint the Kernel Lab into a picture
  cnnviz --screenshot lab.png --state lesson.cnnviz
                                            paint a saved session

Settings, the last session and the log are in your own folders; the environment variable
CNNVIZ_HOME puts them all into one.

exit codes: 0 done; 1 there is no screen, or a file cannot be used (one sentence on
standard error says why); 2 the command line cannot be read."""


def main(words: list[str]) -> int:
    """Do what the command line says and return the exit code.

    Parameters
    ----------
    words : list of str
        The command line without the program's name.

    Raises
    ------
    SystemExit
        With code 2 if it cannot be read, with 0 after ``--help`` and ``--version``.
    """
    # A windowed bundle has neither; argparse writes to them all the same in 3.11.2.
    sys.stdout, sys.stderr = sys.stdout or StringIO(), sys.stderr or StringIO()
    if words and words[0] in COMMANDS:
        import argparse

        parser = argparse.ArgumentParser(prog="cnnviz")
        commands = parser.add_subparsers()
        import_module(COMMANDS[words[0]]).add_parser(commands)
        command, extra = parser.parse_known_args(words)
        if extra:  # the parser around it would show its own usage, with no options
            error = f"unrecognized arguments: {' '.join(extra)}"
            commands.choices[words[0]].error(error)
        return int(command.run(command))
    # argparse takes 8 ms to import, and most starts come from an icon without words.
    options = parse(words) if words else {}
    file, picture = options.pop("file", None), options.pop("screenshot", None)
    if picture and sys.platform == "linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if problem := display.problem():
        print(f"cnnviz: {problem}", file=sys.stderr)
        return 1
    app = load_app()
    code = app.screenshot(picture, file, **options) if picture else app.run(file)
    return int(code)


def load_app() -> ModuleType:
    """Import the application and with it Qt, numpy and OpenCV.

    Nobody looks for garbage meanwhile, which spares some 20 ms. One after the other:
    PySide6 can die when modules are imported in another thread beside it.
    """
    gc.disable()
    try:
        import_module("PySide6.QtCore")
        # It would read the source of each module from now on, to find out whether its
        # "features" are used there: a fifth of a second and 30 MB for those of torch.
        builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
        return import_module("cnnviz.app")
    finally:
        gc.freeze()  # what they made stays
        gc.enable()


def parse(words: list[str]) -> dict[str, Any]:
    """Read the command line that opens the window or paints a page of it.

    Raises
    ------
    SystemExit
        As :func:`main`.
    """
    parser = build_parser()
    options = vars(parser.parse_args(words))
    others = options.keys() - {"file", "screenshot"}
    if others and not options["screenshot"]:
        option = min(others).replace("_", "-")
        parser.error(f"--{option} needs --screenshot OUT.png")
    picture = options["screenshot"]
    if picture and not picture.lower().endswith(".png"):
        parser.error(f"“{picture}” would hold another format; call it *.png")
    return options


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line that opens the window."""
    import argparse

    parser = argparse.ArgumentParser(
        prog="cnnviz",
        description="See and touch a convolutional neural network.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("file", nargs="?", help="a picture or a .cnnviz file to open")
    add("--version", action="version", version=f"cnnviz {__version__}")
    group = parser.add_argument_group(
        "screenshot",
        "paint a page into a picture; settings and session are left alone",
        argument_default=argparse.SUPPRESS,
    )
    add = group.add_argument
    add("--screenshot", default=None, metavar="OUT.png", help="the picture to write")
    add("--page", metavar="ID", help="a page, such as kernel-lab (default: kernel-lab)")
    add("--state", metavar="FILE", help="a .cnnviz file with the state to show")
    add(
        "--size",
        type=_size,
        metavar="WxH",
        help="width and height in pixels (default: 1280x800)",
    )
    add("--theme", choices=("light", "dark"), help="default: light")
    add(
        "--text-size",
        type=_text_size,
        metavar="PERCENT",
        help="80 to 200 (default: 100)",
    )
    return parser


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(200 <= length <= 16384 for length in size):
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(
            f"“{text}” is not a size such as 1280x800, 200 to 16384 pixels each way"
        )
    return size


def _text_size(text: str) -> int:
    if not text.isdecimal() or not 80 <= int(text) <= 200:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"“{text}” is not a percentage from 80 to 200")
    return int(text)
