"""What becomes of a gradient on its way to the first layer: judged over the whole depth, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from core.vocabulary.numbers import number

# A gradient vanishes or grows where more than this factor, over the whole depth, sets it off from what stages and
# padding alone leave of it. Less may be the draw of the weights: in plain nets of depth 110 with He's rule the
# logarithm of the whole-depth factor scatters by 0.74 from draw to draw (measured, 5 seeds), and ln 10 is three times
# that.
FAR = 10


def per_layer(gradients: np.ndarray) -> tuple[float, float]:
    """Total and per-layer factor on the gradient at the responses on its way from the last hidden layer to the first.

    NaN where the last one is 0, or one of them no number.
    """
    inner = np.asarray(gradients, np.float64)[:-1]  # all but the classifier
    if len(inner) < 2 or not (inner[-1] > 0 and np.isfinite(inner[[0, -1]]).all()):
        return math.nan, math.nan
    if inner[0] == 0:
        return 0.0, 0.0
    log = math.log(inner[0]) - math.log(inner[-1])  # the ratio itself may leave the range of floats
    with np.errstate(over="ignore"):
        return float(np.exp(log)), float(np.exp(log / (len(inner) - 1)))


def vanishes(gradients: np.ndarray, kept: float = 1.0) -> bool:
    """Whether the first layer hears nothing: exactly, or less than a tenth of what stages and padding leave it."""
    total, _ = per_layer(gradients)
    return bool(gradients[0] == 0 or FAR * total < kept)


def way(gradients: np.ndarray, kept: float = 1.0) -> str:
    """What becomes of a gradient on its way from the last hidden layer to the first, in words."""
    total, factor = per_layer(gradients)
    if gradients[0] == 0:
        return "does not arrive"
    if not np.isfinite(gradients[0]):
        return "is no number"
    if math.isnan(total):
        return "arrives, though the last hidden layer has none"
    if vanishes(gradients, kept):
        return f"vanishes, ×{factor:.2f} a layer"
    return f"grows ×{factor:.2f} a layer" if total > FAR * kept else "arrives"


def sweep_words(depths: Sequence[int], totals: Sequence[float], kept: float = 1.0) -> str:
    """What becomes of the gradient at the largest depth, and the factor a layer that fits all depths."""
    total, depth = totals[-1], depths[-1]
    if not (total > 0 and math.isfinite(total)):
        return f"does not arrive at depth {depth}"
    in_all = f"×{number(total)} in all at depth {depth}"
    good = [(depth, total) for depth, total in zip(depths, totals, strict=True) if total > 0 and math.isfinite(total)]
    if len(good) < 2 or kept / FAR <= total <= FAR * kept:
        return f"arrives ({in_all})"
    slope = np.polyfit([depth for depth, _ in good], [math.log(total) for _, total in good], 1)[0]
    return f"{'vanishes,' if total < kept else 'grows'} ×{math.exp(slope):.2f} a layer ({in_all})"


NUMBERS = ("no", "one", "two", "three")
VERBS = {
    "vanishes": "vanish",
    "does not arrive": "do not arrive",
    "is no number": "are no numbers",
    "grows": "grow",
    "arrives": "arrive",
}


def counted(ways: Sequence[str], noun: str = "gradient") -> str:
    """How many of at most three gradients come to what: "one gradient vanishes, two arrive"; what :func:`way` says."""
    kinds = [next(verb for verb in VERBS if words.startswith(verb)) for words in ways]
    parts: list[str] = []
    for verb, plural in VERBS.items():
        count = kinds.count(verb)
        if count:
            name = f" {noun}{'s' * (count > 1)}" if not parts else ""
            parts.append(f"{NUMBERS[count]}{name} {verb if count == 1 else plural}")
    if len(parts) == 1 and len(ways) > 1:
        return f"{'both' if len(ways) == 2 else 'all'} {parts[0].removeprefix('two ')}"
    return ", ".join(parts)
