"""What happens inside a unit, in order: its rows of arith with the activations between them, and the formula.

What stands in which unit of which family is in :mod:`core.figures.drawings`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.arith import Row
from core.spec import NetSpec
from core.vocabulary.choices import NORMS
from core.vocabulary.orders import ORDERS

Token = tuple[str, str]  # text, and the operation that it names or ""
Ops = tuple["Op", ...]
Parts = tuple[Ops, Ops, Ops]  # of the branch, on the shortcut, and behind the addition


@dataclass(frozen=True, slots=True)
class Op:
    """One operation; named as the module in core.nets where it is one."""

    name: str  # conv1, norm1, relu1, shortcut.conv
    kind: str  # a row's kind, or relu, pool
    text: str  # for its box; a line break between what it is and which channels it joins
    row: int | None = None  # index among the unit's rows
    channels: int | None = None  # of its output, where it is a row


def of_rows(spec: NetSpec, unit: str, rows: Sequence[Row], size: int) -> list[Op]:
    """What has parameters in a unit; ``size``: pixels a side of what it reads."""
    ops: list[Op] = []
    before = size
    for index, row in enumerate(rows):
        name = row.name.removeprefix(f"{unit}.")
        halves = len(row.shape) == 3 and row.shape[1] < (size if row.kind == "projection" else before)
        before = row.shape[1] if len(row.shape) == 3 else before
        ops.append(Op(name, row.kind, _text(spec, row, halves), index, row.shape[0]))
    return ops


def block(spec: NetSpec, unit: str, ops: list[Op]) -> Parts:
    """A residual block, or one without its shortcut."""
    side = tuple(op for op in ops if op.name.startswith("shortcut."))
    ops = [op for op in ops if op not in side]
    order = ORDERS[spec.activation_order]
    convs = [op.name for op in ops if op.kind == "conv"]
    last = convs[-1].removeprefix("conv")
    after: list[Op] = []
    if "norm" in order.after:
        after = [op for op in ops if op.name == f"norm{last}"]
        ops = [op for op in ops if op not in after]
    for conv in convs:
        number = conv.removeprefix("conv")
        relu = Op(f"relu{number}", "relu", "ReLU")
        if "relu" in order.before:
            ops = with_op(ops, relu, before=f"bias{number}" if _has(ops, f"bias{number}") else conv)
        elif number != last or "relu" in order.end:
            ops = with_op(ops, relu, after=f"norm{number}" if _has(ops, f"norm{number}") else conv)
    if "relu" in order.after:
        after.append(Op(f"relu{last}", "relu", "ReLU"))
    if spec.dropout:
        ops = with_op(
            ops,
            Op("dropout", "random", f"dropout\n{spec.dropout:g}"),
            before="bias2" if _has(ops, "bias2") else "conv2",
        )
    if spec.skip and spec.survival_probability < 1:
        ops.append(Op("survival", "random", "at random\nleft out"))
    if spec.skip and spec.branch_factor != 1:
        ops.append(Op("factor", "factor", f"× {spec.branch_scale}"))
    if spec.skip and spec.shortcut_scale != 1:
        side = (*side, Op("shortcut.factor", "factor", f"× {spec.shortcut_scale:g}"))
    return tuple(ops), side, tuple(after)


def shared(spec: NetSpec, branch: Sequence[Op], shortcut: str) -> int:
    """Operations at the start of a branch that a projection reads as well (He 2016, appendix)."""
    if shortcut != "projection" or "relu" not in ORDERS[spec.activation_order].before:
        return 0
    return next(index for index, op in enumerate(branch) if op.kind in ("conv", "bias", "random"))


def _has(ops: Sequence[Op], name: str) -> bool:
    return any(op.name == name for op in ops)


def with_op(ops: Sequence[Op], new: Op, before: str = "", after: str = "") -> list[Op]:
    """The operations and a new one, before or after the one of that name; without it, as they are."""
    found: list[Op] = []
    for op in ops:
        found += [new, op] if op.name == before else [op, new] if op.name == after else [op]
    return found


def _text(spec: NetSpec, row: Row, halves: bool) -> str:
    if row.kind in ("conv", "projection"):
        kernel, _, read, made = (int(factor) for factor in row.formula.split(" ")[0].split("·"))
        groups = spec.groups if row.name.endswith(".conv2") and spec.bottleneck else 1
        more = (f" in {groups}" if groups > 1 else "") + (", /2" if halves else "")
        return f"{kernel}×{kernel} conv{more}\n{read * groups} → {made}"
    if row.kind in ("linear", "gate"):
        what = "linear" if row.kind == "linear" else "SE gate"
        return f"{what}\n{row.formula.split('·')[0]} → {row.shape[0]}"
    if row.kind == "norm":
        return NORMS[spec.norm].short
    return {"bias": "+ b", "scale": "× s + b"}[row.kind]


def formula(
    spec: NetSpec, kind: str, shortcut: str, branch: Sequence[Op], side: Sequence[Op], after: Sequence[Op]
) -> list[list[Token]]:
    """Lines of tokens: ``y = relu(shortcut(x) + branch(x))``, then what branch and shortcut are."""
    if kind == "block":
        joined: list[Token] = [("branch(x)", "branch")]
        if shortcut != "none":
            joined = [("shortcut(x)", "shortcut"), (" + ", ""), *joined]
        lines = [[("y = ", ""), *_nested(after, joined)], [("branch(x) = ", "branch"), *_nested(branch, [("x", "")])]]
        if shortcut != "none":
            first = branch[: shared(spec, branch, shortcut)]
            lines.append(
                [
                    ("shortcut(x) = ", "shortcut"),
                    *_shortcut(shortcut, [*first, *side], halves(branch)),
                ]
            )
        return lines
    inner = _nested(branch, [("x", "")])
    if shortcut == "concatenation":
        return [[("y = concat[x, ", ""), ("layer(x)", "branch"), ("]", "")], [("layer(x) = ", "branch"), *inner]]
    return [[("y = ", ""), *inner]]


def halves(branch: Sequence[Op]) -> bool:
    """Whether a branch makes the map half as wide and high."""
    return any("/2" in op.text for op in branch)


def _nested(ops: Sequence[Op], inner: list[Token]) -> list[Token]:
    """The last operation is outermost; the two layers of a gate are one."""
    for op in ops:
        name = "relu" if op.kind == "relu" else op.name.removeprefix("shortcut.")
        if op.kind == "factor":
            inner = [(op.text.removeprefix("× ") + "·", op.name), *inner]
        elif name != "se.fc1":
            inner = [(name.partition(".")[0], op.name), ("(", ""), *inner, (")", "")]
    return inner


def _shortcut(kind: str, ops: Sequence[Op], halves: bool) -> list[Token]:
    padded = "pad(x[:, :, ::2, ::2])" if halves else "pad(x)"
    return _nested(ops, [(padded if kind == "padding" else "x", "shortcut")])
