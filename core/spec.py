"""What to build and how to train it: frozen, validated, hashable specs with JSON in and out.

A spec that exists can be built: every field is checked on construction, and what is wrong is said in one sentence
(:class:`SpecError`). Fields that mean nothing to a family take their defaults, so two specs of the same net are equal.
"""

from __future__ import annotations

import hashlib
import math
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

Family = Literal["resnet", "densenet"]
Kind = Literal["plain", "resnet", "densenet"]
Norm = Literal["batch", "group", "layer", "none"]
Shortcut = Literal["A", "B", "C"]
Init = Literal["he", "default", "zero-gamma", "fixup"]


class SpecError(ValueError):
    """A spec cannot be built; the message is one sentence for the user: what is wrong and what to do."""


class Spec(BaseModel):
    """Base of all specs: immutable, no unknown fields, one-sentence errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def make(cls, **fields: Any) -> Self:
        """Build from keyword fields. Raises SpecError."""
        try:
            return cls(**fields)
        except ValidationError as error:
            raise SpecError(_sentence(error)) from None

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what :meth:`to_json` wrote. Raises SpecError."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise SpecError(_sentence(error)) from None

    def to_json(self) -> str:
        return self.model_dump_json()

    def but(self, **changes: Any) -> Self:
        """The same spec with some fields changed, validated again. Raises SpecError."""
        return self.make(**(self.model_dump() | changes))


class NetSpec(Spec):
    """A network for 32x32 pictures. ``family="plain"`` is accepted for a ResNet with its skips off."""

    family: Family = "resnet"
    depth: int = 20  # weighted layers as the papers count them: 6n+2; DenseNet 3N+4, with bottleneck 6N+4
    width: int = 16  # channels of the first ResNet stage; the others have 2x and 4x
    norm: Norm = "batch"
    skip: bool = True  # off: the same layers without the shortcut (ResNet) or without concatenation (DenseNet)
    shortcut: Shortcut = "A"  # where shapes change: A zero padding, B projection; C projection on every block
    init: Init = "he"
    growth_rate: int = 12  # DenseNet's k: channels that each layer adds
    bottleneck: bool = False  # DenseNet-B: a 1x1 convolution to 4k channels before each 3x3
    compression: float = 1.0  # DenseNet's theta: share of channels that a transition keeps
    num_classes: int = 10

    @model_validator(mode="before")
    @classmethod
    def _canonical(cls, fields: Any) -> Any:
        if not isinstance(fields, dict):
            return fields
        fields = dict(fields)
        if fields.get("family") == "plain":
            fields |= {"family": "resnet", "skip": False}
        if fields.get("family") == "densenet":
            fields.setdefault("depth", 40)
        unused = {
            "densenet": ("width", "shortcut"),
            "resnet": ("growth_rate", "bottleneck", "compression"),
        }
        for name in unused.get(fields.get("family", "resnet"), ()):
            fields.pop(name, None)
        return fields

    @model_validator(mode="after")
    def _possible(self) -> Self:
        _check_depth(self)
        _within("width", self.width, 1, 1024)
        _within("growth rate", self.growth_rate, 1, 512)
        _within("number of classes", self.num_classes, 2, 1000)
        if not 0 < self.compression <= 1:
            raise ValueError(f"Compression {self.compression:g} is not possible: choose more than 0 and at most 1.")
        _check_init(self)
        return self

    @property
    def kind(self) -> Kind:
        """The colour it has in every chart: plain, resnet or densenet."""
        if self.family == "densenet":
            return "densenet"
        return "resnet" if self.skip else "plain"

    @property
    def layers_per_block(self) -> int:
        """The papers' n (blocks a ResNet stage) or N (layers a dense block)."""
        if self.family == "resnet":
            return (self.depth - 2) // 6
        return (self.depth - 4) // (6 if self.bottleneck else 3)

    @property
    def name(self) -> str:
        """Short name for legends: ``ResNet-20``, ``plain-56 no BN``, ``DenseNet-BC-40-12``."""
        if self.family == "densenet":
            letters = ("B" if self.bottleneck else "") + ("C" if self.compression < 1 else "")
            name = f"DenseNet{'-' + letters if letters else ''}-{self.depth}-{self.growth_rate}"
            name += "" if self.skip else " no skip"
        else:
            name = f"{'ResNet' if self.skip else 'plain'}-{self.depth}"
            name += f" {self.shortcut}" if self.skip and self.shortcut != "A" else ""
            name += "" if self.width == 16 else f" ×{self.width / 16:g}"
        norm = {"batch": "", "group": " GN", "layer": " LN", "none": " no BN"}[self.norm]
        return name + norm + ("" if self.init == "he" else f" {self.init}")


class TrainSpec(Spec):
    """A recipe. The default is that of the BN study: SGD 0.1, momentum 0.9, weight decay 1e-4, cosine, batch 128."""

    data: str = "sample"  # "sample", or a folder that holds CIFAR-10
    epochs: int = 10
    batch_size: int = 128  # images
    optimizer: Literal["sgd", "adamw"] = "sgd"
    lr: float = 0.1  # peak learning rate
    momentum: float = 0.9  # SGD only
    weight_decay: float = 1e-4
    decay: Literal["all", "weights"] = "all"  # "weights" spares biases and norm parameters
    schedule: Literal["constant", "step", "cosine", "onecycle"] = "cosine"
    warmup_epochs: float = 0.0  # linear from 0 to lr
    grad_clip: float = 0.0  # largest global gradient norm; 0 is off
    augment: bool = True  # random flip, and random crop after padding by 4
    seed: int = 0
    device: str = "auto"  # auto, cpu, cuda, cuda:1, mps
    precision: Literal["auto", "float32", "bf16"] = "auto"

    @field_validator("lr", mode="before")
    @classmethod
    def _finite(cls, lr: Any) -> Any:
        if isinstance(lr, float) and not math.isfinite(lr):
            raise ValueError(f"Learning rate {lr} is not a number to train with: choose one above 0, such as 0.1.")
        return lr

    @model_validator(mode="after")
    def _possible(self) -> Self:
        _within("number of epochs", self.epochs, 1, 10_000)
        _within("batch size", self.batch_size, 1, 50_000)
        _within("seed", self.seed, 0, 2**31 - 1)
        if not self.lr > 0:
            raise ValueError(f"Learning rate {self.lr:g} cannot train: choose one above 0, such as 0.1.")
        _within("learning rate", self.lr, 0, 1000)
        if not 0 <= self.momentum < 1:
            raise ValueError(f"Momentum {self.momentum:g} does not settle: choose at least 0 and below 1.")
        _within("weight decay", self.weight_decay, 0, 1)
        _within("gradient clipping", self.grad_clip, 0, math.inf)
        if not 0 <= self.warmup_epochs <= self.epochs:
            raise ValueError(
                f"A warm-up of {self.warmup_epochs:g} epochs does not fit {self.epochs}: choose 0 to {self.epochs}."
            )
        if not self.data.strip():
            raise ValueError('Data is empty: choose "sample" or the folder that holds CIFAR-10.')
        kind, _, index = self.device.partition(":")
        if kind not in ("auto", "cpu", "cuda", "mps") or (index and not index.isdigit()):
            raise ValueError(f'Device "{self.device}" is unknown: choose auto, cpu, cuda, cuda:0 or mps.')
        return self


class ProbeSpec(Spec):
    """What to watch, and how much time that may take."""

    enabled: bool = True
    images: int = 32  # size of the fixed probe batch
    budget: float = 0.05  # largest share of wall time; kept by stretching the interval

    @model_validator(mode="after")
    def _possible(self) -> Self:
        _within("number of probe images", self.images, 2, 512)
        if not 0 < self.budget <= 1:
            raise ValueError(f"A probe budget of {self.budget:g} is not a share of time: choose 0.01 to 1.")
        return self


class RunSpec(Spec):
    """A net, a recipe and what to watch: everything that decides a run."""

    net: NetSpec = Field(default_factory=NetSpec)
    train: TrainSpec = Field(default_factory=TrainSpec)
    probes: ProbeSpec = Field(default_factory=ProbeSpec)

    @property
    def digest(self) -> str:
        """Twelve hex digits that name this spec."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]


def twin(net: NetSpec, flip: Literal["norm", "skip"]) -> NetSpec:
    """The same net with BN (any norm <-> none) or skips flipped. Raises SpecError where there is none."""
    if flip == "skip":
        return net.but(skip=not net.skip)
    return net.but(norm="batch" if net.norm == "none" else "none")


def depth_rule(family: str, bottleneck: bool = False) -> tuple[int, int, str]:
    """Step, offset and formula of the depths a family can have: depth = step * n + offset, n >= 1."""
    if family == "resnet":
        return 6, 2, "6n+2"
    return (6, 4, "6N+4") if bottleneck else (3, 4, "3N+4")


def _check_depth(net: NetSpec) -> None:
    step, offset, formula = depth_rule(net.family, net.bottleneck)
    n, rest = divmod(net.depth - offset, step)
    if rest or not 1 <= n <= 1000:
        below = step * min(max(n, 1), 1000) + offset
        near = f"{below}" if not 1 <= n < 1000 else f"{below} or {below + step}"
        kind = {"resnet": "A plain or residual net", "densenet": "A DenseNet"}[net.family]
        kind += " with bottleneck" if net.bottleneck else ""
        raise ValueError(f"{kind} has {formula} layers, so depth {net.depth} is not possible: choose {near}.")


def _check_init(net: NetSpec) -> None:
    residual = net.family == "resnet" and net.skip
    if net.init == "zero-gamma" and not (residual and net.norm != "none"):
        raise ValueError(
            "Zero-γ starts each residual branch at 0 through its last norm, so it needs skips and a norm: "
            "switch both on or choose another initialisation."
        )
    if net.init == "fixup" and not (residual and net.norm == "none"):
        raise ValueError(
            "Fixup replaces normalisation in residual nets: switch skips on and the norm off, "
            "or choose another initialisation."
        )


def _within(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        bounds = f"at least {low:g}" if math.isinf(high) else f"{low:g} to {high:,}"
        raise ValueError(f"{what.capitalize()} {value:g} is not possible: choose {bounds}.")


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong, as one sentence."""
    first = error.errors()[0]
    if first["type"] == "value_error":
        return str(first["ctx"]["error"])
    field = " ".join(str(part) for part in first["loc"]) or "The spec"
    return f"{field}: {first['msg'][:1].lower()}{first['msg'][1:]}, but it is {first['input']!r}."


PRESETS: dict[str, NetSpec] = {
    "smallresnet": NetSpec(depth=14, shortcut="B"),  # of the BN study: 6 basic blocks, 175,258 parameters
    "smallresnet-nobn": NetSpec(depth=14, shortcut="B", norm="none"),
    **{f"plain{depth}": NetSpec(depth=depth, skip=False) for depth in (20, 32, 44, 56, 110)},
    **{f"resnet{depth}": NetSpec(depth=depth) for depth in (20, 32, 44, 56, 110, 1202)},
    "densenet-40-12": NetSpec(family="densenet", depth=40, growth_rate=12),
    "densenet-100-12": NetSpec(family="densenet", depth=100, growth_rate=12),
    **{
        f"densenet-bc-{depth}-{k}": NetSpec(
            family="densenet", depth=depth, growth_rate=k, bottleneck=True, compression=0.5
        )
        for depth, k in ((40, 12), (100, 12), (250, 24), (190, 40))
    },
}


def preset(name: str) -> NetSpec:
    """The preset of that name. Raises SpecError with the names there are."""
    if name not in PRESETS:
        raise SpecError(f'There is no preset "{name}": choose one of {", ".join(PRESETS)}.')
    return PRESETS[name]
