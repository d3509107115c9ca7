"""The sentence for what is not installed leads somewhere, also out of the bundle."""

from __future__ import annotations

import sys

from cnnviz.errors import absent


def test_pip_is_that_of_the_python_that_runs():
    sentence = absent("ONNX files", "onnx", "onnxscript")
    assert sentence == (
        f"ONNX files need onnx and onnxscript: run “{sys.executable} -m pip install "
        "onnx onnxscript” and start again."
    )


def test_a_bundle_has_no_pip(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    sentence = absent("ONNX files", "onnx")
    assert "pip" not in sentence
    assert "with Python" in sentence
