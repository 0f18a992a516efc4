"""What becomes of a net's weights when it goes on as another net: counted from the two specs alone, and in words.

A second witness beside :mod:`core.nets.surgery`, which does it: the tests hold the two together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from core.arith import describe
from core.arith.rows import Row
from core.spec import NetSpec
from core.vocabulary.families import FAMILIES

Tensors = dict[tuple[str, str], int]  # numbers in each; by row, a norm by its place, and weight or bias
SEEN = 256  # training pictures over which norms that are new are given statistics


@dataclass(frozen=True)
class Surgery:
    """Tensors of weights of the net that goes on, by what they come from."""

    tensors: int
    kept: int
    folded: int  # made of a convolution and of the norm behind it
    gone: int  # of the net before: kept nowhere, though some of it may have been folded
    share: float  # of the numbers in the tensors, those that are kept or folded
    same: bool  # whether the net, evaluated, computes what the one before did
    said: tuple[str, ...]  # sentences

    @property
    def new(self) -> int:
        return self.tensors - self.kept - self.folded


@lru_cache(maxsize=64)
def surgery(was: NetSpec, now: NetSpec) -> Surgery:
    """What becomes of the weights of the net ``was`` in the net ``now``."""
    had, needed = _tensors(was), _tensors(now)
    folded = {tensor for tensor in needed if _is_folded(tensor, was, now)}
    kept = {tensor for tensor, size in needed.items() if had.get(tensor) == size} - folded
    numbers = sum(needed.values())
    made = Surgery(
        tensors=len(needed),
        kept=len(kept),
        folded=len(folded),
        gone=len(had.keys() - kept),
        share=sum(needed[tensor] for tensor in kept | folded) / numbers,
        same=_computes_the_same(was, now),
        said=(),
    )
    return Surgery(**(vars(made) | {"said": (_counted(made), *_explained(was, now), _effect(was, now, made.same))}))


def _tensors(net: NetSpec) -> Tensors:
    biased = net.family == "vgg" or (net.norm == "none" and net.init != "fixup")
    found: Tensors = {}
    norms = 0
    for row in describe(net).rows:
        name = row.name
        if row.kind == "norm" and not _of_projection(row):
            norms += 1
            name = f"norm {norms}"
        found |= {(name, part): size for part, size in _parts(row, biased).items()}
    return found


def _parts(row: Row, biased: bool) -> dict[str, int]:
    outputs = row.shape[0]
    match row.kind:
        case "conv" | "projection":
            return {"weight": row.params - outputs, "bias": outputs} if biased else {"weight": row.params}
        case "norm":
            return {"weight": outputs, "bias": outputs}
        case "bias":
            return {"bias": 1}
        case "scale":
            return {"weight": 1, "bias": 1}
        case _:
            return {"weight": row.params - outputs, "bias": outputs}


def _of_projection(row: Row) -> bool:
    return ".shortcut." in row.name


def _apart(net: NetSpec) -> int:
    """Norms, of those beside no projection, that read more than the one convolution before them."""
    if not (net.skip or net.se_reduction) or net.family == "vgg":
        return 0
    names = [row.name for row in describe(net.but(norm="batch", init="he")).rows if row.kind == "norm"]
    if net.family == "densenet":
        return sum(not name.endswith(".norm2") for name in names)
    if net.activation_order == "pre":
        return sum(name == "norm" or name.endswith(".norm1") for name in names)
    return sum(net.stages) if net.activation_order == "bn-after-add" else 0


def _is_folded(tensor: tuple[str, str], was: NetSpec, now: NetSpec) -> bool:
    """Whether batch norm that is switched off goes into this convolution."""
    if not (was.norm == "batch" and now.norm == "none"):
        return False
    return tensor in _folding(was) and tensor in _tensors(now)


@lru_cache(maxsize=64)
def _folding(net: NetSpec) -> frozenset[tuple[str, str]]:
    """Weights and biases of the convolutions that have a norm of their own behind them."""
    rows = describe(net).rows
    names = [row.name for row in rows if row.kind == "conv"]
    if _apart(net):
        bottleneck = net.bottleneck
        inner = r"\.conv1$" if net.family == "densenet" else r"\.conv[12]$" if bottleneck else r"\.conv1$"
        stem = net.family != "densenet" and net.activation_order != "pre"
        names = [name for name in names if re.search(inner, name) or (stem and name == "stem")]
        if net.family == "densenet" and not bottleneck:
            names = []
    normed = {row.name for row in rows if row.kind == "norm" and _of_projection(row)}
    names += [row.name for row in rows if row.kind == "projection" and row.name.replace("conv", "norm") in normed]
    return frozenset((name, part) for name in names for part in ("weight", "bias"))


def _projections(net: NetSpec) -> set[str]:
    return {row.name for row in describe(net).rows if row.kind == "projection"}


def _computes_the_same(was: NetSpec, now: NetSpec) -> bool:
    """Whether a change leaves alone what the evaluated net answers."""
    alike = ("skip", "shortcut_scale", "branch_scale", "survival_probability")
    if any(getattr(was, name) != getattr(now, name) for name in alike):
        return False
    if _order_of_blocks(was, now) != _order_of_blocks(now, was):
        return False
    had, needed = _projections(was), _projections(now)
    if had - needed or (needed - had and not _stands_for_a_shortcut(now)):
        return False
    if was.norm == now.norm:
        return True
    if was.norm == "batch" and now.norm == "none":
        return not _apart(was)
    if (
        was.norm == "none" and now.norm == "batch"
    ):  # a bias within squeeze-and-excitation has no norm that gives it back
        return not (now.se_reduction and now.activation_order in ("pre", "bn-after-add"))
    return False


def _order_of_blocks(net: NetSpec, other: NetSpec) -> tuple[tuple[str, ...], ...]:
    """What stands where in a block that becomes one of the other net's. Where no shortcut carries what a block reads,
    without skips or with a projection in each block, what stands before it might as well stand behind the last one."""
    normed = "none" not in (net.norm, other.norm)  # else the order changes while there are none

    def standing(kinds: Iterable[str]) -> tuple[str, ...]:
        return tuple(kind for kind in kinds if normed or kind != "norm")

    order = net.order
    before, after = standing(order.before), standing(order.after)
    between = standing((*order.behind, *order.before))
    end = (*standing(order.end), *["gate"] * (net.se_reduction > 0), *["addition"] * net.skip)
    projections = _projections(net)
    carried = net.skip and not (projections == _projections(other) and len(projections) == sum(net.stages))
    return (before, between, end, after) if carried else (between, (*end, *after, *before))


def _stands_for_a_shortcut(net: NetSpec) -> bool:
    """Whether a projection can do what a shortcut without weights does: it reads the same, its norm undoes itself."""
    return not net.order.before and net.norm in ("batch", "none")


def _counted(made: Surgery) -> str:
    of = f"Of {made.tensors:,} tensors of weights"
    if made.kept == made.tensors:
        gone = f"; {made.gone:,} of the net before {'goes' if made.gone == 1 else 'go'}" if made.gone else ""
        return f"All {made.tensors:,} tensors of weights are kept{gone}."
    told = [f"{made.kept:,} are kept"]
    told += [f"{made.folded:,} are made of a convolution and its norm"] if made.folded else []
    told += [f"{made.new:,} {'is' if made.new == 1 else 'are'} new"] if made.new else []
    return f"{of} {', '.join(told[:-1])}{' and ' if told[1:] else ''}{told[-1]}."


def _explained(was: NetSpec, now: NetSpec) -> list[str]:
    """How what is new begins, and where what is gone stays."""
    return [text for text in (_norms(was, now), _channels(was, now), _shortcuts(was, now), _order(was, now)) if text]


def _norms(was: NetSpec, now: NetSpec) -> str:
    if was.norm == now.norm:
        return ""
    if was.norm == "none" and now.norm == "batch":
        biases = "" if was.family == "vgg" else ", and gives back the bias that its convolution no longer has"
        return (
            f"Each new norm undoes itself: it begins with mean and variance of {SEEN} training pictures, "
            f"γ = √(variance + ε) and β = mean{biases}."
        )
    if was.norm == "batch" and now.norm == "none":
        apart = _apart(was)
        text = "Each norm right behind a convolution goes into its weights and bias."
        if not apart:
            return text
        have = "norms have no convolution of their own" if apart > 1 else "norm has no convolution of its own"
        return f"{text} {apart:,} {have}: left out, and what follows is no longer kept in range."
    if now.norm == "none":
        return "The norms are left out, and what they did with them: each picture had statistics of its own."
    if was.norm == "none":
        return "The norms are new and begin with γ = 1 and β = 0."
    running = f"; running mean and variance are those of {SEEN} training pictures" if now.norm == "batch" else ""
    return f"The norms keep γ and β, and take their statistics over other values{running}."


def _channels(was: NetSpec, now: NetSpec) -> str:
    if was.family != "densenet" or was.skip == now.skip:
        return ""
    return "Layers that read another number of channels are drawn as in a new net."


def _shortcuts(was: NetSpec, now: NetSpec) -> str:
    had, needed = _projections(was), _projections(now)
    new, gone = len(needed - had), len(had - needed)
    if gone:
        return f"{gone:,} {'projections are' if gone > 1 else 'projection is'} dropped, with what {_they(gone)} learnt."
    if not new:
        return ""
    named = f"{new:,} {'projections are' if new > 1 else 'projection is'} new ({_places(needed - had)})"
    if now.order.before:
        return f"{named} and drawn as in a new net: in this order {_they(new)} cannot be what the shortcut was."
    if not _stands_for_a_shortcut(now):
        return f"{named}: the convolution begins as the shortcut that was there, and its norm with γ = 1 and β = 0."
    norm = ", with a norm that undoes itself" if now.norm != "none" and "norm" in now.order.end else ""
    there = "that was there" if was.skip else "without weights"
    return f"{named} and {'begin' if new > 1 else 'begins'} as the shortcut {there}{norm}."


def _they(count: int) -> str:
    return "they" if count > 1 else "it"


def _places(names: set[str]) -> str:
    """ "stages 2 and 3", "each block"."""
    blocks = [name.partition(".shortcut")[0] for name in names]
    stages = sorted({int(name.removeprefix("stage").partition(".")[0]) for name in blocks})
    if any(not name.endswith(".block1") for name in blocks):
        return "blocks of every stage" if len(stages) > 1 else f"blocks of stage {stages[0]}"
    if len(stages) == 1:
        return f"stage {stages[0]}"
    return f"stages {', '.join(map(str, stages[:-1]))} and {stages[-1]}"


def _order(was: NetSpec, now: NetSpec) -> str:
    if was.activation_order == now.activation_order or FAMILIES[was.family].order:
        return ""
    return "Each norm stays between the two convolutions where it was."


def _effect(was: NetSpec, now: NetSpec, same: bool) -> str:
    if not same:
        lags = was.norm == now.norm == "batch"
        stale = "; evaluated, its norms lag behind for some 40 steps" if lags else ""
        return f"What the net computes changes at the cut{stale}."
    if was.norm != now.norm or _projections(now) - _projections(was):
        noise = " In training, norms see a minibatch: there it differs by that noise."
        return f"Evaluated, it computes what it did.{noise if 'batch' in (was.norm, now.norm) else ''}"
    return "It computes what it did."
