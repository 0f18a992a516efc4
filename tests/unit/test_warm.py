"""Which nets the inference worker keeps."""

from functools import partial

from torch import nn

from core.answers.warm import Nets
from core.inspect.trained import Trained
from core.nets import build
from core.spec import NetSpec
from core.vocabulary.datasets import DATASETS

KIND = DATASETS["cifar10"]
CLASSES = KIND.classes
NET = build(NetSpec(depth=8, width=4))
BYTES = sum(tensor.numel() * tensor.element_size() for tensor in [*NET.parameters(), *NET.buffers()])


def made(nets: Nets, *keys: str) -> list[str]:
    """Those of the keys whose net had to be made."""
    called: list[str] = []

    def make(key: str) -> nn.Module:
        called.append(key)
        return build(NET.spec)

    for key in keys:
        nets.get(key, partial(make, key))
    return called


def test_as_many_as_fit_and_the_longest_unused_goes() -> None:
    nets = Nets(most=2 * BYTES)
    assert made(nets, "a", "b", "a", "b") == ["a", "b"]
    assert made(nets, "a", "c") == ["c"]  # b was not used for longest
    assert made(nets, "a", "c", "b") == ["b"]
    assert len(nets) == 2


def test_one_that_is_too_large_is_kept_alone() -> None:
    nets = Nets(most=BYTES // 2)
    assert made(nets, "a", "a", "b", "a") == ["a", "b", "a"]
    assert len(nets) == 1


def test_the_net_of_a_trained_one_counts() -> None:
    nets = Nets(most=BYTES)
    for key in "ab":
        nets.get(key, lambda: Trained(NET, CLASSES, KIND.mean, KIND.std))
    assert len(nets) == 1
