"""What nets say about pictures."""

from __future__ import annotations

import numpy as np
import torch

from core.check import Check, never
from core.data.files import Dataset
from core.inspect.trained import Trained
from core.record.answers import Prediction

TOP = 10
BATCH = 100  # pictures; few, so that a cancel is soon seen


def predict(trained: Trained, picture: np.ndarray) -> Prediction:
    """Picture (S, S, 3), 0 to 255 -> ``logits`` and ``probabilities`` (K,) of the ``classes`` (K names), and ``top``,
    the numbers of the ten likeliest. In eval mode."""
    with torch.inference_mode():
        logits = trained.net(trained.normalise(picture[None]))[0]
        probabilities = logits.softmax(0)
    return {
        "logits": logits.numpy(),
        "probabilities": probabilities.numpy(),
        "classes": list(trained.classes),
        "top": probabilities.argsort(descending=True)[:TOP].tolist(),
    }


def score(trained: Trained, pictures: np.ndarray, check: Check) -> np.ndarray:
    """Pictures (N, S, S, 3), 0 to 255 -> probabilities (N, K), float32. In eval mode; ``check`` before each batch."""
    found = []
    for start in range(0, len(pictures), BATCH):
        check()
        with torch.inference_mode():
            found.append(trained.net(trained.normalise(pictures[start : start + BATCH])).softmax(1).numpy())
    return np.concatenate(found)


def accuracy(trained: Trained, dataset: Dataset) -> float:
    """Share of the test pictures (N, 3, S, S) that the net names rightly."""
    said = score(trained, dataset.test_images.transpose(0, 2, 3, 1), never).argmax(1)
    return float((said == dataset.test_labels).mean())
