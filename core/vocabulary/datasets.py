"""Data sets: what their pictures show, how these are scaled, and how a recipe names them.

A recipe's ``data`` is "sample", or a folder. What lies in the folder is CIFAR-10 unless ``#`` and the name of another
data set follow, so that a spec says by itself what a net was trained on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePath

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


CIFAR100_GROUPS: dict[str, tuple[str, ...]] = {  # its 20 coarse classes, in the order of their labels (Krizhevsky 2009)
    "aquatic mammals": ("beaver", "dolphin", "otter", "seal", "whale"),
    "fish": ("aquarium fish", "flatfish", "ray", "shark", "trout"),
    "flowers": ("orchid", "poppy", "rose", "sunflower", "tulip"),
    "food containers": ("bottle", "bowl", "can", "cup", "plate"),
    "fruit and vegetables": ("apple", "mushroom", "orange", "pear", "sweet pepper"),
    "household electrical devices": ("clock", "keyboard", "lamp", "telephone", "television"),
    "household furniture": ("bed", "chair", "couch", "table", "wardrobe"),
    "insects": ("bee", "beetle", "butterfly", "caterpillar", "cockroach"),
    "large carnivores": ("bear", "leopard", "lion", "tiger", "wolf"),
    "large man-made outdoor things": ("bridge", "castle", "house", "road", "skyscraper"),
    "large natural outdoor scenes": ("cloud", "forest", "mountain", "plain", "sea"),
    "large omnivores and herbivores": ("camel", "cattle", "chimpanzee", "elephant", "kangaroo"),
    "medium-sized mammals": ("fox", "porcupine", "possum", "raccoon", "skunk"),
    "non-insect invertebrates": ("crab", "lobster", "snail", "spider", "worm"),
    "people": ("baby", "boy", "girl", "man", "woman"),
    "reptiles": ("crocodile", "dinosaur", "lizard", "snake", "turtle"),
    "small mammals": ("hamster", "mouse", "rabbit", "shrew", "squirrel"),
    "trees": ("maple tree", "oak tree", "palm tree", "pine tree", "willow tree"),
    "vehicles 1": ("bicycle", "bus", "motorcycle", "pickup truck", "train"),
    "vehicles 2": ("lawn mower", "rocket", "streetcar", "tank", "tractor"),
}
_CIFAR100 = DataSet(
    label="CIFAR-100",
    whole="CIFAR-100",
    classes=tuple(sorted(name for group in CIFAR100_GROUPS.values() for name in group)),
    # Over all pixels of its 50,000 training pictures, 0.50708, 0.48655, 0.44092 and 0.26733, 0.25644, 0.27615, as most
    # code for it has them (weiaicunzai's pytorch-cifar100 among it)
    mean=(0.5071, 0.4865, 0.4409),
    std=(0.2673, 0.2564, 0.2762),
    bare=("cattle",),
)

DATASETS: dict[str, DataSet] = {  # of several in one folder, the first is meant where nothing else is said
    # Krizhevsky 2009; mean and std over all pixels of its 50,000 training pictures
    "cifar10": DataSet(
        label="CIFAR-10",
        whole="All of CIFAR-10",
        classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        mean=(0.4914, 0.4822, 0.4465),
        std=(0.2470, 0.2435, 0.2616),
    ),
    "cifar100": _CIFAR100,
    "cifar100-coarse": replace(
        _CIFAR100,
        label="CIFAR-100 (coarse)",
        whole="CIFAR-100 coarse",
        classes=tuple(CIFAR100_GROUPS),
        bare=tuple(CIFAR100_GROUPS),
    ),
}


def parted(data: str) -> tuple[str, str]:
    """The folder that a recipe's ``data`` names, or "sample", and which data set in it; "" where that is not said."""
    folder, mark, name = data.rpartition(MARK)
    return (folder, name) if mark and name in DATASETS else (data, "")


def joined(folder: str, name: str) -> str:
    """What :func:`parted` takes apart."""
    return folder if name == USUAL else f"{folder}{MARK}{name}"


def elsewhere(data: str) -> str:
    """A recipe's ``data`` as another machine may read it: its folder by its own name, without the way to it."""
    folder, name = parted(data)
    return joined(PurePath(folder).name or folder, name or USUAL)


def name_of(data: str) -> str:
    """The name of the data set that a recipe's ``data`` means."""
    return parted(data)[1] or USUAL


def dataset_of(data: str) -> DataSet:
    """The data set that a recipe's ``data`` means."""
    return DATASETS[name_of(data)]


def pictures_of(data: str) -> str:
    """What a recipe's ``data`` means, in words: "Sample of CIFAR-10"."""
    label = dataset_of(data).label
    return f"Sample of {label}" if data == SAMPLE else label
