"""Rebuild the bundled sample from the full set, byte for byte: ``python -m core.data.sample FOLDER [OUT]``."""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np

from core.data import files, sheets
from core.vocabulary.datasets import DATASETS, USUAL


def build(dataset: files.Dataset, out: Path) -> None:
    """Write the sheets of the first images of each class, in the dataset's order, and their checksums."""
    out.mkdir(parents=True, exist_ok=True)
    splits = {
        "train": (dataset.train_images, dataset.train_labels),
        "test": (dataset.test_images, dataset.test_labels),
    }
    sums = {}
    for split, (images, labels) in splits.items():
        for label, class_name in enumerate(DATASETS[USUAL].classes):
            first = np.flatnonzero(labels == label)[: sheets.COUNTS[split]]
            name = sheets.sheet_name(split, class_name)
            png = sheets.encode(images[first])
            (out / name).write_bytes(png)
            sums[name] = hashlib.sha256(png).hexdigest()
    (out / sheets.SUMS).write_text("".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items())))


def main() -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m core.data.sample", description=__doc__)
    parser.add_argument("folder", help="holds CIFAR-10 in either official layout")
    parser.add_argument("out", nargs="?", type=Path, default=files.SAMPLE_FOLDER, help="where to write the sheets")
    arguments = parser.parse_args()
    try:
        build(files.load(arguments.folder), arguments.out)
    except files.DataError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
