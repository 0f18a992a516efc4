"""Nets that torchvision publishes with weights trained on ImageNet: their files, and where they may lie. No torch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.data.download import download
from core.data.sources import Progress
from core.inspect.catalogue import SUFFIX, Entry, WeightsError
from core.spec import preset

SITE = "https://download.pytorch.org/models/"


@dataclass(frozen=True)
class Published:
    """The weights IMAGENET1K_V1 of a net."""

    name: str  # torchvision's, and of the preset here
    digest: str  # how the file's sha256 begins, as its name says
    megabytes: int
    resize: int = 256  # pixels of a picture's shorter side, bilinear, before its middle is cut out

    @property
    def file(self) -> str:
        return f"{self.name}-{self.digest}.pth"

    @property
    def url(self) -> str:
        return SITE + self.file


PUBLISHED = {
    published.name: published
    for published in (
        Published("resnet18", "f37072fd", 47),
        Published("resnet34", "b627a593", 87),
        Published("resnet50", "0676ba61", 103),
        Published("resnet101", "63fe2227", 179),
        Published("resnet152", "394f9c45", 242),
        Published("resnext50_32x4d", "7cdf4587", 100),
        Published("wide_resnet50_2", "95faca4d", 138),
        Published("densenet121", "a639ec97", 32),
        Published("densenet169", "b2777c0a", 57),
        Published("densenet201", "c1103571", 81),
        Published("vgg16", "397923af", 553),
        Published("vgg16_bn", "6c64b313", 554),
    )
}
SHORT_SIDES = frozenset(published.resize for published in PUBLISHED.values())


def entry(published: Published, folders: Iterable[Path]) -> Entry:
    """The net, with the first of its files that lies in one of the folders."""
    net = preset(published.name)
    path = _found(published, folders)
    return Entry(published.name, net.name, net.name, path, net, "imagenet", resize=published.resize)


def _found(published: Published, folders: Iterable[Path]) -> Path | None:
    """The published file, or one of the same tensors as safetensors."""
    paths = (folder / name for folder in folders for name in (published.file, published.name + SUFFIX))
    return next((path for path in paths if _lies_at(path)), None)


def _lies_at(path: Path) -> bool:
    with suppress(OSError):  # a folder may be closed to us
        return path.is_file()
    return False


def check_digest(published: Published, path: Path) -> None:
    """Raises WeightsError unless the file is the published one."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(published.digest):
        raise WeightsError(
            f"{path} is not the file that torchvision publishes (its checksum differs): delete it and fetch it again."
        )


def fetch(published: Published, folder: Path, progress: Progress) -> Path:
    """Download the published file into the folder, unless it is there. Raises DataError."""
    return download(published.url, folder / published.file, published.digest, progress)
