"""Words for where a decision comes from: what a heat and a receptive field show, computed from them."""

from __future__ import annotations

import numpy as np

from core.record.answers import Explanation, Field
from core.vocabulary.numbers import number, percent

ROWS, COLUMNS = ("top", "middle", "bottom"), ("left", "middle", "right")
COMPLETE = 0.02  # of the difference that the sum may be off and still count as complete


def words(found: Explanation, name: str) -> str:
    """What the heat that the worker found shows about the class of that name."""
    heat = found["heat"]
    if found["method"] == "occlusion":
        drop = float(heat.max())
        if drop <= 0:
            return f"No square that is covered makes {name} less likely."
        where = place(heat >= drop)
        return (
            f"Squares over the {where} cost most: {number(drop)} of {name}'s logit, {found['logit']:z.1f}, "
            "on average over those that cover it."
        )
    share = concentration(heat)
    if np.isnan(share):
        return f"Nothing in these maps speaks for {name}."
    return f"Half of what speaks for {name} lies in {percent(share, 0)} of the picture, around the {place(heat)}."


def concentration(heat: np.ndarray) -> float:
    """The smallest share of the pixels of (S, S) that holds half of what is above 0; NaN where nothing is."""
    above = np.sort(np.maximum(heat, 0), axis=None, kind="stable")[::-1].astype(np.float64)
    if above[0] == 0:
        return float("nan")
    held = np.cumsum(above)
    return float(np.searchsorted(held, held[-1] / 2) + 1) / heat.size


def place(heat: np.ndarray) -> str:
    """In which ninth of the picture the middle of what is above 0 lies: top left, middle, right."""
    weights = np.maximum(heat, 0).astype(np.float64)
    middle = [
        float((weights.sum(1 - axis) * (np.arange(size) + 0.5)).sum() / weights.sum() / size)
        for axis, size in enumerate(heat.shape)
    ]
    row, column = (names[min(2, int(3 * at))] for names, at in zip((ROWS, COLUMNS), middle, strict=True))
    if row == column:
        return "middle"
    return " ".join(word for word in (row, column) if word != "middle")


def completeness(found: Explanation) -> str:
    """The check of Integrated Gradients: its sum against the difference of the logits."""
    difference = found["logit"] - found["baseline_logit"]
    total, logit, baseline = (f"{found[name]:z.3f}".replace("-", "−") for name in ("total", "logit", "baseline_logit"))
    text = f"Sum {total} = logit {logit} − baseline logit {baseline}, off by {number(abs(found['error']))}"
    if abs(found["error"]) > COMPLETE * abs(difference):
        return f"{text}: the steps on its path are too few here, trust the picture less."
    return f"{text}: complete."


def field(found: Field) -> str:
    """What a position can depend on, and what it does depend on."""
    size, pixels = found["size"], len(found["support"])
    theory = f"theory {size}×{size} pixels"
    if found["mass"] is None:
        return f"{theory[0].upper()}{theory[1:]}; here no pixel has any influence."
    if size > pixels:
        theory += f", more than the picture's {pixels}×{pixels}"
    left, top, right, bottom = np.clip(found["mass"], 0, pixels)
    return f"{theory[0].upper()}{theory[1:]}; 95 % of the gradient lies in {right - left:.0f}×{bottom - top:.0f}."
