"""What a run is trained on, in words."""

from __future__ import annotations

from core.vocabulary.datasets import SAMPLE, dataset_of


def pictures_of(data: str) -> str:
    """``data`` as a TrainSpec has it: "Sample of CIFAR-10"."""
    label = dataset_of(data).label
    return f"Sample of {label}" if data == SAMPLE else label
