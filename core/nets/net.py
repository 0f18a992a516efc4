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
    # Its output is the layer's response: after the norm that follows the convolution, before gate, addition and ReLU.
    # Where none follows (in the BN-ReLU-conv order of DenseNets and pre-activation nets) the convolution's own output.
    signal: nn.Module
    relu: nn.Module | None  # after the layer; in orders with ReLU-conv the one that it reads


@dataclass(frozen=True, eq=False)
class Block:
    """One residual block, y = shortcut(x) + branch(x), with norms and ReLUs around it as its order has them."""

    name: str
    branch: nn.Module  # its output is what is added: F(x), gated, scaled, or dropped
    shortcut: nn.Module  # its output is what it is added to: shortcut(x), scaled


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
        # In forward order, without projections: as many as the papers count (spec.depth), but two fewer in a Wide
        # ResNet, which counts three projections and no classifier, and one more in DenseNet-264.
        self.layers: list[Layer] = []
        self.blocks: list[Block] = []  # of a net with residual blocks
        self.ledger: list[LedgerRow] = []  # of a DenseNet with its concatenations

    def ends(self) -> dict[str, nn.Module]:
        """By name, in forward order, the modules whose maps a part of the net hands on; the last one to the head."""
        raise NotImplementedError
