"""The optimiser of a recipe, with its state as plain tensors under the parameters' names."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.optim import SGD, AdamW, Optimizer

from core.spec import TrainSpec


class _AdamW(AdamW):
    """AdamW that asks no GPU at each step, whatever device its parameters are on, whether it records a CUDA graph.

    Nothing here records one, and a GPU that cannot start would raise in a run on the CPU.
    """

    def _accelerator_graph_capture_health_check(self) -> None:
        pass


def make_optimizer(net: nn.Module, recipe: TrainSpec) -> Optimizer:
    """SGD with momentum or AdamW, fused (measured the fastest of torch's three forms, on CPU too).

    Its state is made here instead of in the first step, from zeros, which is the same to the last bit, so that there
    is one set of tensors to save, restore and compare at any step.
    """
    groups = [
        {"params": parameters, "weight_decay": recipe.weight_decay if decays else 0.0}
        for decays, parameters in _split(net, recipe).items()
        if parameters
    ]
    if recipe.optimizer == "sgd":
        optimizer: Optimizer = SGD(groups, lr=recipe.lr, momentum=recipe.momentum, fused=True)
        slots = ["momentum_buffer"] if recipe.momentum else []
    else:
        optimizer = _AdamW(groups, lr=recipe.lr, fused=True)
        slots = ["exp_avg", "exp_avg_sq"]
    for parameter in net.parameters():
        state = {slot: torch.zeros_like(parameter) for slot in slots}
        if recipe.optimizer == "adamw":
            state["step"] = torch.zeros((), device=parameter.device)
        optimizer.state[parameter] = state
    return optimizer


def named_state(net: nn.Module, optimizer: Optimizer) -> Iterator[tuple[str, Tensor]]:
    """The optimiser's own tensors, not copies: ``momentum_buffer.stem.weight``, ..."""
    for name, parameter in net.named_parameters():
        for slot, tensor in optimizer.state[parameter].items():
            yield f"{slot}.{name}", tensor


def _split(net: nn.Module, recipe: TrainSpec) -> dict[bool, list[Tensor]]:
    """Parameters by whether they decay: with ``decay="weights"`` only the weights of convolutions and linear layers do.

    These are the ones with more than one dimension; biases, norms and Fixup's scalars have one or none.
    """
    spare = recipe.decay == "weights"
    split: dict[bool, list[Tensor]] = {True: [], False: []}
    for parameter in net.parameters():
        split[not (spare and parameter.ndim < 2)].append(parameter)
    return split
