"""What torch's types leave open, and a test knows: of which kind a module is, and that a tensor has a gradient."""

from __future__ import annotations

from typing import TypeVar

from torch import Tensor, nn

M = TypeVar("M", bound=nn.Module)


def submodule(of: nn.Module, name: str, kind: type[M]) -> M:
    found = of.get_submodule(name)
    assert isinstance(found, kind)
    return found


def gradient_of(tensor: Tensor) -> Tensor:
    assert tensor.grad is not None
    return tensor.grad
