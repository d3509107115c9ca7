"""Malformed files of weights: safetensors, ``.pt`` with and without malice, runs."""

from __future__ import annotations

import io
import json
import pickle
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from cnnviz.codec import to_json
from cnnviz.nn import checkpoints
from cnnviz.nn.models import NETWORKS, tiny
from reliability.corpus import Case
from reliability.corpus.damage import broken_off, flipped, put
from reliability.corpus.runs import run_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.nn.network import Network

FLIPS = 40
"""Copies with flipped bits of each sound file."""

TRACE = "a-pickle-ran"
"""The file that a malicious pickle makes beside itself if it is run."""

Named = tuple[str, bytes]


def cases(seed: int = 0) -> list[Case]:
    """Return at least 300 files of weights and runs, sound ones first."""
    random = np.random.default_rng(seed)
    ours, theirs = safetensors(random), torch_file(weights(tiny.NETWORK, random))
    good = {"sound.safetensors": ours, "sound.pt": theirs}
    made: list[Named] = []
    for name, data in good.items():
        stem, _, end = name.partition(".")
        for damage, bad in (*broken_off(data), *flipped(data, random, FLIPS)):
            made.append((f"{stem}-{damage}.{end}", bad))
    made += [*_lying_headers(ours), *_lying_descriptions(random), *_lying_zips(theirs)]
    made += [*_other_networks(random), *_others(random)]
    return [
        *(Case("inspect", name, data, "opens") for name, data in good.items()),
        *(Case("inspect", name, data) for name, data in made),
        *(Case("inspect", name, data, "refused") for name, data in _malicious(theirs)),
        *run_cases(random),
    ]


def weights(network: Network, random: np.random.Generator) -> dict[str, Any]:
    """Draw small weights for a network."""
    shapes = checkpoints.tensor_shapes(network)
    return {
        name: random.normal(0, 0.1, shape).astype(np.float32)
        for name, shape in shapes.items()
    }


def safetensors(random: np.random.Generator, **changed: Any) -> bytes:
    """Return a file of the small network as the application saves it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.safetensors"
        drawn = {**weights(tiny.NETWORK, random), **changed}
        checkpoints.save(path, tiny.NETWORK, drawn, {"classes": list("0123456789")})
        return path.read_bytes()


def torch_file(content: Any, **options: Any) -> bytes:
    """Return what torch.save writes; arrays become tensors."""
    if isinstance(content, dict):
        content = {
            name: torch.tensor(value) if isinstance(value, np.ndarray) else value
            for name, value in content.items()
        }
    stream = io.BytesIO()
    torch.save(content, stream, **options)
    return stream.getvalue()


# ------------------------------------------------------------------ headers that lie


def with_header(data: bytes, header: Any, length: int | None = None) -> bytes:
    """Return a safetensors file with another header, of another claimed length."""
    rest = data[8 + int.from_bytes(data[:8], "little") :]
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + rest


def _lying_headers(data: bytes) -> Iterator[Named]:
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    for length in (0, 1, size - 1, size + 1, 2**31, 2**40, 2**63, 2**64 - 1):
        yield f"header-of-{length}.safetensors", struct.pack("<Q", length) + data[8:]
    first = next(name for name in header if name != "__metadata__")
    for key, values in (
        ("dtype", ("F64", "F16", "BF16", "F8_E4M3", "I64", "U8", "BOOL", "X", None, 7)),
        (
            "shape",
            ([], [0], [-1], [2**31, 2**31], [2**63], [1e9], ["8"], None, [8] * 99),
        ),
        (
            "data_offsets",
            ([0, 0], [4, 0], [-4, 0], [0, 2**40], [2**63, 2**64], [0], None, "0"),
        ),
    ):
        for number, value in enumerate(values):
            lying = {**header, first: {**header[first], key: value}}
            yield f"{key}-{number}.safetensors", with_header(data, lying)
    for name, text in (
        ("list", b"[]"),
        ("number", b"7"),
        ("nothing", b""),
        ("text", b"not json"),
        ("nested", b'{"a":' * 50_000 + b"{}" + b"}" * 50_000),
        ("wide", json.dumps({str(n): {} for n in range(100_000)}).encode()),
        ("bytes", b"\xff" * 999),
        ("twice", b'{"a":{},"a":{}}'),
    ):
        yield f"header-is-{name}.safetensors", with_header(data, text)


def _lying_descriptions(random: np.random.Generator) -> Iterator[Named]:
    """Yield files whose tensors are sound, and whose description is not."""
    data = safetensors(random)
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    told = json.loads(header["__metadata__"]["cnnviz"])
    layers = told["network"]["layers"]
    for name, changes in (
        ("version", {"version": 99}),
        ("version-text", {"version": "1"}),
        ("format", {"format": "other"}),
        ("no-network", {"network": None}),
        ("empty-network", {"network": {}}),
        ("no-layers", {"network": {**told["network"], "layers": []}}),
        ("thousand-layers", {"network": {**told["network"], "layers": layers * 200}}),
        ("input", {"network": {**told["network"], "input": [0, -1, 10**9]}}),
        ("huge-input", {"network": {**told["network"], "input": [1, 10**9, 10**9]}}),
        ("title", {"network": {**told["network"], "title": "x" * 10**6}}),
        ("facts", {"facts": []}),
        ("classes", {"facts": {"classes": [None, {}, 3] * 10}}),
        ("many-classes", {"facts": {"classes": ["x" * 9999] * 10}}),
        ("note", {"facts": {"note": ["no", "text"]}}),
    ):
        lying = {**header, "__metadata__": {"cnnviz": json.dumps({**told, **changes})}}
        yield f"told-{name}.safetensors", with_header(data, lying)
    for key, value in (("outputs", 10**9), ("kernel", [0, 0]), ("stride", [-1, 1])):
        for at in (0, 3, 7):
            changed = [dict(layer) for layer in layers]
            changed[at][key] = value
            network = {**told["network"], "layers": changed}
            lying = {"cnnviz": json.dumps({**told, "network": network})}
            name = f"told-layer-{at}-{key}.safetensors"
            yield name, with_header(data, {**header, "__metadata__": lying})
    for name, text in (("list", "[]"), ("text", "no"), ("nested", "[" * 99_999)):
        lying = {**header, "__metadata__": {"cnnviz": text}}
        yield f"told-is-{name}.safetensors", with_header(data, lying)
    for name, value in (("nan", np.nan), ("infinite", np.inf), ("huge", 3e38)):
        full = np.full((8, 1, 5, 5), value, np.float32)
        yield (
            f"weights-{name}.safetensors",
            safetensors(random, **{"conv1.weight": full}),
        )


def _lying_zips(data: bytes) -> Iterator[Named]:
    """Yield ``.pt`` files that are zips of something else."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    pickled = next(name for name in entries if name.endswith("data.pkl"))
    for gone in entries:
        rest = {name: body for name, body in entries.items() if name != gone}
        yield f"zip-without-{gone.replace('/', '-')}.pt", _zip(rest)
        emptied = {**entries, gone: b""}
        yield f"zip-empty-{gone.replace('/', '-')}.pt", _zip(emptied)
    yield "zip-packed.pt", _zip(entries, zipfile.ZIP_DEFLATED)
    bomb = {**entries, pickled: bytes(600_000_000)}
    yield "zip-bomb.pt", _zip(bomb, zipfile.ZIP_DEFLATED)
    yield "zip-upwards.pt", _zip({f"../../{name}": b for name, b in entries.items()})
    yield "zip-of-nothing.pt", _zip({})
    yield "zip-of-many.pt", _zip({f"archive/data/{n}": b"x" for n in range(5000)})
    end = data.rindex(b"PK\x05\x06")
    for at, name in ((8, "entries"), (12, "size"), (16, "offset")):
        for value in (0, 2**31, 2**32 - 1):
            yield (
                f"zip-{name}-{value}.pt",
                put(data, end + at, struct.pack("<I", value)),
            )


def _zip(entries: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as archive:
        for name, body in entries.items():
            archive.writestr(name, body)
    return stream.getvalue()


# ------------------------------------------------------------------ malice


class _Runs:
    """Something whose unpickling calls a function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def _malicious(data: bytes) -> Iterator[Named]:
    """Yield ``.pt`` files that would make a file named `TRACE` if they were run."""
    import os
    import subprocess

    code = f"open({TRACE!r}, 'w').close()"
    calls = {
        "exec": _Runs(exec, code),
        "eval": _Runs(eval, code),
        "open": _Runs(open, TRACE, "w"),
        "system": _Runs(os.system, f"echo > {TRACE}"),
        "popen": _Runs(subprocess.Popen, ["touch", TRACE]),
        "import": _Runs(__import__, "antigravity"),
        "getattr": _Runs(getattr, _Runs(__import__, "os"), "abort"),
        "load": _Runs(torch.load, TRACE),
        "bytes": _Runs(bytes, 10**11),
        "bytearray": _Runs(bytearray, 10**11),
    }
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    pickled = next(name for name in entries if name.endswith("data.pkl"))
    for name, call in calls.items():
        for protocol in (0, 2, 4):
            body = pickle.dumps({"conv1.weight": call}, protocol)
            yield f"malice-{name}-{protocol}.pt", _zip({**entries, pickled: body})
            if protocol == 2:
                yield f"malice-{name}-bare.pt", body
                yield f"malice-{name}.pth", _zip({"archive/data.pkl": body})
    deep: list[Any] = []
    for _ in range(300):
        deep = [deep]
    yield "malice-deep.pt", torch_file({"a": deep})
    loop = b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01h\x00s."  # a dict in itself
    yield "malice-loop.pt", _zip({**entries, pickled: loop})
    for name, body in (
        ("memo", b"\x80\x02h\xff."),
        ("stack", b"\x80\x02aaaa."),
        ("long", b"\x80\x02\x8b\xff\xff\xff\x7f."),
        ("text", b"\x80\x02X\xff\xff\xff\x7f."),
        ("no-end", b"\x80\x02" + b"]" * 100_000),
    ):
        yield f"malice-{name}.pt", _zip({**entries, pickled: body})


# ------------------------------------------------------------------ other networks


def _other_networks(random: np.random.Generator) -> Iterator[Named]:
    known = {network.id: weights(network, random) for network in NETWORKS}
    for name, tensors in known.items():
        yield f"other-{name}.pt", torch_file(tensors)
        yield f"other-{name}-wrapped.pth", torch_file({"state_dict": tensors})
        turned = {key: value.T.copy() for key, value in tensors.items()}
        yield f"other-{name}-turned.pt", torch_file(turned)
        fewer = dict(list(tensors.items())[1:])
        yield f"other-{name}-fewer.pt", torch_file(fewer)
    small = {name: torch.tensor(value) for name, value in known["tiny"].items()}
    for kind in (torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.bool):
        cast = {name: tensor.to(kind) for name, tensor in small.items()}
        yield f"of-{str(kind).partition('.')[2]}.pt", torch_file(cast)
    first = "conv1.weight"
    for name, value in (
        ("complex", torch.zeros(8, 1, 5, 5, dtype=torch.complex64)),
        ("sparse", torch.zeros(8, 1, 5, 5).to_sparse()),
        ("meta", torch.zeros(8, 1, 5, 5, device="meta")),
        ("text", "eight filters"),
        ("nothing", None),
        ("list", [0.0] * 200),
        ("nested", {"weight": torch.zeros(8, 1, 5, 5)}),
        ("expanded", torch.zeros(1).expand(100_000, 100_000)),
        ("strided", torch.zeros(16, 2, 10, 10)[::2, ::2, ::2, ::2]),
        ("not-a-number", torch.full((8, 1, 5, 5), torch.nan)),
        ("parameter", torch.nn.Parameter(torch.zeros(8, 1, 5, 5))),
    ):
        yield f"with-{name}.pt", torch_file({**small, first: value})
    module = torch.nn.Sequential(torch.nn.Linear(3, 2))
    yield "whole-module.pt", torch_file(module)
    yield "old-format.pt", torch_file(small, _use_new_zipfile_serialization=False)
    for name, value in (("tensor", torch.zeros(9)), ("list", [1]), ("empty", {})):
        yield f"only-{name}.pt", torch_file(value)
    described = {"network": to_json(tiny.NETWORK)}
    yield "description.pt", torch_file(described)


def _others(random: np.random.Generator) -> Iterator[Named]:
    noise = random.bytes(9000)
    for name, data in (
        ("empty", b""),
        ("zeros", bytes(9000)),
        ("noise", noise),
        ("page", b"<!DOCTYPE html><html><body>Not found</body></html>"),
        ("pointer", b"version https://git-lfs.github.com/spec/v1\nsize 99\n"),
    ):
        for end in ("safetensors", "pt", "pth", "onnx", "pt2"):
            yield f"{name}.{end}", data
