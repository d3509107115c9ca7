"""The sentence for what is not installed leads somewhere, also out of the bundle."""

from __future__ import annotations

import base64
import os
import subprocess
import sys

import pytest

from cnnviz.errors import absent


def test_pip_is_that_of_the_python_that_runs(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3.14")
    assert absent("ONNX files", "onnx", "onnxscript") == (
        "ONNX files need onnx and onnxscript: run “/usr/bin/python3.14 -m pip install "
        "onnx onnxscript” and start again."
    )


def command(sentence: str) -> str:
    return sentence.partition("“")[2].partition("”")[0]


@pytest.mark.skipif(os.name == "nt", reason="asks a POSIX shell")
@pytest.mark.parametrize("folder", ["my tools", 'Ann\'s $(things) & "more"', "plain"])
def test_the_command_can_be_pasted_where_paths_have_spaces(
    monkeypatch, tmp_path, folder
):
    python = tmp_path / folder / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    pasted = command(absent("ONNX files", "onnx", "onnxscript"))
    out = subprocess.run(["sh", "-c", pasted], capture_output=True, text=True)
    assert out.stdout.split() == ["-m", "pip", "install", "onnx", "onnxscript"]


@pytest.mark.parametrize(
    ("python", "written"),
    [
        (
            r"C:\Program Files\Python\python.exe",
            r'C:\"Program Files"\Python\python.exe',
        ),
        (r"C:\R&D\python.exe", r'C:\"R&D"\python.exe'),
        (r"C:\Python-3.12\python.exe", r"C:\Python-3.12\python.exe"),
    ],
)
def test_windows_quotes_in_its_own_way(monkeypatch, python, written):
    monkeypatch.setattr(sys, "executable", python)
    monkeypatch.setattr("cnnviz.errors.os.name", "nt")
    sentence = absent("ONNX files", "onnx")
    monkeypatch.undo()
    assert command(sentence) == f"{written} -m pip install onnx"


@pytest.mark.skipif(os.name != "nt", reason="asks the shells of Windows")
@pytest.mark.parametrize("shell", ["cmd", "powershell"])
@pytest.mark.parametrize("folder", ["my (tools)", "R&D", "Ann's", "plain"])
def test_the_command_can_be_pasted_into_either_shell(
    monkeypatch, tmp_path, shell, folder
):
    python = tmp_path / folder / "python.cmd"
    python.parent.mkdir()
    python.write_text("@echo %*\n")
    monkeypatch.setattr(sys, "executable", str(python))
    pasted = command(absent("ONNX files", "onnx", "onnxscript"))
    if shell == "cmd":  # which takes the whole line as it is
        line: str | list[str] = f'cmd /d /s /c "{pasted}"'
    else:
        code = base64.b64encode(pasted.encode("utf-16-le")).decode()
        line = ["powershell", "-NoProfile", "-EncodedCommand", code]
    out = subprocess.run(line, capture_output=True, text=True)
    assert out.stdout.split() == ["-m", "pip", "install", "onnx", "onnxscript"]


def test_a_bundle_has_no_pip(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    sentence = absent("ONNX files", "onnx")
    assert "pip" not in sentence
    assert "with Python" in sentence
