"""Where torch computes, in words; asking loads torch."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import os
import sys
from contextlib import suppress
from pathlib import Path


def describe() -> str:
    """Load torch and say what it computes on: ``"CPU"``, ``"CUDA, NAME"`` or ``"MPS"``.

    Fit for a thread while a window is open: the GUI is never held up for long.

    Raises
    ------
    ImportError, OSError
        torch is absent or broken.
    """
    _load_libraries()
    gc.disable()  # a look at all that torch makes would stop every thread for 70 ms
    try:
        import torch
    finally:
        gc.freeze()
        gc.enable()
    if torch.version.cuda:
        _start_driver()
    if torch.cuda.is_available():
        return f"CUDA, {torch.cuda.get_device_name()}"
    return "MPS" if torch.backends.mps.is_available() else "CPU"


def _load_libraries() -> None:
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


def _start_driver() -> None:
    """Start the CUDA driver without holding the interpreter lock, as torch would."""
    with suppress(OSError):
        ctypes.CDLL("nvcuda" if sys.platform == "win32" else "libcuda.so.1").cuInit(0)
