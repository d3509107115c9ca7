"""Make the lessons: assets/lessons, a .cnnviz file for each section of the lecture.

usage: python packaging/lessons.py

The states are built from the pages' own classes and examples, so that a lesson cannot
hold what a page no longer knows; a test compares the files with what this makes.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from cnnviz.codec import to_json
from cnnviz.nn.models import lecture, lenet5
from cnnviz.nn.recipe import Recipe
from cnnviz.ops import kernels
from cnnviz.ops.pipeline import Pool, Stage
from cnnviz.pages.inspect.first import first_state
from cnnviz.pages.inspect.state import State as Inspect
from cnnviz.pages.kernel_lab.state import State as Lab
from cnnviz.pages.signals.presets import PRESETS as SIGNALS
from cnnviz.pages.signals.state import State as Signals
from cnnviz.pages.train.state import State as Train
from cnnviz.pages.windows.presets import PRESETS as WINDOWS
from cnnviz.pages.windows.state import Answer
from cnnviz.pages.windows.state import State as Windows
from cnnviz.session import SUFFIX, Lesson, Session, write

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "lessons"

NAMES = {
    Signals: "signals",
    Windows: "windows",
    Lab: "kernel-lab",
    Train: "train",
    Inspect: "inspect",
}


class Made(NamedTuple):
    """A lesson: the name of its file, what it says, and the states it sets up.

    The first state's page is the one on show.
    """

    name: str
    lesson: Lesson
    states: tuple[Any, ...]

    @property
    def session(self) -> Session:
        """What the file holds."""
        pages = {NAMES[type(state)]: to_json(state) for state in self.states}
        return Session(next(iter(pages)), pages, lesson=self.lesson)


def signals(preset: str) -> Signals:
    """Return an example of the Signals page."""
    return next(each for each in SIGNALS if each.id == preset).on(Signals())


def windows(preset: str) -> Windows:
    """Return an example of the Windows page."""
    return Windows(next(each for each in WINDOWS if each.id == preset).setting)


def bank(*names: str, **fields: Any) -> Stage:
    """Return a stage of the Kernel Lab with these named kernels."""
    return Stage(tuple(map(kernels.make, names)), **fields)


NAMED = bank(
    "sobel-vertical",
    "sobel-horizontal",
    "gaussian",
    "laplacian",
    "relief",
    "x-detector",
)
HOLES = bank("sobel-vertical", dilation=(4, 4))
POOLED = bank(
    "sobel-vertical", activation="relu", pool=Pool(size=(4, 4), stride=(4, 4))
)

LESSONS = (
    Made(
        "1-why-convolution",
        Lesson(
            "Why convolution",
            "Local connection, weight sharing, sub-sampling: three weights do the work "
            "of thirty-five.",
            "Step through the five hidden units: which inputs does each one see? Count "
            "the weights here and in a full connection of 7 inputs to 5 units. Then "
            "turn to Windows, where pooling leaves a quarter of the values.",
            ("controls",),
        ),
        (signals("sharing"), windows("max-pooling")),
    ),
    Made(
        "2-one-dimension",
        Lesson(
            "One dimension",
            "A mean keeps the slow wave; [1, −2, 1] keeps the fast one.",
            "Say which of the two waves will be left, then press Play. Choose the "
            "second difference as the kernel, say it again, and look at Spectra. Last, "
            "choose Narrow, Equal and Wide: how long is the result?",
        ),
        (replace(signals("low"), view="steps"),),
    ),
    Made(
        "3-two-dimensions",
        Lesson(
            "Two dimensions",
            "Image value × filter value, nine times, and the sum: 62 − 33 = 29.",
            "The first window is worked out. Work the other three by hand and type "
            "them in. Then turn to the Kernel Lab: which of the six maps find edges, "
            "and how do their kernels show it?",
            ("controls",),
        ),
        (
            replace(windows("tiny-picture"), covered=True, answers=(Answer(0),)),
            Lab(stages=(NAMED,), right="bank"),
        ),
    ),
    Made(
        "4-layers",
        Lesson(
            "Layers of a network",
            "Six 3 × 3 filters, stride 2, zero padding 1, on the three channels of a "
            "picture; then pooling.",
            "How many weights and biases has this layer, and how large is its result? "
            "Step to the last value: where do the zeros in its window come from? In "
            "the Kernel Lab, say what of the edges is left after ReLU and max pooling.",
            ("controls",),
        ),
        (
            windows("rgb-layer-6"),
            Lab(
                "sample:astronaut",
                "split",
                stages=(POOLED,),
                step="pooled",
                pin=(111, 77),  # the largest value of the red map
            ),
        ),
    ),
    Made(
        "5-other-convolutions",
        Lesson(
            "Other convolutions",
            "Transposed: from few values to many. Dilated: few weights that see far.",
            "Press Play and watch every value put its stamp into the result. Choose "
            "Fractional stride and Dilated convolution as the example. In the Kernel "
            "Lab set the dilation from 4 to 1: what becomes of the edges?",
        ),
        (windows("transposed"), Lab("sample:chelsea", stages=(HOLES,))),
    ),
    Made(
        "6-networks",
        Lesson(
            "Typical networks",
            "LeNet-5 read cheques in the 1990s; AlphaGo's network chose moves in 2016.",
            "From layer to layer, work out each shape before you read it. Which layer "
            "holds most of the parameters? On Windows, say why padding 2 keeps the "
            "board of AlphaGo as large as it is.",
            ("controls",),
        ),
        (
            Train(Recipe(lenet5.LENET5_1998), view="network"),
            windows("go-1").moved(20),  # where the kernel finds its pattern: 3
        ),
    ),
    Made(
        "7-uses",
        Lesson(
            "Designed and learned",
            "People designed the kernels of the Kernel Lab; a network finds its own, "
            "and can be made to err or to dream.",
            "Draw a digit and follow it through the layers. Which maps of the first "
            "one look like a kernel in the Kernel Lab? Under Adversarial, find the "
            "smallest change that fools the network; under Dream, see what a map "
            "longs for.",
        ),
        (
            first_state(),
            Lab("sample:astronaut", stages=(NAMED,), right="bank"),
        ),
    ),
    Made(
        "8-mnist",
        Lesson(
            "A network for MNIST",
            "The lecture's network, 1,087,106 parameters, learns to read digits in "
            "front of you.",
            "Press Start and watch loss and accuracy. Note the test accuracy on the "
            "generated digits after each epoch, rewind to batch 1, and look at "
            "Mistakes: which would you have read wrongly too? On real MNIST the "
            "lecture reached 99.25 %. Inspect has it trained.",
            ("explanation",),
        ),
        (Train(Recipe(lecture.NETWORK)), first_state()),
    ),
)
"""In the order of the lecture."""


def make(folder: Path) -> None:
    """Write every lesson into a folder, and remove those that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"*{SUFFIX}"):
        old.unlink()
    for made in LESSONS:
        write(made.session, folder / f"{made.name}{SUFFIX}")


if __name__ == "__main__":
    make(FOLDER)
