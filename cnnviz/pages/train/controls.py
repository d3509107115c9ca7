"""The left column of the Train page: a state in, changed states and wishes out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.nn.models import NETWORKS
from cnnviz.nn.recipe import RANGES, Augmentation
from cnnviz.pages.train.data_box import DataBox
from cnnviz.pages.train.presets import PRESETS
from cnnviz.pages.train.run_box import RunBox
from cnnviz.widgets.controls import Choice, Section, labelled
from cnnviz.widgets.fields import NumberField
from cnnviz.widgets.folding import Folding

if TYPE_CHECKING:
    from cnnviz.nn.network import Network
    from cnnviz.nn.recipe import Recipe
    from cnnviz.pages.train.state import State

CUSTOM = "custom"
FIELD = 140  # pixels at text size 100 %


class Number(NamedTuple):
    """A number of the recipe: field, title, tooltip, step, decimals, unit."""

    field: str
    title: str
    tip: str
    step: float
    decimals: int
    unit: str = ""


class Options(NamedTuple):
    """A choice of the recipe: field, title, tooltip, and (id, title, tooltip) each."""

    field: str
    title: str
    tip: str
    options: tuple[tuple[str, str, str], ...]


RATE = Number(
    "learning_rate",
    "Learning rate",
    "How far each step goes; it may be changed while the training runs",
    0.0005,
    7,
)
SIZES = (
    Number("batch", "Batch", "Pictures that one step looks at", 16, 0),
    Number("epochs", "Epochs", "How often all training pictures are seen", 1, 0),
    Number(
        "seed",
        "Seed",
        "Draws the order of the pictures; the same seed gives the same numbers",
        1,
        0,
    ),
)
DETAILS = (
    Number("momentum", "Momentum", "Share of the last step in the next, SGD", 0.05, 3),
    Number(
        "weight_decay",
        "Weight decay",
        "Pulls weights towards 0; AdamW decouples it from the gradient",
        0.0001,
        6,
    ),
    Number(
        "label_smoothing",
        "Label smoothing",
        "Share of the target that is spread over all classes, cross-entropy",
        0.05,
        2,
    ),
    Number(
        "validation",
        "Validation share",
        "Training pictures set aside and only looked at",
        0.05,
        2,
    ),
)
AUGMENTATIONS = (
    Number("shift", "Shift", "The most that a picture is moved", 1, 1, "px"),
    Number("rotate", "Rotate", "The most that a picture is turned", 1, 1, "°"),
    Number("elastic", "Elastic", "How far a random field bends it", 0.5, 1, "px"),
)
MOST_AUGMENTED = {"shift": 8.0, "rotate": 45.0, "elastic": 4.0}

OPTIMIZER = Options(
    "optimizer",
    "Optimizer",
    "How the gradients become a step",
    (
        ("adam", "Adam", "Kingma and Ba 2015: running means of gradient and square"),
        ("sgd", "SGD", "Stochastic gradient descent with momentum"),
        ("rmsprop", "RMSprop", "Hinton 2012: divides by a running root mean square"),
        ("adadelta", "Adadelta", "Zeiler 2012: no rate to choose"),
        ("adagrad", "Adagrad", "Duchi et al. 2011: rates shrink with use"),
        ("adamax", "Adamax", "Kingma and Ba 2015: Adam with the largest gradient"),
        ("nadam", "NAdam", "Dozat 2016: Adam with Nesterov momentum"),
        ("ftrl", "FTRL", "McMahan et al. 2013: follow the regularised leader"),
        ("adamw", "AdamW", "Loshchilov and Hutter 2019: Adam, decay decoupled"),
    ),
)
OPTIMIZER_TITLES = {key: title for key, title, _ in OPTIMIZER.options}
DEVICE = Options(
    "device",
    "Device",
    "What computes; automatic takes a graphics card where there is one",
    (
        ("auto", "Automatic", "CUDA, else Apple's GPU, else the processor"),
        ("cpu", "CPU", "The processor"),
        ("cuda", "CUDA", "An NVIDIA card"),
        ("mps", "MPS", "Apple's GPU"),
    ),
)
CHOICES = (
    Options(
        "loss",
        "Loss",
        "What the training makes small",
        (
            ("cross-entropy", "Cross-entropy", "−log of the true class's share"),
            ("squared-error", "Squared error", "Against one-hot labels, to compare"),
        ),
    ),
    Options(
        "schedule",
        "Schedule",
        "How the learning rate changes over the training",
        (
            ("constant", "Constant", "The same all the way"),
            ("cosine", "Cosine", "Falls to 0 along half a cosine"),
            ("one-cycle", "One cycle", "Rises, then falls: Smith and Topin 2018"),
            ("step", "Step", "A tenth from the middle on, a hundredth from ¾ on"),
        ),
    ),
    Options(
        "initialisation",
        "Initial weights",
        "How the first weights are drawn",
        (
            ("torch", "PyTorch's", "Uniform by fan-in"),
            ("xavier", "Glorot", "Glorot and Bengio 2010"),
            ("he", "He", "He et al. 2015, for ReLU"),
            ("normal", "Normal 0.05", "Standard deviation 0.05, as in Keras"),
        ),
    ),
    Options(
        "precision",
        "Precision",
        "Number format of the arithmetic",
        (
            ("auto", "Automatic", "bf16 where the processor or card is made for it"),
            ("float32", "float32", "Single precision"),
            ("bf16", "bf16", "Half the bits: faster where there are matrix units"),
        ),
    ),
)


class Controls(QWidget):
    """Everything that a person can set.

    Attributes
    ----------
    state : State
        What a change starts from.
    data, run : DataBox, RunBox
        The parts with wishes of their own.
    """

    edited = Signal(object, str)
    """A new state, and the key of the gesture."""
    layers_asked = Signal()
    timing_asked = Signal()

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state
        self._numbers: dict[str, NumberField] = {}
        self._choices: dict[str, Choice] = {}
        self._rows: dict[str, QWidget] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.data = DataBox()
        self.run = RunBox()
        self._column.addWidget(self.run)
        self._column.addWidget(self.data)
        self._build_network()
        self._build_training()
        self._build_details()
        self.set_state(state)

    # ---------------------------------------------------------------- building

    def _build_network(self) -> None:
        options = [(one.id, one.title, one.note) for one in NETWORKS]
        options.append((CUSTOM, "My network", "The layers as you have edited them"))
        self._network = Choice((("", options),), "Network", "What is trained")
        self._network.chosen.connect(self._choose_network)
        self._layers = QLabel()
        self._layers.setProperty("role", "caption")
        self._layers.setWordWrap(True)
        edit = QPushButton("Edit layers →")
        edit.setProperty("role", "link")
        edit.setAccessibleName("Edit layers")
        edit.setToolTip("Show the table of layers, with shapes and parameters")
        edit.clicked.connect(self.layers_asked)
        section = Section("Network")
        for widget in (self._network, self._layers, edit):
            section.add(widget)
        self._column.addWidget(section)

    def _build_training(self) -> None:
        options = [(key, preset.title, preset.note) for key, preset in PRESETS.items()]
        self._preset = Choice(
            (("", options),), "Preset", "A tried set of settings", "Own settings"
        )
        self._preset.chosen.connect(self._choose_preset)
        section = Section("Training")
        self._preset.setFixedWidth(theme.current().px(FIELD))
        section.add(labelled("Preset", self._preset))
        section.add(self._choice(OPTIMIZER))
        section.add(self._number(RATE))
        for number in SIZES:
            section.add(self._number(number))
        section.add(self._choice(DEVICE))
        self._column.addWidget(section)

    def _build_details(self) -> None:
        self._details = Folding(
            "More settings", "Loss, schedule, augmentation and more"
        )
        for choice in CHOICES:
            self._details.add(self._choice(choice))
        for number in (*DETAILS, *AUGMENTATIONS):
            self._details.add(self._number(number))
        timing = QPushButton("Time the devices…")
        timing.setAccessibleName("Time the devices")
        timing.setToolTip("Time an epoch on each device of this computer")
        timing.clicked.connect(self.timing_asked)
        self._details.add(timing)
        self._column.addWidget(self._details)

    def _number(self, number: Number) -> QWidget:
        low, high = RANGES.get(
            number.field, (0.0, MOST_AUGMENTED.get(number.field, 0.0))
        )
        field = NumberField(
            number.title,
            number.tip,
            low=low,
            high=high,
            step=number.step,
            decimals=number.decimals,
            unit=number.unit,
        )
        take = self._augment if number.field in MOST_AUGMENTED else self._take_number
        field.changed.connect(partial(take, number))
        field.setFixedWidth(theme.current().px(FIELD))
        self._numbers[number.field] = field
        self._rows[number.field] = labelled(number.title, field)
        return self._rows[number.field]

    def _choice(self, choice: Options) -> QWidget:
        box = Choice((("", choice.options),), choice.title, choice.tip)
        box.chosen.connect(partial(self._choose, choice.field))
        box.setFixedWidth(theme.current().px(FIELD))
        self._choices[choice.field] = box
        self._rows[choice.field] = labelled(choice.title, box)
        return self._rows[choice.field]

    # ---------------------------------------------------------------- state in

    def set_state(self, state: State) -> None:
        """Show a state in the controls, without a signal."""
        self.state = state
        recipe = state.recipe
        self.data.set_source(recipe.data)
        self._network.set_current(_network_key(recipe.network))
        self._layers.setText(chain(recipe.network))
        self._preset.set_current(_preset_key(recipe))
        for name, choice in self._choices.items():
            choice.set_current(getattr(recipe, name))
        for name, field in self._numbers.items():
            owner = recipe.augmentation if name in MOST_AUGMENTED else recipe
            field.set_value(getattr(owner, name))
        self._rows["momentum"].setVisible(recipe.optimizer == "sgd")
        self._rows["label_smoothing"].setVisible(recipe.loss == "cross-entropy")

    # ---------------------------------------------------------------- state out

    def _set(self, gesture: str, **fields: Any) -> None:
        recipe = replace(self.state.recipe, **fields)
        self.edited.emit(self.state.with_recipe(recipe), gesture)

    def _take_number(self, number: Number, value: float, gesture: str) -> None:
        whole = number.decimals == 0
        self._set(gesture, **{number.field: round(value) if whole else value})

    def _augment(self, number: Number, value: float, gesture: str) -> None:
        old: Augmentation = self.state.recipe.augmentation
        self._set(gesture, augmentation=replace(old, **{number.field: value}))

    def _choose(self, field: str, key: str) -> None:
        if field == "optimizer":
            recipe = self.state.recipe.with_optimizer(key)  # type: ignore[arg-type]
            self.edited.emit(self.state.with_recipe(recipe), "")
        else:
            self._set("", **{field: key})

    def _choose_network(self, key: str) -> None:
        if key == CUSTOM:
            old = self.state.recipe.network
            self._set("", network=replace(old, id=CUSTOM, title="My network", note=""))
            self.layers_asked.emit()
        else:
            network = next(one for one in NETWORKS if one.id == key)
            self._set("", network=_like(network, self.state.recipe.network))

    def _choose_preset(self, key: str) -> None:
        old = self.state.recipe
        new = replace(PRESETS[key].recipe, data=old.data, device=old.device)
        new = replace(new, network=_like(new.network, old.network))
        self.edited.emit(self.state.with_recipe(new), "")


def _like(network: Network, old: Network) -> Network:
    """Return a network for the same pictures and as many classes as another."""
    classes = old.classes if old.why_invalid() is None else None
    return network.fitted(old.input, classes)


def _network_key(network: Network) -> str:
    known = {one.id for one in NETWORKS if _like(one, network) == network}
    return network.id if network.id in known else CUSTOM


def _preset_key(recipe: Recipe) -> str:
    """Return the preset that a recipe is, whatever its data, device and seeds."""

    def stripped(one: Recipe) -> Recipe:
        network = _like(one.network, recipe.network)
        bare = replace(one, data="", device="auto", seed=0, weights_seed=0)
        return replace(bare, network=network)

    same = (
        key for key, one in PRESETS.items() if stripped(one.recipe) == stripped(recipe)
    )
    return next(same, "")


SHORT = {
    "max-pool": "max {0}",
    "average-pool": "average {0}",
    "subsample": "subsample {0}",
    "batch-norm": "batch norm",
    "scaled-tanh": "tanh",
    "rbf": "codes {1}",
    "dense": "dense {1}",
    "conv": "conv {1}, {0}",
    "dropout": "dropout",
}


def chain(network: Network) -> str:
    """Return the layers in one line, activations left out, and the parameters."""
    words = []
    for layer in network.layers:
        if layer.kind in SHORT:
            window = "×".join(map(str, layer.kernel))
            words.append(SHORT[layer.kind].format(window, layer.outputs))
    text = " · ".join(words)
    if reason := network.why_invalid():
        return f"{text}. {reason}"
    return f"{text}. {sum(network.parameters):,} parameters"
