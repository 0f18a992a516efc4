"""The optimiser of a recipe, with its state as plain tensors under the parameters' names.

It calls torch's fused kernels itself. ``torch.optim`` imports torch's compiler with the first optimiser of a process,
which takes a second and is not used here, and its AdamW asks the GPU at each step, whatever device its parameters are
on: a GPU that cannot start would end a run on the CPU.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import Parameter

from core.spec import TrainSpec

BETAS, EPSILON = (0.9, 0.999), 1e-8  # Adam's, as usual (Kingma 2015)
SLOTS = {"sgd": ["momentum_buffer"], "adamw": ["exp_avg", "exp_avg_sq"]}


@dataclass(frozen=True)
class Group:
    """Parameters that decay alike."""

    params: list[Parameter]
    weight_decay: float


class Optimizer:
    """SGD with momentum or AdamW, fused (measured the fastest of torch's three forms, on CPU too).

    Its state is there from the start, zeros, which is the same to the last bit as one that the first step makes, so
    that there is one set of tensors to save, restore and compare at any step.
    """

    def __init__(self, net: nn.Module, recipe: TrainSpec) -> None:
        self.lr = recipe.lr  # of the next step
        self.momentum = recipe.momentum
        self.groups = [
            Group(parameters, recipe.weight_decay if decays else 0.0)
            for decays, parameters in _split(net, recipe).items()
            if parameters
        ]
        self.adam = recipe.optimizer == "adamw"
        slots = SLOTS[recipe.optimizer] if self.adam or recipe.momentum else []
        self.state: dict[Tensor, dict[str, Tensor]] = {}
        for parameter in net.parameters():
            self.state[parameter] = {slot: torch.zeros_like(parameter) for slot in slots}
            if self.adam:
                self.state[parameter]["step"] = torch.zeros((), device=parameter.device)

    def zero_grad(self) -> None:
        for group in self.groups:
            for parameter in group.params:
                parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter that has a gradient; one without, of a branch that was left out, stays as it is."""
        for group in self.groups:
            gradients: dict[Tensor, Tensor] = {
                parameter: parameter.grad for parameter in group.params if parameter.grad is not None
            }
            if gradients:
                update = self._adamw if self.adam else self._sgd
                update([*gradients], [*gradients.values()], group.weight_decay)

    def _sgd(self, parameters: list[Tensor], gradients: list[Tensor], weight_decay: float) -> None:
        torch._fused_sgd_(
            parameters,
            gradients,
            self._of(parameters, "momentum_buffer") if self.momentum else [],
            weight_decay=weight_decay,
            momentum=self.momentum,
            lr=self.lr,
            dampening=0.0,
            nesterov=False,
            maximize=False,
            is_first_step=False,
        )

    def _adamw(self, parameters: list[Tensor], gradients: list[Tensor], weight_decay: float) -> None:
        steps = self._of(parameters, "step")
        torch._foreach_add_(steps, 1)
        torch._fused_adamw_(
            parameters,
            gradients,
            self._of(parameters, "exp_avg"),
            self._of(parameters, "exp_avg_sq"),
            [],
            steps,
            lr=self.lr,
            beta1=BETAS[0],
            beta2=BETAS[1],
            weight_decay=weight_decay,
            eps=EPSILON,
            amsgrad=False,
            maximize=False,
        )

    def _of(self, parameters: list[Tensor], slot: str) -> list[Tensor]:
        return [self.state[parameter][slot] for parameter in parameters]


def named_state(net: nn.Module, optimizer: Optimizer) -> Iterator[tuple[str, Tensor]]:
    """The optimiser's own tensors, not copies: ``momentum_buffer.stem.weight``, ..."""
    for name, parameter in net.named_parameters():
        for slot, tensor in optimizer.state[parameter].items():
            yield f"{slot}.{name}", tensor


def _split(net: nn.Module, recipe: TrainSpec) -> dict[bool, list[Parameter]]:
    """Parameters by whether they decay: with ``decay="weights"`` only the weights of convolutions and linear layers do.

    These are the ones with more than one dimension; biases, norms and Fixup's scalars have one or none.
    """
    spare = recipe.decay == "weights"
    split: dict[bool, list[Parameter]] = {True: [], False: []}
    for parameter in net.parameters():
        split[not (spare and parameter.ndim < 2)].append(parameter)
    return split
