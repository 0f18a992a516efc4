"""What happens inside a unit, in order: its rows of arith with the activations between them, and the formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.arith import Row
from core.spec import NetSpec

NORMS = {"batch": "BN", "group": "GN", "layer": "LN"}
Token = tuple[str, str]  # text, and the operation that it names or ""
Ops = tuple["Op", ...]


@dataclass(frozen=True, slots=True)
class Op:
    """One operation; named as the module in core.nets where it is one."""

    name: str  # conv1, norm1, relu1, shortcut.conv
    kind: str  # a row's kind, or relu, pool
    text: str  # for its box; a line break between what it is and which channels it joins
    row: int | None = None  # index among the unit's rows
    channels: int | None = None  # of its output, where it is a row


def of_unit(spec: NetSpec, kind: str, unit: str, rows: Sequence[Row]) -> tuple[Ops, Ops, Ops]:
    """Operations of the branch, on the shortcut, and behind the addition."""
    branch: list[Op] = []
    side: list[Op] = []
    for index, row in enumerate(rows):
        name = row.name.removeprefix(f"{unit}.")
        (side if name.startswith("shortcut.") else branch).append(
            Op(name, row.kind, _text(spec, row), index, row.shape[0])
        )
    after: tuple[Op, ...] = ()
    if kind == "block":
        branch = _with_relu(branch, after="norm1" if _has(branch, "norm1") else "conv1", name="relu1")
        after = (Op("relu", "relu", "ReLU"),)
    elif kind == "layer":
        for number in ("", "1", "2"):
            branch = _with_relu(branch, before=f"conv{number}", name=f"relu{number}")
    elif kind == "transition":
        branch = [
            *_with_relu(branch, before=unit, name="relu"),
            Op("pool", "pool", "2×2\naverage"),
        ]
    elif kind == "stem":
        branch += [] if spec.family == "densenet" else [Op("relu", "relu", "ReLU")]
    else:
        branch = _head(spec, branch)
    return tuple(branch), tuple(side), after


def _head(spec: NetSpec, ops: list[Op]) -> list[Op]:
    relu = [Op("relu", "relu", "ReLU")] if spec.family == "densenet" else []
    norms = [op for op in ops if op.name == "norm"]
    rest = [op for op in ops if op.name != "norm"]
    return [*norms, *relu, Op("mean", "pool", "global\naverage"), *rest]


def _has(ops: Sequence[Op], name: str) -> bool:
    return any(op.name == name for op in ops)


def _with_relu(ops: Sequence[Op], name: str, before: str = "", after: str = "") -> list[Op]:
    relu = Op(name, "relu", "ReLU")
    found: list[Op] = []
    for op in ops:
        found += [relu, op] if op.name == before else [op, relu] if op.name == after else [op]
    return found


def _text(spec: NetSpec, row: Row) -> str:
    if row.kind in ("conv", "projection"):
        kernel, _, read, made = (int(factor) for factor in row.formula.split(" ")[0].split("·"))
        return f"{kernel}×{kernel} conv\n{read} → {made}"
    if row.kind == "linear":
        return f"linear\n{row.formula.split('·')[0]} → {row.shape[0]}"
    if row.kind == "norm":
        return NORMS[spec.norm]
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
            lines.append([("shortcut(x) = ", "shortcut"), *_shortcut(shortcut, side)])
        return lines
    inner = _nested(branch, [("x", "")])
    if shortcut == "concatenation":
        return [[("y = concat[x, ", ""), ("layer(x)", "branch"), ("]", "")], [("layer(x) = ", "branch"), *inner]]
    return [[("y = ", ""), *inner]]


def _nested(ops: Sequence[Op], inner: list[Token]) -> list[Token]:
    """The last operation is outermost."""
    for op in ops:
        name = op.name if op.kind != "relu" else "relu"
        inner = [(name.removeprefix("shortcut."), op.name), ("(", ""), *inner, (")", "")]
    return inner


def _shortcut(kind: str, side: Sequence[Op]) -> list[Token]:
    if kind == "projection":
        return _nested(side, [("x", "")])
    return [("x", "shortcut")] if kind == "identity" else [("pad(x[:, :, ::2, ::2])", "shortcut")]
