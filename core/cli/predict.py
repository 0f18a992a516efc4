"""``python -m core predict``: what a trained net says about pictures."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.answers import networks
from core.cli.output import printable
from core.data.pictures import MOST_BYTES, Crop, Picture, PictureError, read
from core.engine import client
from core.inspect.catalogue import Entry
from core.inspect.imagenet import SHORT_SIDES
from core.inspect.preprocess import preprocess
from core.machine.gpus import leave_gpus_alone
from core.processes.processor import share_cores
from core.vocabulary.numbers import percent

if TYPE_CHECKING:
    from core.inspect.trained import Trained

STDIN, STANDARD_INPUT = "-", "standard input"


def predict(typed: Namespace) -> int:
    """Print the likeliest classes of each picture's central square; the exit code, 2 where one could not be used.

    The others are answered all the same. A picture's name is its path, or ``-`` for standard input. Raises
    PictureError, EngineError or WeightsError where nothing can be answered.
    """
    names = typed.images
    if names.count(STDIN) > 1:
        raise PictureError(f"Standard input can be read only once: name {STDIN} once.")
    entry = networks.find(typed.net, client.store())
    trained: Trained | None = None
    code = 0
    for name in names:
        try:
            picture = picture_of(name)
        except PictureError as refusal:
            print(refusal, file=sys.stderr)
            code = 2
            continue
        if trained is None:
            trained = _loaded(entry)
        elif not typed.json:
            print()
        likeliest = _likeliest(trained, entry, picture, typed.top)
        if typed.json:
            named = {"picture": name} if len(names) > 1 else {}
            said = {"net": entry.ref, "classes": entry.classes, "notes": list(picture.notes), "top": likeliest}
            print(json.dumps(named | said))
        else:
            called = STANDARD_INPUT if name == STDIN else Path(name).name
            _print(f"{entry.title} about the central square of {called}:", likeliest, picture)
    return code


def _loaded(entry: Entry) -> Trained:
    from core.inspect.trained import of_entry  # imports torch: only once there is something to ask

    leave_gpus_alone()
    share_cores()
    return of_entry(entry)


def _likeliest(trained: Trained, entry: Entry, picture: Picture, top: int) -> list[dict[str, Any]]:
    """The classes that the net finds likeliest, ready for JSON."""
    from core.inspect.predict import predict as answer

    probabilities = answer(trained, preprocess(picture.pixels, Crop(), entry, picture.resized))["probabilities"]
    best = probabilities.argsort(kind="stable")[::-1][:top].tolist()
    return [
        {"class": trained.classes[index], "index": index, "probability": float(probabilities[index])} for index in best
    ]


def _print(head: str, likeliest: list[dict[str, Any]], picture: Picture) -> None:
    print(printable(head))
    for row in likeliest:
        print(f"  {percent(row['probability']):>7}  {row['class']}")
    for note in picture.notes:
        print(note)


def picture_of(name: str) -> Picture:
    """The picture in a file, or on standard input. Raises PictureError."""
    path = STANDARD_INPUT.capitalize() if name == STDIN else printable(name)
    try:
        with open(0, "rb", closefd=False) if name == STDIN else Path(name).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise PictureError(f"There is no picture at {path}: check its name.") from None
    except IsADirectoryError:
        raise PictureError(f"{path} is a folder: name a picture in it.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PictureError(f"{path} cannot be read ({reason}): check that you may read it.") from None
    try:
        return read(data, SHORT_SIDES)
    except PictureError as error:
        raise PictureError(f"{path}: {error}") from None
