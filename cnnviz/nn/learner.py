"""A network in training: its weights, its optimizer, its data and its chance.

It knows nothing of events, time or threads; see :mod:`cnnviz.nn.training`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from cnnviz.errors import InputError
from cnnviz.nn import device as devices
from cnnviz.nn import optimizers
from cnnviz.nn.augmentation import augment
from cnnviz.nn.inspection import to_input
from cnnviz.nn.losses import mean_loss
from cnnviz.nn.modules import Dropout, build

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from cnnviz.nn.datasets import Dataset, Split
    from cnnviz.nn.events import Weights
    from cnnviz.nn.recipe import Augmentation, Recipe

LEFT_OVER = 2
"""The least pictures that an epoch's last batch has: batch norm needs two."""


@dataclass(frozen=True)
class Batch:
    """One batch to be trained on.

    Attributes
    ----------
    step : int
        Batches done before it, 0 at first.
    rate : float
        Learning rate.
    augmentation : Augmentation
    """

    step: int
    rate: float
    augmentation: Augmentation


class Interrupted(Exception):
    """A batch was given up, and nothing has changed by it."""


class Brake:
    """Gives a batch up between two layers, on the way forth and on the way back.

    A batch of the largest networks takes seconds, for which nobody waits who has closed
    the window.

    Attributes
    ----------
    pulled : callable
        Whether to give up, asked after each layer.
    """

    def __init__(self, module: torch.nn.Module) -> None:
        self.pulled: Callable[[], bool] = never
        for layer in module.children():
            layer.register_forward_hook(self._pass)

    def _pass(self, layer: object, inputs: object, output: Tensor) -> None:
        if self.pulled is never:
            return
        self._check()
        if output.requires_grad:
            output.register_hook(self._check)  # type: ignore[no-untyped-call]

    def _check(self, gradient: Tensor | None = None) -> None:
        if self.pulled():
            raise Interrupted


def never() -> bool:
    """Return False."""
    return False


class Learner:
    """A network with all that training it needs, on one device.

    Attributes
    ----------
    module : nn.Sequential
        In the fused order.
    noise : torch.Generator
        Draws augmentation and dropout, on the device.
    steps_per_epoch : int
    parts : int
        Each batch is computed in so many parts, whose gradients are added up; more than
        one where the device has not the memory for all at once.

    Raises
    ------
    InputError
        If the recipe does not fit the data or itself.
    """

    def __init__(self, recipe: Recipe, data: Dataset, device: torch.device) -> None:
        if reason := _why_invalid(recipe, data):
            raise InputError(reason)
        self.recipe = recipe
        self.device = device
        self.parts = 1
        self.bf16 = recipe.precision == "bf16" or (
            recipe.precision == "auto" and devices.bf16_pays(device)
        )
        module = build(
            recipe.network, recipe.weights_seed, recipe.initialisation, fused=True
        )
        self.module = module.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._brake = Brake(self.module)
        self.optimizer = optimizers.make(recipe, self.module.parameters())
        self.noise = torch.Generator(device).manual_seed(recipe.seed)
        for layer in self.module.children():
            if isinstance(layer, Dropout):
                layer.generator = self.noise
        self._images, self._labels = tensors(data.train, device)
        drawn = torch.Generator().manual_seed(recipe.seed)
        order = torch.randperm(len(data.train), generator=drawn).to(device)
        aside = round(recipe.validation * len(order))
        self.validation, self._chosen = order[:aside], order[aside:]
        count, batch = len(self._chosen), recipe.batch
        self.steps_per_epoch = max(1, (count + max(batch - LEFT_OVER, 0)) // batch)
        self._epoch, self._order = -1, self._chosen

    def pictures(self, step: int) -> tuple[Tensor, Tensor]:
        """Return the pictures and labels of a batch as they are in the data.

        Each epoch has an order of its own, which the recipe's seed and the epoch's
        number alone determine.
        """
        epoch, place = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            mixed = torch.Generator().manual_seed(self.recipe.seed * 1_000_003 + epoch)
            order = torch.randperm(len(self._chosen), generator=mixed)
            self._epoch, self._order = epoch, self._chosen[order.to(self.device)]
        first = place * self.recipe.batch
        last = place == self.steps_per_epoch - 1
        some = self._order[first : None if last else first + self.recipe.batch]
        return self._images[some], self._labels[some]

    def held_out(self) -> tuple[Tensor, Tensor]:
        """Return the pictures and labels of the validation split, none if it is 0."""
        return self._images[self.validation], self._labels[self.validation]

    def learn(self, batch: Batch, stopped: Callable[[], bool] = never) -> Tensor:
        """Take one step, without waiting for the device.

        Parameters
        ----------
        batch : Batch
        stopped : callable
            Whether to give the batch up, asked after each layer.

        Returns
        -------
        float32 (4,)
            Before the step: loss, accuracy from 0 to 1, norm of the gradients, and the
            number of pictures.

        Raises
        ------
        Interrupted
            It was given up.
        """
        images, labels = self.pictures(batch.step)
        noise, running = self.noise.get_state(), []
        if stopped is not never:
            running = [(buffer, buffer.clone()) for buffer in self.module.buffers()]
        inputs = augment(to_input(images), batch.augmentation, self.noise)
        for group in self.optimizer.param_groups:
            group["lr"] = batch.rate
        self._brake.pulled = stopped
        try:
            numbers = self.gradients(inputs, labels)
        except Interrupted:
            self.optimizer.zero_grad()
            self.noise.set_state(noise)
            for buffer, before in running:
                buffer.copy_(before)
            raise
        finally:
            self._brake.pulled = never
        gradients = [p.grad for p in self.module.parameters() if p.grad is not None]
        norm = torch.nn.utils.get_total_norm(gradients)
        self.optimizer.step()
        count = norm.new_full((1,), len(labels))  # a tensor made of a list would wait
        return torch.cat((numbers, norm[None], count))

    def gradients(self, inputs: Tensor, labels: Tensor) -> Tensor:
        """Compute the gradients of a batch; return loss and accuracy, float32 (2,)."""
        self.optimizer.zero_grad()
        sums = []
        for some, truth in zip(
            inputs.chunk(self.parts), labels.chunk(self.parts), strict=True
        ):
            scores = self.scores(some)
            share = len(truth) / len(labels)
            loss = mean_loss(scores, truth, self.recipe) * share
            loss.backward()  # type: ignore[no-untyped-call]
            right = (scores.detach().argmax(1) == truth).float().mean() * share
            sums.append(torch.stack((loss.detach(), right)))
        return sums[0] if len(sums) == 1 else torch.stack(sums).sum(0)

    def scores(self, inputs: Tensor) -> Tensor:
        """Return the scores, float32 (N, classes), of inputs in training."""
        inputs = inputs.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            scores: Tensor = self.module(inputs)
        return scores.float()

    def weights(self) -> Weights:
        """Return a copy of every parameter and buffer, float32."""
        return {
            name: to_numpy(value).astype(np.float32, copy=False)
            for name, value in self.module.state_dict().items()
        }

    def capture(self, *, copy: bool = True) -> dict[str, Tensor]:
        """Return copies of all that a step changes, in the processor's memory.

        A card may have no room for them when they are needed most. Where no step
        follows, no copy is needed of what is in the processor's memory already.
        """
        tensors = {f"model.{n}": v for n, v in self.module.state_dict().items()}
        for name, parameter in self.module.named_parameters():
            for key, value in self.optimizer.state.get(parameter, {}).items():
                if value is not None:  # SGD without momentum
                    tensors[f"optimizer.{name}.{key}"] = value
        copies = {n: v.detach().to("cpu", copy=copy) for n, v in tensors.items()}
        return {**copies, "random.noise": self.noise.get_state()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Go back to what :meth:`capture` returned, perhaps on another device.

        Raises
        ------
        InputError
            If it is of another network or optimizer; nothing has changed then.
        """
        model = self.model_of(tensors)
        state = self._optimizer_state(tensors)
        self.module.load_state_dict(model)
        self.optimizer.state.clear()
        self.optimizer.state.update(state)
        noise = tensors.get("random.noise")
        if noise is not None and noise.shape == self.noise.get_state().shape:
            self.noise.set_state(noise.cpu())  # of the same kind of device
        self._epoch = -1

    def model_of(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor | None]:
        """Return the weights among what :meth:`capture` returned.

        Raises
        ------
        InputError
            If they are of another network.
        """
        own = self.module.state_dict()
        model = {n: tensors.get(f"model.{n}") for n in own}
        extra = sum(name.startswith("model.") for name in tensors) != len(own)
        if extra or any(v is None or v.shape != own[n].shape for n, v in model.items()):
            raise InputError(
                "This checkpoint is of another network: choose the network it was "
                "made with, or start anew."
            )
        return model

    def _optimizer_state(
        self, tensors: Mapping[str, Tensor]
    ) -> dict[Tensor, dict[str, Tensor]]:
        state: dict[Tensor, dict[str, Tensor]] = {}
        known = dict(self.module.named_parameters())
        for name, value in tensors.items():
            place, _, key = name.removeprefix("optimizer.").rpartition(".")
            if not name.startswith("optimizer."):
                continue
            parameter = known.get(place)
            if parameter is None or value.shape not in ((), parameter.shape):
                raise InputError(
                    "This checkpoint is of another network or optimizer: choose those "
                    "it was made with, or start anew."
                )
            state.setdefault(parameter, {})[key] = self._like(parameter, value)
        return state

    def _like(self, parameter: Tensor, value: Tensor) -> Tensor:
        """Copy an optimizer's tensor to where and how its kernels want it."""
        if value.shape == parameter.shape:  # in the same order in memory
            return torch.empty_like(parameter, requires_grad=False).copy_(value)
        fused = self.optimizer.param_groups[0].get("fused")
        return value.clone().to(self.device if fused else "cpu")


def tensors(split: Split, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return pictures and labels on a device; on the CPU they share the memory."""
    images = np.require(split.images, np.uint8, ["C", "W"])
    labels = np.require(split.labels, np.int64, ["C", "W"])
    return torch.from_numpy(images).to(device), torch.from_numpy(labels).to(device)


def to_numpy(tensor: Tensor) -> NDArray[np.generic]:
    """Copy a tensor to an array in C order that nothing else changes."""
    array = tensor.detach().cpu().numpy()
    return np.array(array, order="C")


def _why_invalid(recipe: Recipe, data: Dataset) -> str | None:
    if reason := recipe.why_invalid(len(data.classes)):
        return reason
    shape, wanted = data.train.images.shape[1:], recipe.network.input
    if shape != wanted or data.test.images.shape[1:] != wanted:
        words = ["×".join(map(str, size)) for size in (shape, wanted)]
        return (
            f"The pictures are {words[0]} and the network takes {words[1]}: choose "
            "another data set or change the network's input."
        )
    if not len(data.train) or not len(data.test):
        return "The data has no pictures to train on or none to test on: add some."
    kept = len(data.train) - round(recipe.validation * len(data.train))
    norm = any(layer.kind == "batch-norm" for layer in recipe.network.layers)
    if norm and min(kept, recipe.batch) < LEFT_OVER:
        return "Batch norm needs batches of 2 pictures or more: choose a larger batch."
    return None
