"""What has been chosen on the Inspect page, as every view of it reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from core.data.pictures import Crop
from core.figures import palette
from core.inspect.catalogue import Entry
from core.inspect.preprocess import preprocess
from core.record.answers import Answer, Kind
from core.web.answers import answers


@dataclass(frozen=True, eq=False)
class Chosen:
    """A picture and the nets that look at it."""

    pixels: np.ndarray  # uint8 (H, W, 3), the whole picture
    crop: Crop  # what of it the nets see
    title: str  # of the picture, for people
    nets: tuple[Entry, ...]  # one to three
    truth: str | None = None  # its class, where it is known
    private: bool = False  # whether the viewer brought it: nothing about it outlasts the session
    resized: Mapping[int, np.ndarray] = field(default_factory=dict)  # as in core.data.pictures.Picture

    def seen_by(self, net: Entry) -> np.ndarray:
        """The picture as that net reads it, uint8 (S, S, 3)."""
        key = (net.size, net.resize)
        if key not in self._seen:
            self._seen[key] = preprocess(self.pixels, self.crop, net, self.resized)
        return self._seen[key]

    def ask(self, kind: Kind[Answer], nets: Sequence[Entry], slot: str, **request: Any) -> list[Answer] | None:
        """One answer of the inference worker a net, kept; None, and a sentence on the page, where there are none.

        ``slot`` names the place on the page: a newer request for it supersedes older ones.
        """
        requests = [{"net": net.ref, "picture": self.seen_by(net), **request} for net in nets]
        return answers(kind, requests, slot, [net.title for net in nets], private=self.private)

    def colour(self, net: Entry) -> str:
        """That of the net on the whole page: its kind's, or where two are of one kind, its own."""
        styles = palette.styles([each.net for each in self.nets])
        return styles[self.nets.index(net)]["color"]

    @cached_property
    def _seen(self) -> dict[tuple[int, int | None], np.ndarray]:
        return {}
