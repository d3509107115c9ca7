"""Which trained networks there are: shipped ones, runs on this computer, files."""

from __future__ import annotations

from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz.errors import InputError
from cnnviz.nn import checkpoints, recording
from cnnviz.nn.models import NETWORKS
from cnnviz.nn.run import RUN
from cnnviz.pages.inspect.subject import Handed, Subject
from cnnviz.paths import asset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.nn.network import Network
    from cnnviz.nn.run import Run

MODULE = "module"
"""What a state calls a module that a script handed over."""

MOST_RUNS = 30

ARCHIVES = (".onnx", ".pt2")
SUFFIXES = (*checkpoints.SUFFIXES, *ARCHIVES)
UNTRUSTED = ".pt2"
"""torch unpickles parts of these, so a person must say that they are to be trusted."""

Option = tuple[str, str, str]


def shipped(key: str) -> Path:
    """Return where the weights of a network that comes with cnnviz are."""
    return asset(f"weights/{key}.safetensors")


def groups(runs_folder: Path, current: str) -> list[tuple[str, Sequence[Option]]]:
    """Return what there is to choose from: headings, and (id, title, tooltip) each."""
    here = [
        (one.id, one.title, one.note) for one in NETWORKS if shipped(one.id).is_file()
    ]
    runs = [
        (str(run.folder), run.name, f"{run.recipe.network.title}, trained here")
        for run in recording.runs(runs_folder)[:MOST_RUNS]
        if run.snapshots()
    ]
    known = {option[0] for option in (*here, *runs)}
    other = [(current, Path(current).stem, current)] if current not in known else []
    if current == MODULE:
        other = [(MODULE, "Your module", "Handed over by cnnviz.inspect")]
    titled = (("Trained networks", here), ("Your runs", runs), ("Opened", other))
    return [(title, options) for title, options in titled if options]


def load(key: str, *, trusted: bool = False) -> Subject | Handed:
    """Open a network by what a state calls it.

    Parameters
    ----------
    key : str
        As :class:`cnnviz.pages.inspect.state.State` says.
    trusted : bool
        Whether a person said that a torch.export archive is to be trusted.

    Raises
    ------
    InputError
        It is not there, or cannot be read.
    """
    one = next((one for one in NETWORKS if one.id == key), None)
    if one is not None:
        return _shipped(one)
    if key == MODULE:
        raise InputError(
            "The module of this session is gone: call cnnviz.inspect(model, example) "
            "again, or choose a network."
        )
    path = Path(key)
    folder = path.parent if path.name == RUN else path
    if isfile(folder / RUN):
        return _of_run(recording.open_run(folder))
    if not path.exists():
        raise InputError(
            f"The network “{path.name}” is not there any more; choose another."
        )
    if path.suffix.lower() in ARCHIVES:
        return _archived(path, trusted)
    network, weights, facts = checkpoints.load(path)
    return Subject(network, weights, path.stem, class_names(network, facts))


def _archived(path: Path, trusted: bool) -> Handed:
    import numpy as np

    from cnnviz.nn.archives import open_archive  # with torch, in this thread

    found = open_archive(path, trusted=trusted)
    noise = np.random.default_rng(0).random(found.input[1:], np.float32)
    return Handed(found.module, noise, path.stem)


def class_names(network: Network, facts: dict[str, object]) -> tuple[str, ...]:
    """Return the names of the classes that a file tells, or numbers."""
    count = network.shapes[-1][0]
    told = facts.get("classes")
    if isinstance(told, list) and len(told) == count:
        return tuple(map(str, told))
    return tuple(map(str, range(count)))


def _shipped(network: Network) -> Subject:
    path = shipped(network.id)
    if not path.is_file():
        raise InputError(
            f"The trained weights of “{network.title}” are not part of this "
            "installation; train it on the Train page, or open a file."
        )
    network, weights, facts = checkpoints.load(path, network)
    return Subject(network, weights, network.title, class_names(network, facts))


def _of_run(run: Run) -> Subject:
    taken = run.snapshots()
    if not taken:
        raise InputError(
            f"“{run.name}” has no weights yet: train it a little further first."
        )
    network = run.recipe.network
    facts: dict[str, object] = {"classes": list(run.classes)}
    weights = run.weights(taken[-1])
    return Subject(network, weights, run.name, class_names(network, facts))
