"""What nets say about pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from core.data.files import Dataset
from core.inspect.trained import Trained

TOP = 10
BATCH = 500  # pictures


def predict(trained: Trained, picture: np.ndarray) -> dict[str, Any]:
    """Picture (S, S, 3), 0 to 255 -> ``logits`` and ``probabilities`` (K,), and the ten likeliest classes: ``top``
    their numbers, ``names``. In eval mode."""
    with torch.inference_mode():
        logits = trained.net(trained.normalise(picture[None]))[0]
        probabilities = logits.softmax(0)
    top = probabilities.argsort(descending=True)[:TOP].tolist()
    return {
        "logits": logits.numpy(),
        "probabilities": probabilities.numpy(),
        "top": top,
        "names": [trained.classes[index] for index in top],
    }


def score(trained: Trained, pictures: np.ndarray) -> np.ndarray:
    """Pictures (B, S, S, 3), 0 to 255 -> probabilities (B, K), float32. In eval mode."""
    with torch.inference_mode():
        return trained.net(trained.normalise(pictures)).softmax(1).numpy()


def accuracy(trained: Trained, dataset: Dataset) -> float:
    """Share of the test pictures (N, 3, S, S) that the net names rightly."""
    pictures = dataset.test_images.transpose(0, 2, 3, 1)
    right = 0
    for start in range(0, len(pictures), BATCH):
        said = score(trained, pictures[start : start + BATCH]).argmax(1)
        right += int((said == dataset.test_labels[start : start + BATCH]).sum())
    return right / len(pictures)
