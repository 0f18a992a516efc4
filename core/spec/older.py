"""What versions wrote that had the warm-up in epochs, read as what it was: a number of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.vocabulary.datasets import SAMPLE

if TYPE_CHECKING:
    from core.spec.run import TrainSpec

SAMPLE_IMAGES = 5_000  # training pictures of the sample
IMAGES = 50_000  # and of every other data set that those versions knew


def warmup_steps(epochs: Any, recipe: TrainSpec) -> float:
    """Steps, whole or not, of a warm-up in epochs by the rest of its recipe. Raises ValueError, one sentence."""
    if isinstance(epochs, bool) or not isinstance(epochs, int | float) or not 0 <= epochs <= recipe.epochs:
        given = f"{epochs:g}" if isinstance(epochs, float) else repr(epochs)
        raise ValueError(f"A warm-up of {given} epochs does not fit {recipe.epochs}: choose 0 to {recipe.epochs}.")
    return epochs * recipe.epoch(SAMPLE_IMAGES if recipe.data == SAMPLE else IMAGES).steps
