"""Data sets: what their pictures show, how these are scaled, and how a recipe names them.

A recipe's ``data`` is "sample", or a folder. What lies in the folder is CIFAR-10 unless ``#`` and the name of another
data set follow, so that a spec says by itself what a net was trained on.
"""

from __future__ import annotations

from dataclasses import dataclass

SAMPLE = "sample"  # bundled with the lab
MARK = "#"
USUAL = "cifar10"  # of the sample, and of every recipe from before there were others


@dataclass(frozen=True)
class DataSet:
    """One data set, in whichever files it comes."""

    label: str
    whole: str  # what a form calls all of it
    classes: tuple[str, ...]  # in the order of the labels
    mean: tuple[float, ...]  # of the training pictures, per channel, on the scale 0 to 1
    std: tuple[float, ...]
    size: int = 32  # pixels a side
    channels: int = 3
    bare: tuple[str, ...] = ()  # classes that take no article

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one picture, as nets read it."""
        return self.channels, self.size, self.size

    def one(self, name: str) -> str:
        """A class in a sentence: a cat, an automobile."""
        return name if name in self.bare else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


DATASETS: dict[str, DataSet] = {  # of several in one folder, the first is meant where nothing else is said
    # Krizhevsky 2009; mean and std over all pixels of its 50,000 training pictures
    "cifar10": DataSet(
        label="CIFAR-10",
        whole="All of CIFAR-10",
        classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        mean=(0.4914, 0.4822, 0.4465),
        std=(0.2470, 0.2435, 0.2616),
    ),
}


def parted(data: str) -> tuple[str, str]:
    """The folder that a recipe's ``data`` names, or "sample", and which data set in it; "" where that is not said."""
    folder, mark, name = data.rpartition(MARK)
    return (folder, name) if mark and name in DATASETS else (data, "")


def joined(folder: str, name: str) -> str:
    """What :func:`parted` takes apart."""
    return folder if name == USUAL else f"{folder}{MARK}{name}"


def name_of(data: str) -> str:
    """The name of the data set that a recipe's ``data`` means."""
    return parted(data)[1] or USUAL


def dataset_of(data: str) -> DataSet:
    """The data set that a recipe's ``data`` means."""
    return DATASETS[name_of(data)]
