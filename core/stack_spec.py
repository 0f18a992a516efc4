"""Stacks beyond the convolutional nets of :mod:`core.spec`: what to build, frozen and validated, JSON in and out.

They are not trained here; they are X-rayed at initialisation, beside the nets that are.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from core.spec import Spec

StackKind = Literal["linear", "transformer", "convnext"]
Order = Literal["pre", "post", "none"]
Activation = Literal["relu", "tanh", "sigmoid"]
StackInit = Literal["he", "default"]

MOST_BLOCKS = 200  # deeper ones say nothing new and make a page wait
HEADS = 4  # of attention
PATCH = 4  # pixels a side of a token of a Transformer; a ConvNeXt stem takes 2


class StackSpec(Spec):
    """A stack of equal blocks that reads 32x32 pictures and ends in a classifier."""

    kind: StackKind = "linear"
    depth: int = 30  # linear: hidden layers; else blocks (a Transformer block is attention and MLP)
    width: int = 128  # units, or channels of a token or map
    skip: bool = True  # linear and ConvNeXt: x + F(x) or F(x)
    order: Order = "pre"  # Transformer: norm before the branch, after the addition, or no residual at all
    activation: Activation = "relu"  # linear
    init: StackInit = "default"  # linear: He (fan-in, gain 2) or PyTorch's default
    layer_scale: float = 1.0  # ConvNeXt: what each branch is multiplied by at the start; published with 1e-6

    @model_validator(mode="after")
    def _possible(self) -> StackSpec:
        unit = "hidden layers" if self.kind == "linear" else "blocks"
        if not 1 <= self.depth <= MOST_BLOCKS:
            raise ValueError(f"A stack of {self.depth} {unit} is not possible here: choose 1 to {MOST_BLOCKS}.")
        if not 8 <= self.width <= 1024:
            raise ValueError(f"Width {self.width} is not possible here: choose 8 to 1,024.")
        if self.kind == "transformer" and self.width % HEADS:
            below = self.width - self.width % HEADS
            raise ValueError(
                f"Width {self.width} does not divide among {HEADS} attention heads: choose {below} or {below + HEADS}."
            )
        if not 0 <= self.layer_scale <= 10:
            raise ValueError(f"A layer scale of {self.layer_scale:g} is not possible: choose 0 to 10.")
        return self

    @property
    def residual(self) -> bool:
        """Whether a block adds its input to its output."""
        return self.order != "none" if self.kind == "transformer" else self.skip

    @property
    def name(self) -> str:
        """For legends: ``30 linear layers, no skips, default``; ``pre-norm Transformer, 12 blocks``."""
        if self.kind == "transformer":
            order = {"pre": "pre-norm", "post": "post-norm", "none": "no residual"}[self.order]
            return f"Transformer, {order}, {self.depth} blocks"
        skips = "with skips" if self.skip else "no skips"
        if self.kind == "linear":
            return f"{self.depth} linear layers, {skips}"
        return f"ConvNeXt, {skips}, layer scale {self.layer_scale:g}, {self.depth} blocks"
