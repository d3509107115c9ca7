"""Under the canvas: the sum behind the pinned value, or what is on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.pages.inspect import formulas, sight, words, writing
from cnnviz.pages.inspect.asking_view import unbroken
from cnnviz.pages.inspect.terms_view import TermsView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.nn.terms import Explanation as Made
    from cnnviz.pages.inspect.asked import Asked
    from cnnviz.pages.inspect.stages import Seen
    from cnnviz.pages.inspect.state import State


class Explanation(QWidget):
    """Words, or the terms of a value.

    Attributes
    ----------
    terms : TermsView
    made : Explanation or None
        What is written out.
    seen : Seen or None
        What it is of.
    position : str
        Whose it is.
    """

    def __init__(self) -> None:
        super().__init__()
        self.terms = TermsView()
        self.made: Made | None = None
        self.seen: Seen | None = None
        self.position = ""
        self._heading, self._sentence = QLabel(), QLabel()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(4))
        for label, role in ((self._heading, "heading"), (self._sentence, "muted")):
            label.setProperty("role", role)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        column.addWidget(self.terms)
        self._say("", "")

    def show_seen(
        self,
        seen: Seen | None,
        state: State,
        name: str,
        classes: Sequence[str],
        asked: Asked | None,
        lacking: words.Lacking | None = None,
    ) -> None:
        """Explain what a state shows of what was seen.

        Parameters
        ----------
        seen : Seen or None
            None without a picture that the network takes.
        state : State
        name : str
            Of the network.
        classes : sequence of str
        asked : Asked or None
            The network as the other views ask it; None if they do not.
        lacking : {"picture", "answer"}, optional
            What there is not, if nothing was seen and nothing is to come.
        """
        self.made = self.seen = None
        if state.view != "layers" or seen is None:
            said = ("", "")
            if asked is not None and state.view != "layers":
                said = formulas.of_view(state, asked, seen, asked.classes)
            if lacking is not None and not said[0]:
                said = words.nothing(state.view, lacking)
            self._say(*said)
        elif seen.is_value(state.layer, state.place):
            self._explain(seen, state, classes)
        elif (stage := seen.stage(state.layer)) is not None:
            self._say(*words.layer(stage, seen.outputs[stage.name]))
        else:
            self._say(*words.overview(seen, name, classes))

    def _explain(self, seen: Seen, state: State, classes: Sequence[str]) -> None:
        stage = seen.stage(state.layer)
        assert stage is not None
        self.position = f"{stage.title}, {writing.where(state.place)}"
        try:
            made = sight.explain(seen, state.layer, state.place)
        except InputError as error:
            self._say(self.position, str(error))
            return
        written = writing.write(seen, made, state.channel, classes)
        self.made, self.seen = made, seen
        self.terms.show_written(written, writing.channel(made, state.channel))
        for label in (self._heading, self._sentence):
            label.hide()
        self.terms.show()

    def _say(self, heading: str, sentence: str) -> None:
        self.terms.hide()
        for label, text in ((self._heading, heading), (self._sentence, sentence)):
            label.setText(unbroken(text))
            label.setVisible(bool(text))
