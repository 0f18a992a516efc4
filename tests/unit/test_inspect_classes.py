"""Which classes can be explained, and in which order they are offered."""

from typing import Any

import numpy as np

from core.vocabulary.datasets import DATASETS
from core.web.inspect.why import classes

CLASSES = DATASETS["cifar10"].classes


def said(names: list[str], likely: list[int]) -> Any:
    return {"classes": names, "top": likely, "probabilities": np.full(len(names), 1 / len(names))}


def test_all_classes_of_all_nets_and_the_likely_ones_first() -> None:
    many = [f"Thing {number:03}" for number in range(1000)]
    offered = classes([said(list(CLASSES), list(range(10))), said(many, [700, 3])])
    assert offered[:12] == [*sorted(CLASSES[:9]), "Thing 003", "Thing 700", "truck"]
    assert offered[12:] == [name for name in many if name not in offered[:12]]
    assert len(offered) == 1010
