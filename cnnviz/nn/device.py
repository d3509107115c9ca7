"""Where torch computes, and what it can do there; asking loads torch."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import os
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from cnnviz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import torch

    from cnnviz.nn.recipe import Device

NAMES = {"cuda": "CUDA card", "mps": "Apple GPU", "cpu": "CPU"}


def describe() -> str:
    """Load torch and say what it computes on: ``"CPU"``, ``"CUDA, NAME"`` or ``"MPS"``.

    Fit for a thread while a window is open, after :func:`load_libraries`: the GUI is
    never held up for long.

    Raises
    ------
    ImportError, OSError
        torch is absent or broken.
    """
    with undisturbed():
        import torch
    if torch.version.cuda:
        _start_driver()
    if torch.cuda.is_available():
        return f"CUDA, {torch.cuda.get_device_name()}"
    return "MPS" if torch.backends.mps.is_available() else "CPU"


@contextmanager
def undisturbed() -> Iterator[None]:
    """Look for no garbage meanwhile, and not among what is made then ever after.

    A look at all that torch makes while it loads would stop every thread for 70 ms.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def choose(name: Device) -> torch.device:
    """Return the device of that name; ``"auto"`` is the fastest there is.

    Raises
    ------
    InputError
        If this machine has none of that name.
    """
    import torch

    there = available()
    if name == "auto":
        return torch.device(there[0])
    if name not in there:
        raise InputError(
            f"This machine has no {NAMES[name]} that torch can use: choose auto or CPU."
        )
    return torch.device(name)


def available() -> tuple[Device, ...]:
    """Return the devices that there are, the fastest first and the CPU last."""
    import torch

    found: list[Device] = ["cuda"] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        found.append("mps")
    return *found, "cpu"


def title(device: torch.device) -> str:
    """Return a device in words, as :func:`describe` does."""
    import torch

    if device.type == "cuda":
        return f"CUDA, {torch.cuda.get_device_name(device)}"
    return device.type.upper()


def why_not_repeatable(device: torch.device) -> str:
    """Say why the same seed may give other numbers on a device; empty if it gives them.

    The processor adds in the same order each time as long as it has the same threads.
    """
    if device.type == "cpu":
        return ""
    return (
        f"The {NAMES[device.type]} adds numbers in no fixed order, so the same "
        "seed may differ in the last digits, and more as training goes on."
    )


def bf16_pays(device: torch.device) -> bool:
    """Whether training with bf16 is quicker there than with float32.

    On a CPU: where it multiplies bf16 in hardware (AMX, or AVX-512 with BF16, which was
    measured to take 0.6 of the time). That is asked of the processor and not timed, so
    that the same recipe does the same each time.
    """
    import torch

    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    flags: Mapping[str, object] = getattr(
        torch.cpu, "get_capabilities", dict
    )()  # newer than torch 2.10
    return any(bool(flags.get(name)) for name in ("amx_bf16", "avx512_bf16"))


def load_libraries() -> None:
    """Load torch's large library without holding the interpreter lock.

    The import statement holds it while the system links some hundred megabytes, half a
    second on a cold disk; a foreign call does not. torch on Windows does so itself.
    """
    spec = importlib.util.find_spec("torch")
    if sys.platform == "win32" or spec is None or spec.origin is None:
        return
    suffix = "dylib" if sys.platform == "darwin" else "so"
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.argtypes, dlopen.restype = [ctypes.c_char_p, ctypes.c_int], ctypes.c_void_p
    # The order of torch/__init__.py, which also tells of any failure.
    for name, mode in ("torch_global_deps", os.RTLD_GLOBAL), ("torch_cpu", 0):
        library = Path(spec.origin).parent / "lib" / f"lib{name}.{suffix}"
        dlopen(bytes(library), os.RTLD_NOW | mode)


def use_one_core() -> None:
    """Let torch compute on one core in the thread that asks, for work of a moment.

    On all cores one picture takes no less time, and longer while a window is painted on
    one of them. Threads to come use as many as before.
    """
    import torch

    cores = torch.get_num_threads()
    if cores > 1:
        torch.set_num_threads(1)
        # A new thread takes the number that was set last, by any other.
        again = Thread(target=torch.set_num_threads, args=(cores,))
        again.start()
        again.join()


def _start_driver() -> None:
    """Start the CUDA driver without holding the interpreter lock, as torch would."""
    with suppress(OSError):
        ctypes.CDLL("nvcuda" if sys.platform == "win32" else "libcuda.so.1").cuInit(0)
