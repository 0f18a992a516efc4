"""Stacks of equal blocks beyond convolutional ResNets: fully connected layers, Transformer and ConvNeXt blocks.

Made to be X-rayed by the same function as the nets: they offer the same ``layers`` and ``blocks``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.nets.initialise import AFFINE, Ruled, check_known, default, generator
from core.nets.net import Block, Layer, LedgerRow
from core.nets.parts import chain
from core.stack_spec import HEADS, PATCH, StackSpec

ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
CLASSES = 10
STD = 0.02  # of the weights of ConvNeXt (Liu 2022, appendix A) and of learnt positions


class Stack(nn.Module):
    """Reads pictures (B, 3, 32, 32), answers with logits (B, 10)."""

    def __init__(self, spec: StackSpec) -> None:
        super().__init__()
        self.spec = spec
        self.layers: list[Layer] = []  # weighted layers in forward order
        self.blocks: list[Block] = []  # residual branches in forward order; [] without residuals
        self.ledger: list[LedgerRow] = []

    def add_block(self, name: str, residual: Residual) -> None:
        if residual.shortcut is not None:
            self.blocks.append(Block(name, residual.branch, residual.shortcut))


class Residual(nn.Module):
    """after(shortcut(x) + branch(before(x))); without the shortcut the branch alone."""

    def __init__(
        self, branch: nn.Module, skip: bool, before: nn.Module | None = None, after: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.before = before or nn.Identity()
        self.branch = branch
        self.shortcut = nn.Identity() if skip else None
        self.after = after or nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = self.branch(self.before(x))
        return self.after(y if self.shortcut is None else self.shortcut(x) + y)


class LinearStack(Stack):
    """Flattened pictures through ``depth`` fully connected layers: x -> x + act(W x + b), or without the x."""

    def __init__(self, spec: StackSpec) -> None:
        super().__init__(spec)
        self.body = nn.Sequential()
        size = 3 * 32 * 32
        for index in range(1, spec.depth + 1):
            linear, activation = nn.Linear(size, spec.width), ACTIVATIONS[spec.activation]()
            branch = chain(linear=linear, activation=activation)
            residual = Residual(branch, skip=spec.skip and index > 1)  # the first layer changes the size
            self.body.add_module(f"layer{index}", residual)
            relu = activation if spec.activation == "relu" else None
            self.layers.append(Layer(f"layer{index}", linear, linear, relu))
            self.add_block(f"layer{index}", residual)
            size = spec.width
        self.fc = nn.Linear(size, CLASSES)
        self.layers.append(Layer("fc", self.fc, self.fc, None))

    def forward(self, x: Tensor) -> Tensor:  # (B, 3, 32, 32) -> (B, 10)
        return self.fc(self.body(x.flatten(1)))


class TransformerStack(Stack):
    """Pictures as 64 tokens of 4x4 pixels with learnt positions, ``depth`` blocks of attention and MLP."""

    def __init__(self, spec: StackSpec) -> None:
        super().__init__(spec)
        self.embed = nn.Linear(3 * PATCH**2, spec.width)
        self.positions = nn.Parameter(torch.empty((32 // PATCH) ** 2, spec.width))
        self.layers.append(Layer("embed", self.embed, self.embed, None))
        self.body = nn.Sequential()
        for index in range(1, spec.depth + 1):
            attention, mlp = Attention(spec.width), Mlp(spec.width)
            for part, branch in (("attention", attention), ("mlp", mlp)):
                name = f"block{index}.{part}"
                residual = self._residual(branch)
                self.body.add_module(name.replace(".", "_"), residual)
                self.layers += [
                    Layer(f"{name}.{piece}", module, module, None)
                    for piece, module in branch.named_children()
                    if isinstance(module, nn.Linear)
                ]
                self.add_block(name, residual)
        self.norm = nn.LayerNorm(spec.width)
        self.fc = nn.Linear(spec.width, CLASSES)
        self.layers.append(Layer("fc", self.fc, self.fc, None))

    def _residual(self, branch: nn.Module) -> Residual:
        norm = nn.LayerNorm(self.spec.width)
        if self.spec.order == "post":
            return Residual(branch, True, after=norm)
        return Residual(branch, self.spec.order == "pre", before=norm)

    def forward(self, x: Tensor) -> Tensor:  # (B, 3, 32, 32) -> (B, 10)
        patches = functional.unfold(x, PATCH, stride=PATCH).transpose(1, 2)  # (B, 64, 48)
        x = self.body(self.embed(patches) + self.positions)
        return self.fc(self.norm(x).mean(1))


class Attention(nn.Module):
    """Multi-head self-attention (Vaswani 2017, section 3.2)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:  # (B, T, C) -> (B, T, C)
        batch, tokens, width = x.shape
        qkv = self.qkv(x).view(batch, tokens, 3, HEADS, width // HEADS)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value)
        return self.out(mixed.transpose(1, 2).reshape(batch, tokens, width))


class Mlp(nn.Module):
    """Linear to 4 times the width, GELU, and back."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(functional.gelu(self.fc1(x)))


class ConvNextStack(Stack):
    """ConvNeXt blocks (Liu 2022, figure 4) at one width on maps of 16x16, behind a 2x2 patch stem."""

    def __init__(self, spec: StackSpec) -> None:
        super().__init__(spec)
        self.stem = nn.Conv2d(3, spec.width, 2, 2)
        self.stem_norm = nn.GroupNorm(1, spec.width)
        self.layers.append(Layer("stem", self.stem, self.stem_norm, None))
        self.body = nn.Sequential()
        for index in range(1, spec.depth + 1):
            branch = ConvNextBranch(spec.width, spec.layer_scale)
            residual = Residual(branch, spec.skip)
            self.body.add_module(f"block{index}", residual)
            for piece in ("conv", "fc1", "fc2"):
                module = branch.get_submodule(piece)
                assert isinstance(module, nn.Conv2d | nn.Linear)
                self.layers.append(Layer(f"block{index}.{piece}", module, module, None))
            self.add_block(f"block{index}", residual)
        self.norm = nn.LayerNorm(spec.width)
        self.fc = nn.Linear(spec.width, CLASSES)
        self.layers.append(Layer("fc", self.fc, self.fc, None))

    def forward(self, x: Tensor) -> Tensor:  # (B, 3, 32, 32) -> (B, 10)
        x = self.body(self.stem_norm(self.stem(x)))
        return self.fc(self.norm(x.mean((2, 3))))


class ConvNextBranch(nn.Module):
    """7x7 depthwise, layer norm over channels, 1x1 to 4C, GELU, 1x1 back, times the layer scale."""

    def __init__(self, width: int, layer_scale: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 7, padding=3, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)
        self.start = layer_scale
        self.scale = nn.Parameter(torch.empty(width))

    def forward(self, x: Tensor) -> Tensor:  # (B, C, H, W) -> (B, C, H, W)
        x = self.norm(self.conv(x).permute(0, 2, 3, 1))
        x = self.scale * self.fc2(functional.gelu(self.fc1(x)))
        return x.permute(0, 3, 1, 2)


STACKS: dict[str, type[Stack]] = {
    "linear": LinearStack,
    "transformer": TransformerStack,
    "convnext": ConvNextStack,
}


def build_stack(spec: StackSpec, seed: int = 0) -> Stack:
    """The stack of the spec on the CPU in float32, initialised; each parameter from its own generator, as the nets."""
    with torch.device("meta"):
        stack = STACKS[spec.kind](spec)
    stack.to_empty(device="cpu")
    initialise_stack(stack, seed)
    return stack


RULED: Ruled = {  # the parameters that initialise_stack sets, of each kind of module
    nn.Linear: AFFINE,
    nn.Conv2d: AFFINE,
    nn.LayerNorm: AFFINE,
    nn.GroupNorm: AFFINE,
    ConvNextBranch: {"scale"},
    TransformerStack: {"positions"},
}


@torch.no_grad()
def initialise_stack(stack: Stack, seed: int) -> None:
    """Set every parameter of the stack. Raises TypeError, before it sets any, where there is one it does not know."""
    check_known(stack, RULED)
    linear = stack.spec.kind == "linear"
    for name, module in stack.named_modules():
        if isinstance(module, nn.LayerNorm | nn.GroupNorm):
            module.reset_parameters()
        elif isinstance(module, ConvNextBranch):
            module.scale.fill_(module.start)
        elif isinstance(module, TransformerStack):
            module.positions.normal_(0, STD, generator=generator(seed, "positions"))
        if not isinstance(module, nn.Linear | nn.Conv2d):
            continue
        if linear and (stack.spec.init == "default" or name == "fc"):
            default(module, seed, name)
        elif linear:
            _normal(module, math.sqrt(2 / module.weight[0].numel()), seed, name)  # He 2015, equation 10, by fan-in
        elif isinstance(stack, TransformerStack):  # Glorot 2010, as in Xiong 2020 (On layer normalization), section 3.1
            _normal(module, math.sqrt(2 / sum(module.weight.shape)), seed, name)
        else:
            _normal(module, STD, seed, name)


def _normal(module: nn.Linear | nn.Conv2d, std: float, seed: int, name: str) -> None:
    """Normal weights and a bias of zeros. The published truncation at 2 (not 2 std) never bites at such widths."""
    module.weight.normal_(0, std, generator=generator(seed, f"{name}.weight"))
    if module.bias is not None:
        module.bias.zero_()
