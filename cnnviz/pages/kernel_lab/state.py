"""The state of the Kernel Lab: everything that determines what the page shows."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path, PureWindowsPath
from typing import Any, Literal, get_args

from cnnviz.errors import InputError
from cnnviz.ops import kernels
from cnnviz.ops.geometry import Pair  # noqa: TC001  (codec reads the fields' types)
from cnnviz.ops.pipeline import MAX_STAGES, Stage

Channels = Literal["grey", "colour", "split"]
Step = Literal["filtered", "activated", "pooled"]
ScaleRule = Literal["map", "stage", "all", "picture"]
Left = Literal["input", "picture"]
Right = Literal["map", "bank"]

STEPS: tuple[Step, ...] = get_args(Step)


def steps_of(stage: Stage) -> list[Step]:
    """List the steps that a stage has, in their order."""
    has = {
        "filtered": True,
        "activated": stage.activation != "none",
        "pooled": stage.pool is not None,
    }
    return [step for step in STEPS if has[step]]


@dataclass(frozen=True)
class View:
    """Zoom and pan: centre as a share of the shown region, 0 to 1, and zoom ≥ 1."""

    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0


@dataclass(frozen=True)
class State:
    """All that the Kernel Lab shows is a function of this.

    Attributes
    ----------
    picture : str
        ``"sample:ID"``, ``"camera:INDEX"`` or the path of a file.
    channels : {"grey", "colour", "split"}
        Grey values, red, green and blue at once, or side by side.
    channel : int
        The channel whose terms are shown, 0 to 2; unused for grey.
    stages : tuple of Stage
        The pipeline, 1 to 8 stages.
    stage : int
        The stage on the canvas.
    step : {"filtered", "activated", "pooled"}
        Which of its maps is on the canvas.
    left : {"input", "picture"}
        Beside it: what goes into the stage, or the picture itself.
    right : {"map", "bank"}
        One map, or those of all kernels of the stage side by side.
    scale : {"map", "stage", "all", "picture"}
        The colour scale: the map's own, one for the kernels of the stage, one for all
        maps, or 0 to 255 as a picture.
    pin : (row, column) or None
        The value of the shown map whose terms stay on the screen.
    view : View
        Zoom and pan, the same for every pane.
    """

    picture: str = "sample:camera"
    channels: Channels = "grey"
    channel: int = 0
    stages: tuple[Stage, ...] = (Stage(),)
    stage: int = 0
    step: Step = "filtered"
    left: Left = "input"
    right: Right = "map"
    scale: ScaleRule = "map"
    pin: Pair | None = None
    view: View = View()

    def __post_init__(self) -> None:
        """Refuse a pipeline that is empty or too long, and choices outside it."""
        if not 1 <= len(self.stages) <= MAX_STAGES:
            raise InputError(f"A pipeline has 1 to {MAX_STAGES} stages.")
        if not 0 <= self.stage < len(self.stages):
            raise InputError("The stage on the canvas is not one of the pipeline.")
        if not 0 <= self.channel < 3:
            raise InputError("The channel is 0 for red, 1 for green or 2 for blue.")

    @property
    def current(self) -> Stage:
        """The stage on the canvas."""
        return self.stages[self.stage]

    @property
    def shown_step(self) -> Step:
        """The step on the canvas; one that the stage lacks is the one before it."""
        wanted = STEPS[: STEPS.index(self.step) + 1]
        return [step for step in steps_of(self.current) if step in wanted][-1]

    def with_picture(self, picture: str) -> State:
        """Return the state with another picture, whole and with nothing pinned."""
        if picture == self.picture:
            return self  # a step that changes only the view could not be undone
        return replace(self, picture=picture, pin=None, view=View())

    def with_stage(self, stage: Stage) -> State:
        """Return the state with the stage on the canvas changed."""
        stages = list(self.stages)
        stages[self.stage] = stage
        return replace(self, stages=tuple(stages))

    def add_stage(self) -> State:
        """Return the state with one more stage at the end, and that one chosen."""
        return replace(
            self,
            stages=(*self.stages, Stage()),
            stage=len(self.stages),
            step="filtered",
            pin=None,
        )

    def remove_stage(self, index: int) -> State:
        """Return the state without one stage."""
        stages = self.stages[:index] + self.stages[index + 1 :]
        stage = min(self.stage - (index < self.stage), len(stages) - 1)
        return replace(self, stages=stages, stage=stage, pin=None)

    @property
    def shows_bank(self) -> bool:
        """Whether several kernels' maps are on the right side by side."""
        return self.right == "bank" and len(self.current.kernels) > 1

    def add_kernel(self) -> State:
        """Return the state with one more kernel in the bank, shown side by side.

        It is the first named one that the bank has not yet.
        """
        now = self.current
        names = {kernel.recipe for kernel in now.kernels}
        fresh = (each.id for each in kernels.RECIPES if each.id not in names)
        bank = (*now.kernels, kernels.make(next(fresh, "identity")))
        state = self.with_stage(replace(now, kernels=bank, chosen=len(now.kernels)))
        return replace(state, right="bank")

    def remove_kernel(self, index: int) -> State:
        """Return the state without one kernel of the bank."""
        now = self.current
        bank = now.kernels[:index] + now.kernels[index + 1 :]
        chosen = min(now.chosen - (index < now.chosen), len(bank) - 1)
        return self.with_stage(replace(now, kernels=bank, chosen=max(chosen, 0)))


def beside(
    data: dict[str, Any], folder: Path, instead: str = "camera:0"
) -> tuple[dict[str, Any], str]:
    """Return a state of a file with its picture where that is now.

    Parameters
    ----------
    data : dict
        The state, as plain JSON.
    folder : Path
        Of the file: where its picture lies if it was copied together with it.
    instead : str
        The picture in place of one that is at neither place; instead of a camera,
        which nobody asked for, it is the first that the page shows.

    Returns
    -------
    data : dict
    missing : str
        The name of the picture that is at neither place; else empty.
    """
    picture = data.get("picture")
    if not isinstance(picture, str) or picture.startswith(("sample:", "camera:")):
        return data, ""
    if os.path.exists(picture):
        return data, ""
    name = PureWindowsPath(picture).name  # it divides the paths of all systems
    if os.path.isfile(folder / name):
        return {**data, "picture": str(folder / name)}, ""
    shown = State().picture if instead.startswith("camera:") else instead
    # All of it is shown, and nothing pinned, as with any other picture.
    return {**data, "picture": shown, "pin": None, "view": {}}, name
