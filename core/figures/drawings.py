"""How the nets of each family are drawn: what is in their units besides their rows, and what is said about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.arith import Description
from core.figures.operations import Op, Parts, block, with_op
from core.spec import NetSpec
from core.vocabulary.numbers import percent

Made = Callable[[NetSpec, str, list[Op]], Parts]  # of a unit's name, and of its operations that are rows
NAMES = {"identity": "identity", "padding": "zero padding (A)", "projection": "1×1 projection"}
RELU, POOL2 = Op("relu", "relu", "ReLU"), Op("pool", "pool", "2×2\naverage")


@dataclass(frozen=True)
class Drawing:
    """One family."""

    units: Mapping[str, Made]  # by kind
    code: Mapping[str, tuple[str, ...]]  # by kind of unit: the definitions that make it up, most telling first
    finding: Callable[[NetSpec, Sequence[Sequence[str]]], str]  # of the shortcuts of each stage's units
    growth: Callable[[Description], str]  # what becomes of the channels along the net


def _residual_stem(spec: NetSpec, unit: str, ops: list[Op]) -> Parts:
    relu = [] if "relu" in spec.order.before else [RELU]
    return (*ops, *relu, *_stem_pool(spec)), (), ()


def _dense_stem(spec: NetSpec, unit: str, ops: list[Op]) -> Parts:
    relu = [Op("stem_relu", "relu", "ReLU")] if spec.form == "imagenet" else []
    return (*ops, *relu, *_stem_pool(spec)), (), ()


def _stem_pool(spec: NetSpec) -> list[Op]:
    return [Op("pool", "pool", "3×3\nmaximum, /2")] if spec.stem == "7x7" else []


def _dense_layer(spec: NetSpec, unit: str, ops: list[Op]) -> Parts:
    for number in ("", "1", "2"):
        ops = with_op(ops, Op(f"relu{number}", "relu", "ReLU"), before=f"conv{number}")
    return tuple(ops), (), ()


def _transition(spec: NetSpec, unit: str, ops: list[Op]) -> Parts:
    return (*with_op(ops, RELU, before=unit), POOL2), (), ()


def _pooled_head(spec: NetSpec, unit: str, ops: list[Op]) -> Parts:
    norms = [op for op in ops if op.name == "norm"]
    rest = [op for op in ops if op.name != "norm"]
    relu = [RELU] if "relu" in spec.order.before else []
    return (*norms, *relu, Op("mean", "pool", "global\naverage"), *rest), (), ()


def _vgg_layer(spec: NetSpec, unit: str, ops: list[Op]) -> Parts:
    stage, _, layer = unit.partition(".")
    layers = spec.stages[int(stage.removeprefix("stage")) - 1]
    pool = [Op("pool", "pool", "2×2\nmaximum, /2")] if layer == f"layer{layers}" else []
    return (*ops, RELU, *pool), (), ()


def _vgg_head(spec: NetSpec, unit: str, ops: list[Op]) -> Parts:
    *hidden, last = ops
    found = []
    for number, op in enumerate(hidden, 1):
        dropout = Op(f"dropout{number}", "random", f"dropout\n{spec.dropout:g}")
        found += [op, Op(f"relu{number}", "relu", "ReLU"), dropout]
    return (*found, last), (), ()


def _of_residual(spec: NetSpec, stages: Sequence[Sequence[str]]) -> str:
    blocks = sum(map(len, stages))
    if not spec.skip:
        return f"{blocks} blocks in a row without a way around them"
    kinds = Counter(shortcut for stage in stages for shortcut in stage)
    ways = ", ".join(f"{NAMES[kind]} on {count}" for kind, count in kinds.most_common())
    return f"{blocks} blocks, each with a shortcut around it: {ways}"


def _of_dense(spec: NetSpec, stages: Sequence[Sequence[str]]) -> str:
    counts = [len(stage) for stage in stages]
    if not spec.skip:
        return f"{sum(counts)} layers that each read only the one before"
    links = sum(count * (count + 1) // 2 for count in counts)
    return f"{sum(counts)} layers in {len(counts)} blocks, joined by {links:,} dense connections"


def _of_vgg(spec: NetSpec, stages: Sequence[Sequence[str]]) -> str:
    linear = "three linear layers" if spec.form == "imagenet" else "one linear layer"
    return f"{sum(map(len, stages))} convolutions in {len(stages)} stages, each ending in maxima; then {linear}"


def _residual_growth(found: Description) -> str:
    adds = "Addition does" if found.spec.skip else "Plain layers do"
    return f"{adds} not widen a map: {_chain(found)} channels, stage by stage"


def _dense_growth(found: Description) -> str:
    k, compression = found.spec.growth_rate, found.spec.compression
    if not found.spec.skip:
        return f"Without concatenation no layer hands on more than {k} channels: {_chain(found)}"
    keep = f"transitions keep {percent(compression, 0)}" if compression < 1 else "transitions keep all"
    return f"Each layer appends {k} channels, {keep}: {_chain(found)}"


def _vgg_growth(found: Description) -> str:
    return f"Each stage doubles the channels, but for the last: {_chain(found)}"


def _chain(found: Description) -> str:
    return " → ".join(map(str, found.channels))


_RESIDUAL = Drawing(
    units={"stem": _residual_stem, "block": block, "head": _pooled_head},
    code={
        "stem": (
            *("nets/resnet.ResNet.forward", "nets/resnet.ResNet.__init__"),
            *("nets/parts.stem_conv", "nets/parts.stem_pool"),
        ),
        "block": (
            *("nets/residual.ResidualBlock.__init__", "nets/residual.ResidualBlock.forward", "nets/residual.branch"),
            *("nets/residual.convolutions", "nets/residual.shortcut", "nets/residual.norms_and_relus"),
            *("vocabulary/orders.ORDERS", "nets/parts.conv", "nets/parts.norm", "nets/parts.PadShortcut"),
            "nets/parts.SqueezeExcite",
        ),
        "head": ("nets/resnet.ResNet.forward", "nets/resnet.ResNet.__init__"),
    },
    finding=_of_residual,
    growth=_residual_growth,
)
DRAWINGS: dict[str, Drawing] = {
    "resnet": _RESIDUAL,
    "wide": _RESIDUAL,
    "densenet": Drawing(
        units={"stem": _dense_stem, "layer": _dense_layer, "transition": _transition, "head": _pooled_head},
        code={
            "stem": (*("nets/densenet.DenseNet.forward", "nets/densenet.DenseNet.__init__", "nets/parts.stem_conv"),),
            "layer": (
                *("nets/densenet.dense_layer", "nets/densenet.DenseBlock", "nets/densenet.dense_block"),
                "nets/parts.conv",
            ),
            "transition": ("nets/densenet.transition", "nets/densenet.DenseNet.forward"),
            "head": ("nets/densenet.DenseNet.forward", "nets/densenet.DenseNet.__init__"),
        },
        finding=_of_dense,
        growth=_dense_growth,
    ),
    "vgg": Drawing(
        units={"layer": _vgg_layer, "head": _vgg_head},
        code={
            "layer": ("nets/vgg.vgg_stage", "nets/vgg.widths", "nets/vgg.VGG", "nets/parts.norm"),
            "head": ("nets/vgg.vgg_head", "nets/vgg.VGG", "nets/random.Dropout"),
        },
        finding=_of_vgg,
        growth=_vgg_growth,
    ),
}
