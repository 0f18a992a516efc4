"""The film of a picture: which maps it shows, on which scale, and what it says of each checkpoint."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from core.figures import colour_maps
from core.figures.strip import colours, frames, mosaic, strongest
from core.record.answers import Maps, Prediction

CLASSES = ["cat", "dog", "ship"]


def said(*probabilities: float) -> Prediction:
    shares = np.array(probabilities, np.float32)
    return {"logits": np.log(shares), "probabilities": shares, "classes": CLASSES, "top": [0, 1, 2]}


def seen(maps: np.ndarray) -> Maps:
    return Maps(
        layers=["stem", "conv1"],
        layer=1,
        parts=["activation"],
        part="activation",
        maps=maps.astype(np.float32),
        sources=[],
        low=np.zeros(2, np.float32),
        high=np.zeros(2, np.float32),
    )


def pixels(image: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(image.partition(",")[2]))))


def test_the_strongest_maps_stand_in_a_square() -> None:
    maps = np.stack([np.full((4, 4), value, np.float32) for value in (0.1, -5, 2, 0, 3, 2)])
    assert strongest(maps).tolist() == [1, 2, 4, 5]
    whole = mosaic(maps[[1, 2, 4, 5]])
    assert whole.shape == (64, 64)
    assert [whole[0, 0], whole[0, -1], whole[-1, 0], whole[-1, -1]] == [-5, 2, 3, 2]
    assert mosaic(maps[:1]).shape == (64, 64)
    assert mosaic(maps[:2])[-1].tolist() == [0] * 64  # nothing stands there


def test_frames_share_one_scale_and_the_maps_of_the_last_checkpoint() -> None:
    early = np.stack([np.full((32, 32), value) for value in (4.0, 0.5, 0.0, 0.0, 0.0)])
    late = np.stack([np.full((32, 32), value) for value in (0.0, 2.0, 1.0, 1.0, 1.0)])
    looks = [seen(early), seen(late)]
    found, words = frames([0, 39], [said(0.2, 0.7, 0.1), said(0.9, 0.05, 0.05)], looks, "cat", colours([looks]))
    # the first map is none of the strongest at the end, so its 4 sets no scale
    assert words == "conv1, activation: its 4 strongest maps at the last checkpoint, colours up to 2"
    assert [(each["step"], each["said"], each["right"]) for each in found] == [(0, "dog", False), (39, "cat", True)]
    assert found[0]["alt"] == "step 0: dog, 70 %, which is wrong"
    assert found[1]["alt"] == "step 39: cat, 90 %, which is right"
    table = colour_maps.table(False)
    assert pixels(found[1]["image"])[0, 0].tolist() == table[255].tolist()
    assert pixels(found[0]["image"])[0, 0].tolist() == table[64].tolist()  # 0.5 of 2


def test_what_is_below_zero_and_what_nobody_knows_is_said() -> None:
    maps = np.full((1, 8, 8), -1.0)
    [frame], words = frames([7], [said(0.2, 0.7, 0.1)], [seen(maps)], None, colours([[seen(maps)]]))
    assert words == "conv1, activation: map 0, blue is below 0, colours up to 1"
    assert (frame["right"], frame["alt"]) == (None, "step 7: dog, 70 %")
    assert pixels(frame["image"])[0, 0].tolist() == colour_maps.table(True)[0].tolist()


def test_maps_that_are_silent_are_drawn() -> None:
    silent = seen(np.zeros((3, 8, 8)))
    [frame], words = frames([0], [said(0.4, 0.3, 0.3)], [silent], None, colours([[silent]]))
    assert words.endswith("colours up to 0")
    assert pixels(frame["image"]).shape == (64, 64, 3)


def test_one_colour_is_one_value_in_the_strips_of_all_runs() -> None:
    weak, strong = seen(np.full((1, 8, 8), 0.5)), seen(np.full((1, 8, 8), 2.0))
    same = colours([[weak], [strong]])
    assert same == (2.0, False)
    assert colours([[weak], [seen(np.full((1, 8, 8), -0.1))]]).diverging
    [frame], _ = frames([0], [said(0.4, 0.3, 0.3)], [weak], None, same)
    assert pixels(frame["image"])[0, 0].tolist() == colour_maps.table(False)[64].tolist()


def test_a_guess_is_neither_right_nor_wrong() -> None:
    looks = [seen(np.ones((1, 4, 4)))]
    [found], _ = frames([3], [said(0.6, 0.2, 0.2)], looks, "cat", colours([looks]))  # of three, less than 2 ÷ 3
    assert (found["guesses"], found["right"], found["alt"]) == (True, None, "step 3: guessing cat, 60 %")
