"""The nets that the inference worker keeps warm."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

Check = Callable[[], None]  # called by work between layers; what it raises ends it
WARM_NETS = 8


class Nets:
    """The nets used last, by what they are; the one not used for longest goes first."""

    def __init__(self, most: int = WARM_NETS) -> None:
        self.most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The net of that name, made where it is not kept; nobody may change it for good."""
        if key not in self._kept:
            self._kept[key] = make()
        self._kept.move_to_end(key)
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)
        return self._kept[key]

    def __len__(self) -> int:
        return len(self._kept)
