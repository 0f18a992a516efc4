"""Every field of a spec, once: what it is called, what can be chosen, and where forms, flags and addresses have it.

A new field is a row here, a line in its spec, and what it does in the nets or the loop. A row may be left out of the
layout of a form: it then stands below the field before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from core.vocabulary.choices import (
    DECAYS,
    INITS,
    NORMS,
    OPTIMIZERS,
    PRECISIONS,
    SCHEDULE_BY,
    SCHEDULES,
    SHORTCUTS,
    STEMS,
    STRIDES,
)
from core.vocabulary.datasets import DATASETS, MARK, USUAL
from core.vocabulary.families import FAMILIES
from core.vocabulary.numbers import percent
from core.vocabulary.orders import ORDERS

Words = Callable[[Any], str]
Fields = Mapping[str, Any]  # of a net, as far as they are known


@dataclass(frozen=True)
class Choice:
    """One of a few values, each with its label; a label is short, since an address carries it."""

    labels: Mapping[Any, str]
    big: bool = False  # buttons side by side instead of a list

    def label(self, value: Any) -> str:
        return self.labels[value]

    @property
    def options(self) -> dict[str, Any]:
        """The values by their labels."""
        return {label: value for value, label in self.labels.items()}


@dataclass(frozen=True)
class Switch:
    """Yes or no."""

    on: str  # in words, beside a net or recipe
    off: str
    asks_for_no: bool = False  # the form's switch is on where the field is off


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds."""

    low: int
    high: int
    none: bool = False  # 0 stands for nothing chosen
    slider: tuple[int, int, int] | None = None  # from, to and step, where a form has a slider for the usual ones


@dataclass(frozen=True)
class Number:
    """Any number; the spec says which are possible."""


@dataclass(frozen=True)
class Share:
    """From ``low`` to 1, as a slider in steps."""

    low: float
    step: float


@dataclass(frozen=True)
class Scale:
    """A number or a word; a form offers some of them."""

    offered: tuple[float | str, ...]
    word: str = ""


@dataclass(frozen=True)
class Text:
    """What only the program that reads it can check."""

    metavar: str = ""


Type = Choice | Switch | Whole | Number | Share | Scale | Text


@dataclass(frozen=True)
class Field:
    """One field of a spec."""

    part: str  # net, train or probes
    name: str
    label: str  # in the form
    type: Type
    help: str = ""  # one or two sentences for somebody who has never read a paper
    typed: str = ""  # the same for a flag of the command line, where that needs other words
    key: str | Callable[[Fields], str] = ""  # in the address
    words: Words | None = None  # how a value is said beside a run; none: the called name before the value
    called: str = ""  # in a sentence; none: the label in small letters
    named: bool = False  # the net's name says it wherever it differs
    matters: bool = True  # a run can come out differently for it
    only: Callable[[Fields], bool] = lambda net: True  # where it can be chosen, besides its family

    @property
    def flag(self) -> str:
        return f"--{self.name.replace('_', '-')}"

    @property
    def title(self) -> str:
        return self.called or self.label.lower()

    def key_in(self, net: Fields) -> str:
        """Its key in the address. A field whose usual value depends on the net has several, each with its own."""
        return self.key if isinstance(self.key, str) else self.key(net)

    def offered(self, net: Fields) -> bool:
        """Whether a form of such a net has it."""
        return self.name not in FAMILIES[net["family"]].meaningless and self.only(net)

    @property
    def bounds(self) -> tuple[int, int]:
        """Of a whole number."""
        assert isinstance(self.type, Whole)
        return self.type.low, self.type.high

    def say(self, value: Any) -> str:
        """A value beside a run."""
        if self.words:
            return self.words(value)
        if isinstance(self.type, Switch):
            return self.type.on if value else self.type.off
        return f"{self.title} {value:g}" if isinstance(value, int | float) else f"{self.title} {value}"


def _has_bottlenecks(net: Fields) -> bool:
    if net.get("form") == "imagenet":
        return net["depth"] not in FAMILIES[net["family"]].basic_depths
    return bool(net.get("bottleneck"))


def _depth_key(net: Fields) -> str:
    """One key a rule, because each slider offers other depths."""
    if net.get("form") == "imagenet":
        return f"depth_imagenet_{net['family']}"
    if net["family"] == "densenet":
        return "depth_bc" if net.get("bottleneck") else "depth_dense"
    return "depth_wide" if net["family"] == "wide" else "depth_bottleneck" if net.get("bottleneck") else "depth"


def _by_form(key: str) -> Callable[[Fields], str]:
    return lambda net: f"{key}_imagenet" if net.get("form") == "imagenet" else key


def _bottleneck_key(net: Fields) -> str:
    return "bottleneck" if net["family"] == "densenet" else "block_bottleneck"


def _shortcut_key(net: Fields) -> str:
    return "shortcut" if net["family"] == "resnet" and net.get("form") != "imagenet" else "projection"


def _order_key(net: Fields) -> str:
    return "wide_order" if net["family"] == "wide" else "order"


def _depths() -> str:
    """Every rule of the CIFAR form, in words."""
    rules = {family.label: family.rule.formula for family in FAMILIES.values()}
    bottlenecks = {family.label: family.bottleneck_rule for family in FAMILIES.values()}
    return "; ".join(
        f"{label} {rule}" + (f", with bottleneck {within.formula}" if (within := bottlenecks[label]) else "")
        for label, rule in rules.items()
    )


def _datasets() -> str:
    """What a folder may hold, and how one of several in it is named."""
    names = [kind.label if name == USUAL else f"{kind.label} (DIR{MARK}{name})" for name, kind in DATASETS.items()]
    return " or ".join(names)


def _net(name: str, label: str, type: Type, help: str = "", named: bool = True, **more: Any) -> Field:
    return Field("net", name, label, type, help, named=named, **more)


def _train(name: str, label: str, type: Type, help: str = "", **more: Any) -> Field:
    return Field("train", name, label, type, help, **more)


# In the order in which differences are said and preferred.
FIELDS: tuple[Field, ...] = (
    _net(
        *("family", "Family"),
        Choice({name: family.label for name, family in FAMILIES.items()}, big=True),
        "ResNets add a block's input to its output, wide ones with more channels; DenseNets append it. "
        "A plain net, skips off, does neither.",
        key="family",
    ),
    _net(
        *("depth", "Depth"),
        Whole(1, 100_000),
        "Weighted layers, as the papers count them.",
        typed=f"Weighted layers: {_depths()}",
        key=_depth_key,
    ),
    _net(
        *("skip", "Skip connections"),
        Switch("with skips", "without skips"),
        "Off: the same layers, but each reads only the one before it. ResNet-20 becomes plain-20.",
        key="skip",
        called="skips",
    ),
    _net(
        *("norm", "Kind of norm"),
        Choice({name: norm.label for name, norm in NORMS.items()}),
        "Which norm the big switch turns on. Only batch norm looks at the rest of the minibatch.",
        key="norm",
        called="norm",
        words=lambda norm: NORMS[norm].words,
    ),
    _net(
        *("width", "Width"),
        Whole(1, 1024),
        "Channels of the first stage; He 2015 uses 16, and 64 in the ImageNet form.",
        key=_by_form("width"),
    ),
    _net(
        *("stem", "Stem"),
        Choice({name: stem.label for name, stem in STEMS.items()}),
        "The first convolution. 7×7 with stride 2 and pooling is for pictures of 224×224; 3×3 keeps the map of a "
        "32×32 picture, as in most code that trains a ResNet-18 on CIFAR-10.",
        key="stem",
        words=lambda stem: f"{stem} stem".replace("x", "×"),
        only=lambda net: net.get("form") == "imagenet",
    ),
    _net(
        *("width_multiplier", "Width multiplier k"),
        Whole(1, 64),
        "Wide ResNet: times as many channels as a ResNet has in each stage.",
        key="multiplier",
        called="width multiplier",
        only=lambda net: net["family"] == "wide",
    ),
    _net(
        *("growth_rate", "Growth rate k"),
        Whole(1, 512, slider=(4, 48, 4)),
        "Channels that each layer of a DenseNet adds to what all later layers of its block read.",
        key=_by_form("growth"),
        called="growth rate",
    ),
    _net(
        *("bottleneck", "Bottleneck"),
        Switch("bottleneck", "no bottleneck"),
        "1×1, 3×3, 1×1 to four times the channels; in DenseNet-B a 1×1 to 4k channels before each 3×3, which makes "
        "wide inputs cheap.",
        key=_bottleneck_key,
        only=lambda net: net.get("form") != "imagenet",
    ),
    _net(
        *("compression", "Compression θ"),
        Share(0.1, 0.1),
        "Share of the channels that a DenseNet's transition keeps; below 1 it is DenseNet-C.",
        named=False,
        key="compression",
        called="compression",
    ),
    _net(
        *("init", "Initial weights"),
        Choice(INITS),
        "He: normal, by fan-out, made for ReLU. Zero-γ: each block starts as its shortcut, γ = 0.1: nearly. "
        "Fixup: for residual nets without norm.",
        key="init",
        called="init",
        words=lambda init: f"init {init}",
    ),
    _net(
        *("activation_order", "Activation order"),
        Choice({name: order.label for name, order in ORDERS.items()}),
        "Where norm and ReLU sit in a block (He 2016, figure 4).",
        key=_order_key,
        words=lambda order: f"order {order}",
    ),
    _net(
        *("shortcut", "Shortcut"),
        Choice(SHORTCUTS),
        "Where the shape changes: A pads with zeros and has no parameters, B is a 1×1 convolution. "
        "C is a 1×1 convolution on every block (He 2015, section 4.1).",
        key=_shortcut_key,
    ),
    _net(
        *("shortcut_scale", "Shortcut ×"),
        Scale((1.0, 0.5, 0.1)),
        "Constant factor on each shortcut (He 2016, section 3.1).",
        key="shortcut_scale",
        called="shortcut scale",
        words=lambda scale: f"shortcut ×{scale:g}",
    ),
    _net(
        *("branch_scale", "Branch ×"),
        Scale((1.0, 0.5, 0.1, "1/L"), "1/L"),
        "Constant factor on each branch; 1/L: one over the number of blocks.",
        key="branch_scale",
        called="branch scale",
        words=lambda scale: f"branch ×{scale}",
    ),
    _net(
        *("stride_on", "Stride on"),
        Choice(STRIDES),
        "Which convolution of a bottleneck halves the map: 1×1 in the first version of the nets (v1), 3×3 in v1.5.",
        key="stride_on",
        called="stride",
        only=_has_bottlenecks,
    ),
    _net(
        *("groups", "Groups"),
        Whole(1, 1024),
        "ResNeXt: groups of a bottleneck's 3×3 convolution.",
        key="groups",
        only=_has_bottlenecks,
    ),
    _net(
        *("base_width", "Base width"),
        Whole(0, 1024, none=True),
        "ResNeXt: channels of a group in the first stage; 0: width ÷ groups.",
        key="base_width",
        only=_has_bottlenecks,
    ),
    _net(
        *("se_reduction", "SE reduction"),
        Whole(0, 1024),
        "Squeeze-and-excitation: channels over those of its hidden layer; 0 is off.",
        named=False,
        key="se",
        called="SE reduction",
    ),
    _net(*("dropout", "Dropout"), Number(), "Share dropped before a branch's second convolution.", key="dropout"),
    _net(
        *("survival_probability", "Survival"),
        Number(),
        "Stochastic depth: how often the last branch is kept; those before it more often.",
        key="survival",
    ),
    _net(
        *("form", "Form"),
        Choice({"cifar": "CIFAR", "imagenet": "ImageNet"}),
        "CIFAR: three stages, for pictures of 32×32. ImageNet: four, for 224×224 and 1000 classes; to look at. "
        "With a 3×3 stem a ResNet of four stages is for 32×32 as well and can be trained here.",
        key="form",
    ),
    _net(
        *("num_classes", "Classes"),
        Whole(2, 1000),
        "Classes that the net tells apart.",
        named=False,
        only=lambda net: False,
    ),
    _train(
        *("seed", "Seed"),
        Whole(0, 2**31 - 1),
        "Fixes initial weights, minibatches and augmentation: the same seed gives the same run.",
        key="seed",
        words=lambda seed: f"seed {seed}",
    ),
    _train(
        *("lr", "Learning rate"),
        Number(),
        "The largest step size of the schedule, such as 0.1, 0,05 or 1e-3. It can be changed while the run goes on.",
        typed="The largest step size of the schedule.",
        key="lr",
        called="lr",
    ),
    _train(
        *("batch_size", "Batch size"),
        Whole(1, 50_000),
        "Pictures of a minibatch: each step of the training sees one.",
        key="batch",
        words=lambda size: f"batch {size}",
    ),
    _train(
        *("data", "Pictures"),
        Text("sample|DIR"),
        "The bundled sample, or a folder that holds a data set.",
        typed=f"The bundled sample, or a folder that holds {_datasets()}.",
        called="data",
        words=lambda data: f"data {PurePath(data).name or data}",
    ),
    _train(
        *("drop_last", "Keep the last, smaller minibatch"),
        Switch("last minibatch left out", "last minibatch kept", asks_for_no=True),
        "On: what fills no whole minibatch is a last, smaller one, as in the BN study. Off: it is left out, "
        "other pictures in each epoch.",
        typed="Leave out what fills no whole minibatch, or make a last, smaller one of it.",
        key="keep_last",
        called="last minibatch",
    ),
    _train(
        *("epochs", "Epochs"),
        Whole(1, 10_000),
        "Passes over the training pictures; how many of them one sees is said below.",
        typed="Passes over the training pictures.",
        key="epochs",
        words=lambda epochs: f"{epochs:,} {'epoch' if epochs == 1 else 'epochs'}",
    ),
    _train(
        *("precision", "Precision"),
        Choice(PRECISIONS),
        "bf16 is used where the hardware has instructions for it.",
        key="precision",
        words=lambda precision: f"precision {precision}" if precision == "auto" else precision,
    ),
    _train(
        *("schedule", "Schedule"),
        Choice(SCHEDULES),
        "How the learning rate changes over the run. Step: a tenth at 50 % and again at 75 %, as in He 2015.",
        key="schedule",
        words=lambda schedule: f"{schedule} rate",
    ),
    _train(
        *("schedule_by", "Schedule moves"),
        Choice(SCHEDULE_BY),
        "Every epoch: the rate stays what it is at the epoch's first step, as in much published code. "
        "A warm-up grows at every step all the same.",
        key="schedule_by",
        called="schedule by",
        words=lambda unit: f"rate by {unit}",
    ),
    _train(
        *("warmup_epochs", "Warm-up epochs"),
        Number(),
        "Epochs in which the rate grows from 0, in a straight line.",
        key="warmup",
        called="warm-up",
    ),
    _train(
        *("optimizer", "Optimiser"),
        Choice(OPTIMIZERS),
        "What makes steps of gradients: SGD with momentum, as in the papers, or AdamW.",
        key="optimizer",
        called="optimizer",
        words=lambda optimizer: OPTIMIZERS[optimizer],
    ),
    _train(*("momentum", "Momentum"), Number(), "Share of the last step that SGD keeps.", key="momentum"),
    _train(
        *("weight_decay", "Weight decay"),
        Number(),
        "Pulls weights toward 0, by this share of them times the rate at each step.",
        key="weight_decay",
        words=lambda decay: f"decay {decay:g}",
    ),
    _train(
        *("decay", "Decay applies to"),
        Choice(DECAYS),
        "Weights only spares biases, norms and Fixup's scalars.",
        key="decay",
        called="what decays",
        words=lambda what: f"decay on {what}",
    ),
    _train(
        *("grad_clip", "Clip gradient"),
        Number(),
        "Largest norm of the whole gradient; what is longer is shortened to it. 0 is off.",
        key="clip",
        called="clipping",
        words=lambda norm: f"clip {norm:g}" if norm else "no clipping",
    ),
    _train(
        *("augment", "Flip and crop pictures"),
        Switch("augmented", "not augmented"),
        "Random flip; pad by 4, random crop.",
        key="augment",
        called="augmentation",
    ),
    _train(
        *("device", "Device"),
        Text(),
        "auto: the first GPU that starts and has room, else the CPU.",
        key="device",
        words=lambda device: f"device {device}",
    ),
    _train(
        *("threads", "Threads"),
        Scale((), "auto"),
        "CPU cores at work on a run. Automatic: as many as are fast now, fewer while other programs keep cores busy. "
        "Only a fixed number gives the same run again, bit for bit.",
        typed="auto: as many as are fast now; a fixed number gives the same run again, bit for bit.",
        key="threads",
        matters=False,
    ),
    Field("probes", "enabled", "Watching", Switch("watched", "not watched"), matters=False),
    Field(
        *("probes", "images", "Probe images", Whole(2, 512)),
        matters=False,
        words=lambda images: f"{images} probe images",
    ),
    Field(
        *("probes", "budget", "Probe budget", Share(0.01, 0.01)),
        matters=False,
        words=lambda budget: f"probe budget {percent(budget, 0)}",
    ),
)


def fields_of(part: str) -> dict[str, Field]:
    """The fields of a spec, by name."""
    return {field.name: field for field in FIELDS if field.part == part}


def keys_of(fields: Iterable[Field]) -> frozenset[str]:
    """Every key that these fields can have in an address."""
    return frozenset(field.key_in(net) for field in fields for net in _kinds() if field.key)


def _kinds() -> Iterator[Fields]:
    """Each family, in each form and with each kind of block that it has."""
    for name, family in FAMILIES.items():
        yield {"family": name}
        if family.bottleneck_rule:
            yield {"family": name, "bottleneck": True}
        if family.stages:
            yield {"family": name, "form": "imagenet"}


NET, TRAIN = fields_of("net"), fields_of("train")
