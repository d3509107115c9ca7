"""FTRL-Proximal, the one optimizer of the lecture that torch has not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.optim import Optimizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class FTRL(Optimizer):
    """Follow the regularised leader, each weight with a learning rate of its own.

    McMahan et al. 2013, "Ad Click Prediction: a View from the Trenches", algorithm 1.
    For each weight w with gradient g, from n = 0:

    - σ = (√(n + g²) − √n) / α,  z ← z + g − σ·w,  n ← n + g²
    - w = 0 where |z| ≤ λ₁, else w = −(z − sgn(z)·λ₁) / ((β + √n)/α + λ₂)

    Three things are added for networks. z begins so that the first weights are the
    initial ones and not all 0, which no network could leave. When α changes, z is
    chosen anew so that the weights stay where they are. And ``weight_decay`` is an L2
    penalty in the gradient, as in torch's optimizers.

    Parameters
    ----------
    params : iterable of parameters
    lr : float
        α, above 0.
    beta : float
        At least 0; the paper's usual choice is 1.
    l1, l2 : float
        λ₁ and λ₂, at least 0.
    weight_decay : float
        At least 0.
    """

    def __init__(
        self,
        params: Iterable[Tensor],
        lr: float = 0.05,
        beta: float = 1.0,
        l1: float = 0.0,
        l2: float = 0.0,
        weight_decay: float = 0.0,
    ) -> None:
        defaults = {
            "lr": lr,
            "beta": beta,
            "l1": l1,
            "l2": l2,
            "weight_decay": weight_decay,
        }
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """Take one step by the gradients that the parameters hold."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    _step(weight, self.state[weight], group)
        return loss


def _step(w: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
    l1, l2, beta, rate = group["l1"], group["l2"], group["beta"], group["lr"]
    if not state:
        state["n"] = torch.zeros_like(w)
        state["z"] = torch.zeros_like(w)
        state["rate"] = torch.zeros((), dtype=torch.float64)
    z, n = state["z"], state["n"]
    if state["rate"] != rate:  # a tensor on the CPU: nothing waits for a device
        kept = -w * ((beta + n.sqrt()) / rate + l2) - w.sign() * l1
        z.copy_(torch.where(w == 0, z, kept))
        state["rate"].fill_(rate)
    g = w.grad
    assert g is not None
    if group["weight_decay"]:
        g = g + group["weight_decay"] * w
    root = n.sqrt()
    n.addcmul_(g, g)
    grown = n.sqrt()
    z.add_(g).addcmul_(grown - root, w, value=-1 / rate)
    shrunk = z - z.clamp(-l1, l1)  # 0 where |z| ≤ λ₁
    w.copy_(shrunk.div_(-((beta + grown) / rate + l2)))
