"""Malformed sessions, kernels and signals."""

from __future__ import annotations

import io
import json
import struct
import wave
from dataclasses import asdict
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.codec import to_json
from cnnviz.ops import kernel_text, kernels
from cnnviz.session import Lesson, Session
from reliability.corpus import Case
from reliability.corpus.damage import broken_off, flipped, put

if TYPE_CHECKING:
    from collections.abc import Iterator

FLIPS = 12
"""Copies with flipped bits of each sound file."""

PAGES = {"kernel-lab", "signals", "windows", "inspect", "train"}
ODD = (None, True, -1, 10**30, 1e308, "", "x" * 50_000, "\0", [], [[[]]], {})
"""What a field of a state holds when it lies."""

Named = tuple[str, bytes]


def cases(seed: int = 0) -> list[Case]:
    """Return at least 200 sessions, kernels and signals, sound ones first."""
    random = np.random.default_rng(seed)
    sessions = {f"{page}.cnnviz": session(page) for page in sorted(PAGES)}
    plain, signals = _kernels(), _signals(random)
    made: list[Case] = []
    for door, good in (("session", sessions), ("kernel", plain), ("signals", signals)):
        for name, data in good.items():
            made.append(Case(door, name, data, "opens"))
            stem, _, end = name.partition(".")
            for damage, bad in (*broken_off(data), *flipped(data, random, FLIPS)):
                made.append(Case(door, f"{stem}-{damage}.{end}", bad))
    made += [Case("session", *named) for named in _lying_sessions()]
    made += [Case("kernel", *named) for named in (*_lying_npy(), *_texts("kernel"))]
    made += [Case("signals", *named) for named in (*_lying_wav(), *_texts("signal"))]
    return made


def session(page: str) -> bytes:
    """Return the session of a page as it opens."""
    return _session(page, _state(page))


def _state(page: str) -> dict[str, Any]:
    module = import_module(f"cnnviz.pages.{page.replace('-', '_')}.state")
    state: dict[str, Any] = to_json(module.State())
    if page == "train":  # generated digits take their time
        state["recipe"]["data"] = "mnist"
    return state


def _session(key: str, state: Any, **changes: Any) -> bytes:
    lesson = Lesson("A lesson", "What it shows.", "What to do.")
    whole = {"format": "cnnviz", "version": 1}
    whole |= asdict(Session(key, {key: state}, lesson=lesson))
    return json.dumps({**whole, **changes}, indent=1).encode()


def _lying_sessions() -> Iterator[Named]:
    number = 0
    for page in sorted(PAGES):
        state = _state(page)
        for key in state:
            number += 1
            for place in {number % len(ODD), (number * 7 + 3) % len(ODD)}:
                name = f"{page}-{key}-{place}.cnnviz"
                yield name, _session(page, {**state, key: ODD[place]})
        for name, odd in (("empty", {}), ("list", []), ("text", "no"), ("none", None)):
            yield f"{page}-{name}.cnnviz", _session(page, odd)
    lab = _state("kernel-lab")
    for name, changes in (
        ("format", {"format": "other"}),
        ("version-99", {"version": 99}),
        ("version-none", {"version": None}),
        ("page-unknown", {"page": "other"}),
        ("page-list", {"page": []}),
        ("pages-unknown", {"pages": {"other": {}}}),
        ("pages-many", {"pages": {str(n): {} for n in range(50_000)}}),
        ("window-huge", {"window": {"width": 10**9, "height": 10**9}}),
        ("window-none", {"window": {"width": -5, "height": 0}}),
        ("window-text", {"window": "large"}),
        ("lesson-none", {"lesson": None}),
        ("lesson-long", {"lesson": {"title": "x" * 10**6}}),
        ("lesson-hides", {"lesson": {"title": "x", "hide": ["all"]}}),
    ):
        yield f"whole-{name}.cnnviz", _session("kernel-lab", lab, **changes)
    stage = lab["stages"][0]
    for name, state in (
        ("nan", {**lab, "view": {"scale": float("nan")}}),
        ("hundred-stages", {**lab, "stages": [stage] * 100}),
        ("picture-gone", {**lab, "picture": "/nowhere/gone.png"}),
        ("picture-web", {**lab, "picture": "https://example.org/a.png"}),
        ("picture-device", {**lab, "picture": "/dev/zero"}),
        ("sample-unknown", {**lab, "picture": "sample:dog"}),
        ("pin-far", {**lab, "pin": [10**9, -1]}),
    ):
        yield f"lab-{name}.cnnviz", _session("kernel-lab", state)
    yield "nested.cnnviz", b'{"format":"cnnviz","version":1,"pages":' + b"[" * 99_999
    yield "long-number.cnnviz", b'{"version":' + b"9" * 100_000 + b"}"
    yield "zeros.cnnviz", bytes(5000)
    yield "utf-16.cnnviz", session("signals").decode().encode("utf-16")


# ------------------------------------------------------------------ kernels, signals


def _kernels() -> dict[str, bytes]:
    kernel = kernels.make("gaussian")
    stream = io.BytesIO()
    np.save(stream, np.array(kernel.weights))
    return {
        "kernel.txt": kernel_text.format_text(kernel).encode(),
        "kernel.csv": kernel_text.format_csv(kernel).encode(),
        "kernel.npy": stream.getvalue(),
    }


def _signals(random: np.random.Generator) -> dict[str, bytes]:
    values = random.normal(0, 1, 60)
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", "not packed"))
        file.writeframes((values * 3000).astype("<i2").repeat(2).tobytes())
    table = "\n".join(
        f"{n};{value:.4f}".replace(".", ",") for n, value in enumerate(values)
    )
    return {"signal.wav": stream.getvalue(), "signal.csv": table.encode()}


def _lying_npy() -> Iterator[Named]:
    for number, header in enumerate(
        (
            "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 3)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (10**9, 3)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 9)}",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-3, 3)}",
            "{'descr': '<f8', 'fortran_order': 7, 'shape': ()}",
            "{'descr': '|O', 'fortran_order': False, 'shape': (3, 3)}",
            "{'descr': '<U999999999', 'fortran_order': False, 'shape': (3, 3)}",
            "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (3, 3)}",
            "{'descr': '<c16', 'fortran_order': False, 'shape': (3, 3)}",
            "__import__('os').abort()",
            "{" * 9000,
            "",
        )
    ):
        text = header.encode() + b"\n"
        for version in (1, 2, 9):
            length = struct.pack("<H" if version == 1 else "<I", len(text))
            start = b"\x93NUMPY" + bytes([version, 0]) + length + text
            yield f"npy-{number}-{version}.npy", start + bytes(72)
    for name, array in (
        ("empty", np.zeros((0, 3))),
        ("nan", np.full((3, 3), np.nan)),
        ("large", np.zeros((32, 32))),
        ("cube", np.zeros((3, 3, 3))),
        ("number", np.float64(3)),
    ):
        stream = io.BytesIO()
        np.save(stream, array)
        yield f"npy-{name}.npy", stream.getvalue()


def _lying_wav() -> Iterator[Named]:
    good = _signals(np.random.default_rng(0))["signal.wav"]
    for at, name in ((4, "file"), (16, "format"), (20, "kind"), (24, "rate")):
        for value in (0, 3, 2**31 - 1, 2**32 - 1):
            yield f"wav-{name}-{value}.wav", put(good, at, struct.pack("<I", value))
    for at, name in ((22, "channels"), (32, "block"), (34, "bits"), (40, "data")):
        for value in (0, 7, 2**15, 2**16 - 1):
            yield f"wav-{name}-{value}.wav", put(good, at, struct.pack("<H", value))


def _texts(stem: str) -> Iterator[Named]:
    for name, text in (
        ("empty", ""),
        ("blank", " \n\t\n"),
        ("words", "no numbers here"),
        ("ragged", "1 2 3\n4 5\n6 7 8"),
        ("huge", "1e400 1\n1 1"),
        ("nan", "nan inf\n1 2"),
        ("by-zero", "1/0 1\n1 1"),
        ("brackets", "[[1, 2], [3, 4"),
        ("code", "__import__('os').abort()"),
        ("long", "1 " * 60_000),
        ("one-word", "9" * 90_000),
        ("rows", "1\n" * 49_000),
        ("signs", "--1 ++2\n1- -"),
        ("quotes", '"1\n2\n3'),
        ("zeros", "\0" * 500),
    ):
        for end in ("txt", "csv"):
            yield f"{stem}-{name}.{end}", text.encode()
    yield f"{stem}-bytes.txt", b"\xff\xfe\xfa" * 100
    yield f"{stem}-utf-16.csv", "1 2\n3 4".encode("utf-16")
    yield f"{stem}-misnamed.npy", b"1 2\n3 4\n"
    yield f"{stem}-misnamed.wav", b"1 2\n3 4\n"
