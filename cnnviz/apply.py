"""``cnnviz apply``: the Kernel Lab from the command line, without a window."""

from __future__ import annotations

import argparse
import io
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

import numpy as np

from cnnviz import session
from cnnviz.codec import from_json
from cnnviz.errors import InputError
from cnnviz.files import write_atomic
from cnnviz.ops import colour, images, kernel_text, kernels
from cnnviz.ops.geometry import PADDING_MODES, Padding, Pair
from cnnviz.ops.pipeline import Pool, Stage, run_stage, why_stage_invalid
from cnnviz.ops.pooling import POOL_KINDS
from cnnviz.ops.samples import SAMPLES
from cnnviz.palette import LIGHT, sequential_table, signed_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

KERNEL_LAB = "kernel-lab"

EPILOG = """\
examples:
  cnnviz apply cat.jpg --kernel sobel-vertical -o edges.png
  cnnviz apply cat.jpg --kernel sobel-vertical --stride 2 --padding 1 \\
      --relu --pool max:2 -o map.png
  cnnviz apply cat.jpg --kernel gaussian-sigma:size=9,sigma=2 --npy blurred.npy
  cnnviz apply sample:camera --kernel "0 1 0; 1 -4 1; 0 1 0" -o laplacian.png
  cnnviz apply cat.jpg --state lesson.cnnviz -o lesson.png

exit codes: 0 done; 1 the picture, kernel or setting cannot be used (one sentence on
standard error says why); 2 the command line cannot be read."""


def add_parser(commands: Any) -> None:
    """Add the words of this command to the program's sub-commands."""
    parser = commands.add_parser(
        "apply",
        help="filter a picture without a window",
        description="Filter a picture with a kernel, exactly as the Kernel Lab does: "
        "kernel, bias, activation, pooling.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "picture", nargs="?", help="a picture file, or sample:ID (see --list)"
    )
    _add_stage(parser)
    _add_files(parser)


def _add_stage(parser: argparse.ArgumentParser) -> None:
    """Add what makes up a stage of the Kernel Lab's pipeline."""
    add = parser.add_argument
    add(
        "--kernel",
        default="sobel-vertical",
        metavar="KERNEL",
        help="a name from --list, with parameters as in gabor:angle=45,wavelength=8; "
        "rows of numbers as in '1 0 -1; 2 0 -2; 1 0 -1'; or a .txt, .csv or .npy "
        "file (default: %(default)s)",
    )
    add("--convolution", action="store_true", help="flip the kernel (true convolution)")
    pair: dict[str, Any] = {"type": _pair, "metavar": "N[,M]"}
    add(
        "--stride", default=(1, 1), help="rows and columns; one number for both", **pair
    )
    add("--dilation", default=(1, 1), help="distance of the kernel's cells", **pair)
    add(
        "--padding",
        type=_padding,
        metavar="N[,M]|same|valid|full",
        help="how much is added at each side (default: same; with a stride, for which "
        "there is no “same”, what that adds at stride 1)",
    )
    add(
        "--padding-mode",
        choices=PADDING_MODES,
        default="zero",
        help="what is added (default: %(default)s)",
    )
    add("--bias", type=float, default=0.0, help="added to every value (default: 0)")
    activation = parser.add_mutually_exclusive_group()
    for name, text in (("relu", "max(0, x)"), ("abs", "|x|")):
        activation.add_argument(
            f"--{name}", dest="activation", action="store_const", const=name, help=text
        )
    parser.set_defaults(activation="none")
    add(
        "--pool",
        type=_pool,
        metavar="KIND:SIZE[:STRIDE]",
        help=f"KIND is {', '.join(POOL_KINDS)}; without a stride the windows touch",
    )
    add("--colour", action="store_true", help="filter red, green and blue, not grey")


def _add_files(parser: argparse.ArgumentParser) -> None:
    """Add what is read and written besides the picture."""
    add = parser.add_argument
    add(
        "--state",
        metavar="FILE.cnnviz",
        help="take all settings, and the picture if none is named, from a saved state",
    )
    add("-o", "--output", metavar="OUT.png", help="the map, coloured as in the window")
    add("--npy", metavar="OUT.npy", help="the map's float32 values, for NumPy")
    add(
        "--list", action="store_true", help="list kernels and sample pictures, and exit"
    )


def run(options: argparse.Namespace) -> int:
    """Do what the command line says; return the exit code."""
    if options.list:
        _print_list()
        return 0
    if not (options.picture or options.state):
        return _misread("name a picture, or a state file with --state")
    if not (options.output or options.npy):
        return _misread("name an output with -o or --npy")
    try:
        _check_endings(options)
        source, coloured, stages = _read(options)
        picture = images.open_source(source)
        values = picture.colour if coloured else picture.grey
        for stage in stages:
            reason = why_stage_invalid(values.shape[:2], stage)
            if reason:
                raise InputError(reason)
            values = run_stage(values, stage).pooled
        _write(values, options)
    except InputError as error:
        print(f"cnnviz apply: {error}", file=sys.stderr)
        return 1
    return 0


def _misread(sentence: str) -> int:
    print(f"cnnviz apply: {sentence}", file=sys.stderr)
    return 2


def _read(options: argparse.Namespace) -> tuple[str, bool, Sequence[Stage]]:
    if options.state:
        from cnnviz.pages.kernel_lab.state import State, beside

        file = Path(options.state)
        data, missing = beside(_page_of(file), file.parent)
        if missing and not options.picture:
            raise InputError(
                f"“{missing}” is missing: put it beside “{file.name}”, or name another "
                "picture."
            )
        state = from_json(State, data)
        source = options.picture or state.picture
        return source, state.channels != "grey", state.stages
    stage = Stage(
        kernels=(_kernel(options.kernel),),
        operation="convolution" if options.convolution else "correlation",
        stride=options.stride,
        padding=options.padding or "same",
        dilation=options.dilation,
        padding_mode=options.padding_mode,
        bias=options.bias,
        activation=options.activation,
        pool=options.pool,
    )
    if options.padding is None and max(options.stride) > 1:  # as in the window
        (top, _), (left, _) = stage.geometry.pads
        stage = replace(stage, padding=(top, left))
    return options.picture, options.colour, (stage,)


def _page_of(path: Path) -> dict[str, Any]:
    pages = session.read(path).pages
    if KERNEL_LAB not in pages:
        raise InputError(
            f"“{path.name}” holds no state of the Kernel Lab; open another file."
        )
    return pages[KERNEL_LAB]


def _kernel(text: str) -> kernels.Kernel:
    name, _, rest = text.partition(":")
    if name in {recipe.id for recipe in kernels.RECIPES}:
        try:
            pairs = dict(part.split("=") for part in rest.split(",") if part)
            parameters = {key.strip(): float(value) for key, value in pairs.items()}
        except ValueError as error:
            raise InputError(
                f"“{rest}” cannot be read; write parameters as size=9,sigma=2."
            ) from error
        return kernels.make(name, **parameters)
    if Path(text).suffix.lower() in kernel_text.SUFFIXES:
        return kernel_text.load(text)
    if re.match(r"[\s\[+−-]*[\d.]", text):
        return kernel_text.parse(text)
    raise InputError(
        f"No kernel is called “{name}”; cnnviz apply --list names them all."
    )


def _check_endings(options: argparse.Namespace) -> None:
    for name, ending in ((options.output, ".png"), (options.npy, ".npy")):
        if name and Path(name).suffix.lower() != ending:
            raise InputError(f"“{name}” would hold another format; call it *{ending}.")


def _write(values: NDArray[np.float32], options: argparse.Namespace) -> None:
    low, high = colour.value_range(values)
    if options.npy:
        stream = io.BytesIO()
        np.save(stream, values, allow_pickle=False)
        write_atomic(options.npy, stream.getvalue())
    if options.output:
        scale = colour.natural_scale(low, high)
        table = signed_table(LIGHT) if low < 0 else sequential_table()
        bgrx = colour.to_bgrx(values, scale, table)
        images.save_png(options.output, bgrx[..., 2::-1])
    rows, columns = values.shape[:2]
    written = " and ".join(filter(None, (options.output, options.npy)))
    print(f"{written}: {rows} × {columns}, values {low:g} to {high:g}")


def _print_list() -> None:
    print("kernels:")
    for recipe in kernels.RECIPES:
        parameters = ",".join(f"{p.name}={p.default:g}" for p in recipe.parameters)
        print(
            f"  {recipe.id:24} {recipe.title}", f"({parameters})" if parameters else ""
        )
    print("sample pictures:")
    for sample in SAMPLES:
        print(f"  sample:{sample.id:17} {sample.title}")


def _pair(text: str) -> Pair:
    try:
        numbers = [int(part) for part in text.replace("x", ",").split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2):
        raise argparse.ArgumentTypeError(f"“{text}” is not a number such as 2 or 2,1")
    return numbers[0], numbers[-1]


def _padding(text: str) -> Padding:
    for word in get_args(get_args(Padding)[1]):
        if text == word:
            return cast("Padding", word)
    if text in PADDING_MODES:
        raise argparse.ArgumentTypeError(
            f"“{text}” is what is added and not how much: write --padding-mode {text}"
        )
    try:
        return _pair(text)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"“{text}” is none of same, valid, full and a number such as 2 or 2,1"
        ) from None


def _pool(text: str) -> Pool:
    kind, _, rest = text.partition(":")
    size, _, stride = rest.partition(":")
    if kind not in POOL_KINDS:
        kinds = ", ".join(POOL_KINDS)
        raise argparse.ArgumentTypeError(f"“{kind}” is none of {kinds}")
    window = _pair(size or "2")
    return Pool(kind, window, _pair(stride) if stride else window)
