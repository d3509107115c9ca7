"""How a drawing is made ready for the network: every step with its small picture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QWidget

from cnnviz import theme
from cnnviz.widgets.controls import Section
from cnnviz.widgets.picture import PictureBox

if TYPE_CHECKING:
    from cnnviz.pages.inspect.preparing import Ready
    from cnnviz.pages.inspect.state import State

STEPS = (
    ("crop", "Crop", "Keep the box around the ink only"),
    ("scale", "Scale to 20", "Fit 20 × 20 pixels, with its proportions"),
    ("centre", "Centre by mass", "Move the centre of mass to the middle of 28 × 28"),
    ("invert", "Ink is white", "Ink becomes 255 and paper 0, as in MNIST"),
    ("normalise", "0 to 1", "Divide by 255, as in the training"),
)
# In pixels at text size 100 %.
SMALL, LARGE = 26, 80


class StepsBox(Section):
    """Check boxes for the steps, and the picture as the network sees it."""

    edited = Signal(object, str)
    """A new state, and the key of the gesture."""

    def __init__(self, state: State) -> None:
        super().__init__("Made ready for the network")
        self.state = state
        px = theme.current().px
        self._boxes: dict[str, QCheckBox] = {}
        self._thumbs: dict[str, PictureBox] = {}
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(px(4))
        for row, (key, title, tip) in enumerate(STEPS):
            box = QCheckBox(title)
            box.setAccessibleName(title)
            box.setToolTip(f"{tip}; switch it off to see why it is done")
            box.clicked.connect(lambda on, key=key: self._toggle(key, on))
            self._boxes[key] = box
            grid.addWidget(box, row, 0)
            if key != "normalise":
                thumb = PictureBox(f"After “{title}”", f"The drawing after “{title}”")
                thumb.setFixedSize(px(SMALL), px(SMALL))
                self._thumbs[key] = thumb
                grid.addWidget(thumb, row, 1)
        self.seen = PictureBox(
            "What the network sees", "The picture as the network is given it"
        )
        self.seen.setFixedSize(px(LARGE), px(LARGE))
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(px(10))
        line.addWidget(self.seen, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(grid, 1)
        self.add(holder)
        self.set_state(state, drawn=True)

    def set_state(self, state: State, *, drawn: bool) -> None:
        """Show which steps are taken; only a drawing has more than the last."""
        self.state = state
        for key, box in self._boxes.items():
            on = state.normalise if key == "normalise" else getattr(state.steps, key)
            box.setChecked(on)
            box.setVisible(drawn or (key == "normalise" and state.source != "example"))
        for thumb in self._thumbs.values():
            thumb.setVisible(drawn)

    def show_ready(self, ready: Ready | None) -> None:
        """Show the pictures of the steps, or that there are none."""
        if ready is None:
            for box in (self.seen, *self._thumbs.values()):
                box.set_picture(None)
            return
        self.seen.set_picture(ready.pixels)
        if (prepared := ready.prepared) is not None:
            pictures = {
                "crop": prepared.cropped,
                "scale": prepared.scaled,
                "centre": prepared.centred,
                "invert": prepared.picture,
            }
            for key, pixels in pictures.items():
                self._thumbs[key].set_picture(pixels[None])

    def _toggle(self, key: str, on: bool) -> None:
        if key == "normalise":
            state = replace(self.state, normalise=on)
        else:
            fields = {key: on}
            state = replace(self.state, steps=replace(self.state.steps, **fields))
        self.edited.emit(state, "")
