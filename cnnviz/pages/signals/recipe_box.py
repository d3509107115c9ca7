"""A signal or kernel chosen by name and shaped by the parameters of its recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.ops import signals
from cnnviz.ops.signal_recipes import RECIPES
from cnnviz.widgets.controls import Choice, labelled
from cnnviz.widgets.fields import NumberField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.ops.recipes import Recipe
    from cnnviz.ops.signals import Signal

OPEN = "open"


class RecipeBox(QWidget):
    """A choice among recipes, with a field for each parameter of the chosen one.

    Parameters
    ----------
    recipes : sequence of Recipe
    name, tooltip : str
        Accessible name and tooltip of the choice.
    first : sequence of (id, title, tooltip)
        Options before the recipes, which :attr:`asked` tells.
    """

    made = QtSignal(object, str)
    """A new Signal, and the key of the gesture."""
    asked = QtSignal(str)
    """The id of an option that is no recipe."""

    def __init__(
        self,
        recipes: Sequence[Recipe],
        name: str,
        tooltip: str,
        first: Sequence[tuple[str, str, str]] = (),
    ) -> None:
        super().__init__()
        groups: dict[str, list[tuple[str, str, str]]] = {"": list(first)}
        for recipe in recipes:
            option = recipe.id, recipe.title, recipe.explanation
            groups.setdefault(recipe.group, []).append(option)
        filled = [group for group in groups.items() if group[1]]
        self._choice = Choice(filled, name, tooltip)
        self._choice.chosen.connect(self._choose)
        self._fields: dict[str, NumberField] = {}
        self._rows: list[QWidget] = []
        self._recipe: str | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.current().px(6))
        self._column.addWidget(self._choice)

    def set_signal(self, signal: Signal) -> None:
        """Show what a signal was made with, without a signal of Qt."""
        self._signal = signal
        self._choice.setPlaceholderText(signal.name)
        self._choice.set_current(signal.recipe)
        if signal.recipe != self._recipe:
            self._recipe = signal.recipe
            self._show_rows()
        for name, value in signal.parameters:
            self._fields[name].set_value(value)

    def _show_rows(self) -> None:
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows, self._fields = [], {}
        recipe = RECIPES.get(self._signal.recipe)
        for each in recipe.parameters if recipe else ():
            about = f"{each.title}: {each.low:g} to {each.high:g} {each.unit}".strip()
            field = NumberField(
                f"{each.title}, {each.unit}".removesuffix(", "),
                about,
                low=each.low,
                high=each.high,
                step=each.step,
                decimals=0 if each.integer else 3,
            )
            field.changed.connect(
                lambda value, gesture, name=each.name: self._set(name, value, gesture)
            )
            self._fields[each.name] = field
            self._rows.append(labelled(_label(each.title, each.unit), field))
            self._column.addWidget(self._rows[-1])

    def _choose(self, key: str) -> None:
        if key in RECIPES:
            self.made.emit(signals.make(key), "")
        else:
            self._choice.set_current(self._signal.recipe)
            self.asked.emit(key)

    def _set(self, name: str, value: float, gesture: str) -> None:
        # The others are taken from the signal: a field shows fewer decimals.
        values = {**dict(self._signal.parameters), name: value}
        self.made.emit(signals.make(self._signal.recipe, **values), gesture)


def _label(title: str, unit: str) -> str:
    return f"{title}, {unit}" if unit not in ("", "sample") else title
