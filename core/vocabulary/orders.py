"""Where norms and ReLUs sit in a residual block (He 2016, figure 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ActivationOrder = Literal["post", "bn-after-add", "relu-before-add", "relu-only-pre", "pre"]


@dataclass(frozen=True)
class Order:
    """What stands where; each is a row of ``norm`` and ``relu``."""

    label: str
    before: tuple[str, ...]  # each convolution; those of the first are shared with a projection
    behind: tuple[str, ...]  # each convolution but the last
    end: tuple[str, ...]  # behind the last convolution, before the addition
    after: tuple[str, ...]  # the addition

    @property
    def norms_stand(self) -> str:
        """Where the norms are, in words."""
        if "norm" in self.before:
            return "before each convolution and its ReLU"
        last = ", the last one of a block after the addition" if "norm" in self.after else ""
        return f"after each convolution{last}"

    @property
    def ends_in_relu(self) -> bool:
        """Whether what a block gives on has no negative value in it, where there is no shortcut."""
        return "relu" in (*self.end, *self.after)


ORDERS: dict[ActivationOrder, Order] = {  # He 2016, figure 4 a to e
    "post": Order("Post", before=(), behind=("norm", "relu"), end=("norm",), after=("relu",)),
    "bn-after-add": Order("BN after addition", before=(), behind=("norm", "relu"), end=(), after=("norm", "relu")),
    "relu-before-add": Order(
        "ReLU before addition", before=(), behind=("norm", "relu"), end=("norm", "relu"), after=()
    ),
    "relu-only-pre": Order("ReLU only pre", before=("relu",), behind=("norm",), end=("norm",), after=()),
    "pre": Order("Pre", before=("norm", "relu"), behind=(), end=(), after=()),
}
