"""A small change that fools the network, live; and accuracy against its size."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout

from cnnviz import theme
from cnnviz.background import Latest, Stream, raise_again
from cnnviz.errors import InputError
from cnnviz.pages.inspect import attacking
from cnnviz.pages.inspect.asking_view import AskingView, Kept, unbroken
from cnnviz.pages.inspect.small_controls import Progress, Slide, button
from cnnviz.pages.inspect.why_state import FIRST_EPSILON, MOST_EPSILON
from cnnviz.widgets import numbers
from cnnviz.widgets.controls import Choice, Segmented, named
from cnnviz.widgets.fields import NumberField
from cnnviz.widgets.flow_row import FlowRow
from cnnviz.widgets.heat_map import HeatMap
from cnnviz.widgets.probability_bars import ProbabilityBars
from cnnviz.widgets.run_plot import RunPlot, Series, Span

if TYPE_CHECKING:
    from cnnviz.nn.adversarial import Adversarial
    from cnnviz.nn.robustness import AccuracyCurve
    from cnnviz.pages.inspect.state import State

METHODS = (("fgsm", "FGSM"), ("pgd", "PGD"))
NORMS = (("linf", "L∞"), ("l2", "L2"))
AWAY = "-1"
BARS = 164  # room for ten classes, in pixels at text size 100 %


class AdversarialView(AskingView):
    """Original, change and result side by side over the curve of the test set."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._latest = Latest(self, follow=True)
        self._latest.done.connect(self.take)
        self._latest.failed.connect(self.fail)
        self._measuring = Stream(self)  # so that the slider stays live meanwhile
        self._measured_by = Kept()
        self._measured: object = None
        self._counted = 0, 0
        self._measuring.yielded.connect(self._show_curve)
        self._measuring.failed.connect(self._refuse_curve)
        self._measuring.finished.connect(self._end_curve)
        self._make_controls()
        self._make_curve()
        self._make_pictures()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(8))
        column.addWidget(self._row)
        column.addWidget(self.sentence)
        # Each by itself: Qt takes what wraps within a layout for its least height.
        column.addWidget(self._words)
        column.addLayout(self._pictures, 1)
        column.addWidget(self._foot)

    # ---------------------------------------------------------------- parts

    def _make_controls(self) -> None:
        edit = partial(self.edit_why, "attacking")
        self._method = Segmented(
            METHODS, "Method", "One step along the gradient, or several"
        )
        self._method.changed.connect(lambda key: edit(method=key))
        self._norm = Segmented(
            NORMS, "Norm", "Epsilon limits each pixel's change, or the whole length"
        )
        self._norm.changed.connect(
            lambda key: edit(norm=key, epsilon=FIRST_EPSILON[key])
        )
        self._goal = Choice(
            [("", [(AWAY, "Any other", "")])], "Goal", "What it is to be taken for"
        )
        self._goal.chosen.connect(lambda key: edit(target=int(key)))
        self._steps = NumberField(
            "Steps", "Steps of PGD", low=1, high=200, step=1, decimals=0
        )
        self._steps.setFixedWidth(theme.current().px(64))
        self._steps.changed.connect(
            lambda value, gesture: edit(gesture, steps=round(value))
        )
        self._epsilon = Slide(
            "Epsilon", "The size of the change; pixels go from 0 to 1"
        )
        self._epsilon.changed.connect(
            lambda value, gesture: edit(gesture, epsilon=value)
        )
        self._steps_row = named("Steps", self._steps)
        self._row = FlowRow(
            self._method,
            self._norm,
            named("Take it for", self._goal),
            self._steps_row,
            named("ε", self._epsilon),
        )

    def _make_pictures(self) -> None:
        px = theme.current().px
        self._before = HeatMap("Original", "The picture as it is")
        self._change = HeatMap("Change", "Result less original, per pixel")
        self._after = HeatMap("Result", "Original and change together")
        self._bars = [
            ProbabilityBars(f"Answer to the {name}", "The share that each class gets")
            for name in ("original", "result")
        ]
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum
        )
        for bars in self._bars:
            bars.setMinimumHeight(px(BARS))
        for heat in (self._before, self._change, self._after):
            heat.hovered.connect(partial(self._point, heat))
        self._pictures = QGridLayout()
        self._pictures.setHorizontalSpacing(px(20))
        self._pictures.setVerticalSpacing(px(8))
        for index, heat in enumerate((self._before, self._change, self._after)):
            self._pictures.addWidget(heat, 0, index)
            self._pictures.setColumnStretch(index, 1)
        self._pictures.addWidget(self._bars[0], 1, 0)
        self._pictures.addWidget(self._curve, 1, 1)
        self._pictures.addWidget(self._bars[1], 1, 2)
        self._pictures.setRowStretch(0, 5)
        self._pictures.setRowStretch(1, 3)

    def _make_curve(self) -> None:
        self._curve = RunPlot(
            "Accuracy against ε",
            "Share of the attacked test pictures that are still named right",
            unit="ε",
            percent=True,
            last=False,
        )
        self._progress = Progress("Accuracy against epsilon")
        self._progress.cancelled.connect(self._cancel)
        self._start = button(
            "Measure the test set",
            "Attack every test picture at several epsilons and count right answers",
            self._measure,
        )
        # A click hides it, which would hand the keys on to whoever comes next.
        self._start.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._note = QLabel()
        self._note.setProperty("role", "muted")
        self._foot = FlowRow(self._start, self._note, self._progress)

    # ---------------------------------------------------------------- asking

    def show_settings(self) -> None:
        """Show the attack."""
        settings, inputs = self.state.why.attacking, self.inputs
        self._method.set_current(settings.method)
        self._norm.set_current(settings.norm)
        self._steps.set_value(settings.steps)
        self._steps_row.setVisible(settings.method == "pgd")
        self._epsilon.set_range(0, MOST_EPSILON[settings.norm], 3)
        self._epsilon.set_value(settings.epsilon)
        self._row.flow()
        if inputs is not None:
            names = [(str(n), name, "") for n, name in enumerate(inputs.classes)]
            self._goal.set_groups([("", [(AWAY, "Any other", ""), *names])])
            self._goal.set_current(str(settings.target))
            for bars in self._bars:
                bars.set_names(inputs.classes)
        self._start.setEnabled(inputs is not None and not inputs.missing)
        self._forget_curve()

    def question(self) -> object:
        """Return what the answer depends on."""
        return self.inputs, self.state.why.attacking

    def ask(self) -> None:
        """Attack the picture."""
        assert self.inputs is not None
        settings = self.state.why.attacking
        self._latest.request(
            partial(attacking.attack, self.kept, self.inputs, settings)
        )

    def take(self, found: Adversarial) -> None:
        """Show a result."""
        classes = self.inputs.classes if self.inputs is not None else ()
        if len(found.before.scores) != len(classes):
            return  # of a network that was on show before
        self._before.set_picture(found.original)
        self._after.set_picture(found.result)
        change = attacking.strongest(found.perturbation)
        factor = 2 * found.factor  # that brings it to a half, and colours go to 1
        limit = 1 / factor
        self._change.set_heat(change, found.original, signed=True, limit=limit)
        words = "magnified" if factor > 1 else "not magnified"
        self._change.set_title(f"Change × {numbers.text(factor)}", words)
        before, after = found.before, found.after
        self._before.set_title("Original", classes[before.label])
        self._after.set_title("Result", classes[after.label])
        self._bars[0].set_probabilities(before.probabilities)
        self._bars[1].set_probabilities(after.probabilities)
        self._words.setText(unbroken(attacking.in_words(found, classes)))

    def clear(self) -> None:
        """Show empty frames and bars."""
        for heat in (self._before, self._change, self._after):
            heat.set_heat(None)
            heat.set_caption("")
        for bars in self._bars:
            bars.set_probabilities(None)
        self._words.setText("")

    # ---------------------------------------------------------------- the curve

    def _curve_question(self) -> object:
        inputs = self.inputs
        if inputs is None or inputs.missing:
            return None
        key = attacking.curve_key(self.state.why.attacking)
        return inputs.asked.key, id(inputs.data), key

    def _measure(self) -> None:
        assert self.inputs is not None
        self._counted = 0, 0
        self._measured = self._curve_question()
        self._start.hide()
        self._note.setText("")
        self._progress.show_progress(0, 1, "Attacking …")
        settings = self.state.why.attacking
        self._measuring.request(
            partial(attacking.measure, self._measured_by, self.inputs, settings)
        )

    def _show_curve(self, found: AccuracyCurve) -> None:
        asked = found.asked > 0
        shares = found.accuracy.astype("float32")[asked]
        series = Series(
            "accuracy", found.epsilons[asked], shares, "accent", smooth=False
        )
        self._curve.set_series([series])
        most = int(found.asked.max())
        assert self.inputs is not None and self.inputs.data is not None
        whole = len(self.inputs.data.test)
        self._counted = most, whole
        self._progress.show_progress(
            found.done, found.total, f"{most:,} of {whole:,} pictures"
        )

    def _refuse_curve(self, error: Exception) -> None:
        if not isinstance(error, InputError):
            raise_again(error)
        self._measured = None
        self._counted = 0, 0
        self._note.setText(str(error))

    def _end_curve(self) -> None:
        self._progress.hide()
        self._start.show()
        self._say_counted()

    def _say_counted(self) -> None:
        """Say of how many pictures the curve is, and that they have no target."""
        most, whole = self._counted
        if not most or self._measuring.busy:
            return
        words = f"{most:,} pictures"
        if most < whole:
            words = f"Stopped after {most:,} of {whole:,} pictures"
        targeted = self.state.why.attacking.target >= 0
        self._note.setText(words + (", led to any other class" if targeted else ""))

    def _cancel(self) -> None:
        self._measuring.cancel()
        self._end_curve()

    def _forget_curve(self) -> None:
        """Take away a curve of another network, data set or attack."""
        settings = self.state.why.attacking
        self._curve.set_ranges(Span(0.0, MOST_EPSILON[settings.norm]), Span(0.0, 1.0))
        question = self._curve_question()
        if self._measured != question:
            self._measured, self._counted = None, (0, 0)
            self._cancel()
            self._curve.set_series([])
        if self._measured is None:
            missing = self.inputs.missing if self.inputs is not None else ""
            self._note.setText(
                missing or "Right answers of the whole test set against ε."
            )
        self._say_counted()

    # ---------------------------------------------------------------- Qt and threads

    def _point(self, source: HeatMap, cell: Any) -> None:
        for heat in (self._before, self._change, self._after):
            heat.set_mark(cell)
        self.readout.emit("" if cell is None else source.describe(cell))

    def stop(self) -> None:
        """Stop asking."""
        super().stop()
        if self._measuring.busy:
            self._cancel()

    def shut_down(self) -> None:
        """Cancel and join."""
        super().shut_down()
        self._latest.shut_down()
        self._measuring.shut_down()

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._latest.busy or self._measuring.busy
