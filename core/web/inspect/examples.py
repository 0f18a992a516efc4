"""The example pictures in assets/examples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from core.data.pictures import read
from core.inspect.catalogue import Entry
from core.web.fields import pick
from core.web.inspect.shown import Shown

FOLDER = Path(__file__).parents[3] / "assets" / "examples"


@dataclass(frozen=True)
class Example:
    """One file of assets/examples and whom we owe it to."""

    file: str
    title: str
    credit: str
    class_name: str | None = None  # of CIFAR-10; None where it is none of the ten


EXAMPLES = {  # the first is one on which ResNet-20 and plain-20 disagree
    "Boats": Example("boats.jpg", "Boats in Nagasaki, about 1865", "Felice Beato, public domain", "ship"),
    "Cat": Example("cat.jpg", "A cat", "Stéfan van der Walt, CC0", "cat"),
    "Biplane": Example("biplane.jpg", "A biplane from above, 1914–1929", "Fedele Azari, public domain", "airplane"),
    "Horse": Example("horse.jpg", "Outline of a horse", "Andreas Preuss, CC0", "horse"),
    "Coffee": Example("coffee.jpg", "A cup of coffee", "Rachel Michetti, CC0"),
    "Flower": Example("flower.jpg", "A dahlia", "flickr.com/photos/vultilion, CC BY 2.0, made smaller"),
    "Temple": Example("temple.jpg", "A temple tower", "flickr.com/photos/danielbuechele, CC BY 2.0, made smaller"),
    "Astronaut": Example("astronaut.jpg", "Eileen Collins, astronaut", "NASA, public domain"),
}


def from_examples(nets: tuple[Entry, ...]) -> Shown:
    """Draw the choice; the picture chosen."""
    return example(pick(st.container(), "Example", {name: name for name in EXAMPLES}, "i_example"))


@lru_cache(maxsize=len(EXAMPLES))
def example(name: str) -> Shown:
    """The example picture of that name, read once."""
    chosen = EXAMPLES[name]
    picture = read((FOLDER / chosen.file).read_bytes())
    credit = f"Picture: {chosen.credit}"
    truth = chosen.class_name
    return Shown(f"example {name}", picture.pixels, chosen.title, truth, truth is None, (credit,))
