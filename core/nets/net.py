"""What every net offers to those who train and watch it: its weighted layers, residual blocks and channel ledger."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from core.spec import NetSpec


@dataclass(frozen=True, eq=False)
class Layer:
    """One weighted layer, as the papers count depth."""

    name: str  # stem, stage1.block1.conv1, block2.layer3.conv, transition1, fc
    module: nn.Conv2d | nn.Linear
    signal: nn.Module  # its output is the layer's response: after the norm, before addition and ReLU
    relu: nn.Module | None  # after the layer; in DenseNet's BN-ReLU-conv order before it


@dataclass(frozen=True, eq=False)
class Block:
    """One residual block, y = relu(shortcut(x) + branch(x))."""

    name: str
    branch: nn.Module  # its output is F(x)
    shortcut: nn.Module  # its output is shortcut(x)


@dataclass(frozen=True, eq=False)
class LedgerRow:
    """A layer that reads a concatenation, and where its input channels come from."""

    name: str
    module: nn.Conv2d | nn.Linear
    sources: tuple[tuple[str, int], ...]  # (source, channels) in input-channel order; they add up to the layer's input


class Net(nn.Module):
    """A network for pictures (B, 3, H, W), H and W at least 32; answers with logits (B, num_classes)."""

    def __init__(self, spec: NetSpec) -> None:
        super().__init__()
        self.spec = spec
        self.layers: list[Layer] = []  # in forward order; as many as spec.depth, projections are not counted
        self.blocks: list[Block] = []  # of a net with residual blocks
        self.ledger: list[LedgerRow] = []  # of a DenseNet with its concatenations
