"""The only hooks in the project: they read what modules answer, and are gone when the ``with`` block ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from core.check import Check

Outputs = dict[nn.Module, Tensor]
Inputs = dict[nn.Module, Tensor]


@contextmanager
def tap(modules: Iterable[nn.Module], check: Check | None = None) -> Iterator[Outputs]:
    """Collect the output of each module during the forward passes inside the block; of several passes, the last.

    The tensors are the net's own, not copies, so gradients can be taken with respect to them. ``check`` is called after
    each module, forward and backward; what it raises ends the pass.
    """
    outputs: Outputs = {}

    def keep(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        outputs[module] = output
        if check is not None:
            check()
            if output.requires_grad:
                output.register_hook(lambda gradient: check())

    hooks = [module.register_forward_hook(keep) for module in dict.fromkeys(modules)]
    try:
        yield outputs
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def tap_inputs(modules: Iterable[nn.Module]) -> Iterator[Inputs]:
    """Collect what each module reads during the forward passes inside the block; of several passes, the last."""
    inputs: Inputs = {}

    def keep(module: nn.Module, given: tuple[Tensor, ...]) -> None:
        inputs[module] = given[0]

    hooks = [module.register_forward_pre_hook(keep) for module in dict.fromkeys(modules)]
    try:
        yield inputs
    finally:
        for hook in hooks:
            hook.remove()
