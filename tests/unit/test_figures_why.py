"""What is said about a heat and a receptive field follows from them."""

import math
from typing import Any

import numpy as np
import pytest

from core.figures import why as figures


def heat(**spots: float) -> np.ndarray:
    """(9, 9) with values at ``r<row>c<column>``."""
    values = np.zeros((9, 9), np.float32)
    for spot, value in spots.items():
        values[int(spot[1]), int(spot[3])] = value
    return values


@pytest.mark.parametrize(
    ("values", "share"),
    [
        (np.ones((4, 4)), 8 / 16),
        (heat(r0c0=5, r8c8=5), 1 / 81),
        (heat(r0c0=2, r0c1=2, r0c2=2, r0c3=2), 2 / 81),
        (heat(r0c0=3, r4c4=-100), 1 / 81),
    ],
)
def test_concentration(values: np.ndarray, share: float) -> None:
    assert figures.concentration(values) == pytest.approx(share)


def test_concentration_of_nothing() -> None:
    assert math.isnan(figures.concentration(heat(r1c1=-1)))


@pytest.mark.parametrize(
    ("spot", "name"),
    [("r0c0", "top left"), ("r4c4", "middle"), ("r8c4", "bottom"), ("r4c8", "right"), ("r2c6", "top right")],
)
def test_place(spot: str, name: str) -> None:
    assert figures.place(heat(**{spot: 2.0})) == name


def test_place_is_the_middle_of_the_mass() -> None:
    assert figures.place(heat(r0c0=1, r8c8=1)) == "middle"
    assert figures.place(heat(r0c0=9, r8c8=1, r4c4=-50)) == "top left"


def words(method: str, values: np.ndarray) -> str:
    found: Any = {"method": method, "heat": values, "logit": 7.84}
    return figures.words(found, "cat")


def test_words() -> None:
    assert (
        words("gradcam", heat(r0c0=1)) == "Half of what speaks for cat lies in 1 % of the picture, around the top left."
    )
    assert words("gradients", heat(r0c0=-1)) == "Nothing in these maps speaks for cat."
    assert words("occlusion", heat(r8c8=1.5, r0c0=1)) == (
        "Squares over the bottom right cost most: 1.5 of cat's logit, 7.8, on average over those that cover it."
    )
    assert "less likely" in words("occlusion", heat(r0c0=-1))


@pytest.mark.parametrize(("error", "verdict"), [(0.01, "complete."), (-0.01, "complete."), (1.0, "trust")])
def test_completeness(error: float, verdict: str) -> None:
    found: Any = {"logit": 8.0, "baseline_logit": 1.0, "total": 7.0 + error, "error": error}
    text = figures.completeness(found)
    assert verdict in text
    assert "= logit 8.000 − baseline logit 1.000" in text


def test_what_rounds_to_0_has_no_sign() -> None:
    found: Any = {"logit": -1e-5, "baseline_logit": -1e-6, "total": -9e-6, "error": 0.0}
    text = figures.completeness(found)
    assert text.startswith("Sum 0.000 = logit 0.000 − baseline logit 0.000")


def field(size: int, mass: list[float] | None) -> Any:
    return {"size": size, "mass": mass, "support": np.zeros((32, 32), np.float32)}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (field(31, [8, 10, 21, 23]), "Theory 31×31 pixels; 95 % of the gradient lies in 13×13."),
        (field(31, [-5, 10, 8, 23]), "Theory 31×31 pixels; 95 % of the gradient lies in 8×13."),
        (field(71, [0, 0, 32, 32]), "Theory 71×71 pixels, more than the picture's 32×32; 95 % of the gradient"),
        (field(3, None), "Theory 3×3 pixels; here no pixel has any influence."),
    ],
)
def test_field(found: Any, said: str) -> None:
    assert figures.field(found).startswith(said)
