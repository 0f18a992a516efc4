"""The nets that the inference worker keeps warm."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

MOST_BYTES = 10**9  # of weights: three of the larger published nets side by side, or one VGG


class Nets:
    """The nets used last, by what they are, as many as fit; the one not used for longest goes first."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self.most = most
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The net of that name, made where it is not kept; nobody may change it for good."""
        if key not in self._kept:
            made = make()
            self._kept[key] = made, _bytes(made)
        self._kept.move_to_end(key)
        while len(self) > 1 and sum(size for _, size in self._kept.values()) > self.most:
            self._kept.popitem(last=False)
        return self._kept[key][0]

    def __len__(self) -> int:
        return len(self._kept)


def _bytes(kept: Any) -> int:
    """Of the weights and buffers of a net, or of the net that a trained one holds."""
    return sum(tensor.nbytes for tensor in getattr(kept, "net", kept).state_dict().values())
