"""From map to number: what becomes of the sum of a convolution's products, step by step, with the numbers in place."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.record.answers import Operation, Products

MINUS = "\u2212"
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
NAMED = 5  # input maps whose sums stand in the formula; those of all others are one number


@dataclass(frozen=True)
class Step:
    """One operation on the number."""

    title: str  # in plain words
    formula: str  # with the numbers in place, without the result
    here: float  # computed again from the numbers shown, in float64
    net: float  # what the net itself computed, in float32


def chain(answer: Products) -> list[Step]:
    """The steps of an answer of core.inspect.products: first the sum, then each step in the net's order."""
    here = float(np.asarray(answer["products"], np.float64).sum()) + answer["bias"]
    count = answer["products"].size
    title = f"Add up the {count:,} products" if count > 1 else "The only product"
    terms = _strongest(answer["from_channels"])
    if len(answer["from_channels"]) > NAMED:
        title = f"{title}: the {NAMED} strongest maps, then all others together"
    if answer["bias"]:
        title = f"{title}; at the end the map's bias"
        terms.append(bracketed(answer["bias"]))
    formula = " + ".join(terms)
    steps = [Step(title, formula, here, answer["conv"])]
    for step in answer["steps"]:
        title, formula, here = OPERATIONS[step["kind"]](here, step)
        steps.append(Step(title, formula, here, step["value"]))
    return steps


def _strongest(sums: np.ndarray) -> list[str]:
    """The largest of the sums (C,) of each input channel, and how many more there are."""
    order = np.argsort(-np.abs(sums), kind="stable")
    terms = [bracketed(float(sums[channel])) for channel in order[:NAMED]]
    rest = float(sums[order[NAMED:]].sum(dtype=np.float64))
    return [said(float(sums[order[0]])), *terms[1:], *([bracketed(rest)] if len(sums) > NAMED else [])]


def said(value: float) -> str:
    """Four digits that count, with a true minus sign; a power of ten where zeros would have to be counted."""
    if value == 0 or abs(value) >= 1e-3:
        return f"{value:.4g}".replace("-", MINUS)
    digits, exponent = f"{value:.2e}".split("e")
    return f"{float(digits):.3g}·10{str(int(exponent)).translate(SUPERSCRIPT)}".replace("-", MINUS)


def bracketed(value: float) -> str:
    """The same behind an operator."""
    return f"({said(value)})" if value < 0 else said(value)


Said = tuple[str, str, float]


def _norm(value: float, step: Operation) -> Said:
    mean, variance, eps = step["mean"], step["variance"], step["eps"]
    weight, shift = step["weight"], step["shift"]
    title = "Normalise: subtract the mean, divide by the spread, then scale by γ and shift by β"
    spread = f"√({said(variance)} + {said(eps)})"
    formula = f"({said(value)} {MINUS} {bracketed(mean)}) / {spread} · {bracketed(weight)} + {bracketed(shift)}"
    return title, formula, (value - mean) / math.sqrt(variance + eps) * weight + shift


def _relu(value: float, step: Operation) -> Said:
    return "ReLU: negative numbers become 0", f"max(0, {said(value)})", max(0.0, value)


def _bias(value: float, step: Operation) -> Said:
    shift = step["shift"]
    return "Add Fixup's bias", f"{said(value)} + {bracketed(shift)}", value + shift


def _scale(value: float, step: Operation) -> Said:
    weight, shift = step["weight"], step["shift"]
    formula = f"{said(value)} · {bracketed(weight)} + {bracketed(shift)}"
    return "Scale by Fixup's multiplier and add its bias", formula, value * weight + shift


def _times(title: str) -> Callable[[float, Operation], Said]:
    return lambda value, step: (title, f"{said(value)} · {bracketed(step['factor'])}", value * step["factor"])


def _add(value: float, step: Operation) -> Said:
    shortcut = step["shortcut"]
    return "Add what the shortcut carries to this place", f"{said(value)} + {bracketed(shortcut)}", value + shortcut


OPERATIONS: dict[str, Callable[[float, Operation], Said]] = {
    "norm": _norm,
    "relu": _relu,
    "bias": _bias,
    "scale": _scale,
    "gate": _times("Times the gate of squeeze-and-excitation, one number for the whole map"),
    "factor": _times("Times a constant factor"),
    "add": _add,
}
