"""The Inspect page opens where its nets disagree, and tells nets of one kind apart."""

import numpy as np

from core.data.pictures import Crop
from core.figures import palette
from core.inspect.catalogue import Entry, shipped
from core.inspect.predict import predict
from core.inspect.preprocess import preprocess
from core.inspect.trained import of_entry
from core.web.inspect import nets
from core.web.inspect.chosen import Chosen
from core.web.inspect.examples import EXAMPLES, example


def test_the_first_example_is_one_on_which_the_first_nets_disagree() -> None:
    picture = example(next(iter(EXAMPLES)))
    said = []
    for net in (entry for entry in shipped() if entry.ref in nets.FIRST):
        answer = predict(of_entry(net), preprocess(picture.pixels, Crop(), net, picture.resized))
        said.append(answer["classes"][answer["top"][0]])
    assert len(set(said)) == 2
    assert picture.truth in said


def test_two_nets_of_one_kind_have_colours_of_their_own() -> None:
    entries = {entry.ref: entry for entry in shipped()}
    pair = chosen(entries["resnet20"], entries["smallresnet"])
    assert len({pair.colour(net) for net in pair.nets}) == 2
    assert chosen(entries["resnet20"], entries["plain20"]).colour(entries["resnet20"]) == palette.KINDS["resnet"]


def chosen(*entries: Entry) -> Chosen:
    return Chosen(np.zeros((32, 32, 3), np.uint8), Crop(), "", entries)
