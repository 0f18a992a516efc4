"""``python -m core predict``: what a trained net says about a picture."""

from __future__ import annotations

import json
from pathlib import Path

from core.data.pictures import MOST_BYTES, Crop, Picture, PictureError, read
from core.engine import client, networks
from core.engine.processor import share_cores
from core.inspect.preprocess import preprocess


def predict(path: Path, ref: str, top: int, as_json: bool) -> None:
    """Print the likeliest classes of the picture's central square. Raises PictureError, EngineError or WeightsError."""
    picture = picture_at(path)
    entry = networks.find(ref, client.store())
    from core.inspect.predict import predict as answer  # these import torch: only once there is something to ask
    from core.inspect.trained import of_entry

    share_cores()
    trained = of_entry(entry)
    probabilities = answer(trained, preprocess(picture.pixels, Crop(), entry))["probabilities"]
    best = probabilities.argsort(kind="stable")[::-1][:top].tolist()
    likeliest = [
        {"class": trained.classes[index], "index": index, "probability": float(probabilities[index])} for index in best
    ]
    if as_json:
        said = {"net": entry.ref, "classes": entry.classes, "notes": list(picture.notes), "top": likeliest}
        print(json.dumps(said))
        return
    print(f"{entry.title} about the central square of {path.name}:")
    for row in likeliest:
        print(f"  {row['probability']:>6.1%}  {row['class']}")
    for note in picture.notes:
        print(note)


def picture_at(path: Path) -> Picture:
    """The picture in a file. Raises PictureError."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise PictureError(f"There is no picture at {path}: check its name.") from None
    except IsADirectoryError:
        raise PictureError(f"{path} is a folder: name a picture in it.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PictureError(f"{path} cannot be read ({reason}): check that you may read it.") from None
    try:
        return read(data)
    except PictureError as error:
        raise PictureError(f"{path}: {error}") from None
