"""See and touch a convolutional neural network."""

__version__ = "0.1.0.dev0"


def __getattr__(name: str) -> object:
    """Return ``inspect``, which opens a window on a torch module, once it is asked for.

    Nothing else is imported with the package, or its start would wait for Qt.
    """
    if name == "inspect":
        from cnnviz.inspecting import inspect

        return inspect
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
