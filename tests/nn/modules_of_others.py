"""Networks as others write them, and a check of all their terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from torch import nn
from torch.nn import functional

from cnnviz.errors import InputError
from cnnviz.nn.foreign import Inspected, step_terms

if TYPE_CHECKING:
    import numpy as np


def example(*shape: int) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


def closes(inspected: Inspected, draw: np.random.Generator, tries: int = 5) -> set[str]:
    """Check some values of every step; return the steps that have terms."""
    explained = set()
    for step in inspected.steps:
        for _ in range(tries):
            place = tuple(int(draw.integers(n)) for n in step.output.shape)
            if step.call.note:
                with pytest.raises(InputError) as failure:
                    step_terms(inspected, step.name, place)
                assert str(failure.value).endswith(".")
                continue
            terms = step_terms(inspected, step.name, place)
            assert terms.own == step.output[place]
            assert terms.closes, (step.name, place, terms)
            explained.add(step.name)
    return explained


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.act = nn.ReLU(inplace=True)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return self.act(self.norm(self.conv(maps)) + maps)


class Branching(nn.Module):
    """RGB in; a stem, a residual block, used twice, and two heads that are joined."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, (3, 5), stride=2, dilation=(2, 1), padding="valid")
        self.block = Residual()
        self.head = nn.Linear(8, 3)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        maps = self.block(self.block(functional.relu(self.stem(pictures))))
        small = functional.max_pool2d(maps, 2)
        means = functional.adaptive_avg_pool2d(small, 1).flatten(1)
        peaks = small.amax(dim=(2, 3))
        return torch.softmax(self.head(torch.cat([means, peaks], 1)), dim=1)
