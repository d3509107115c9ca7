"""The state written out as PyTorch code that gives the same numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnviz.pages.signals.state import State

HEAD = """\
import torch
import torch.nn.functional as F
"""


def program(state: State) -> str:
    """Return a program whose ``y`` is the result on the screen, in double precision.

    Parameters
    ----------
    state : State
        With a window that fits.
    """
    before, after = state.geometry.pads[1]
    flip = ".flip(0)" if state.operation == "convolution" else ""
    note = "  # true convolution flips the kernel" if flip else ""
    uneven = f"x = F.pad(x, ({before}, {after}))\n" if before != after else ""
    padding = 0 if uneven else before
    return f"""{HEAD}
# {_line(state.signal.name)}
x = torch.tensor({list(state.signal.values)!r}, dtype=torch.float64)
# {_line(state.kernel.name)}
w = torch.tensor({list(state.kernel.values)!r}, dtype=torch.float64)

{uneven}y = F.conv1d(
    x[None, None],
    w{flip}[None, None],{note}
    stride={state.stride},
    padding={padding},
    dilation={state.dilation},
)[0, 0]
"""


def _line(name: str) -> str:
    return " ".join(name.split())
