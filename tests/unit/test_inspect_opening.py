"""The Inspect page opens where its nets disagree, and tells nets of one kind apart."""

from core.data.pictures import Crop
from core.figures import palette
from core.inspect.catalogue import shipped
from core.inspect.predict import predict
from core.inspect.preprocess import preprocess
from core.inspect.trained import of_entry
from core.web.inspect import nets, predictions
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
    pair = [entries["resnet20"], entries["smallresnet"]]
    assert len(set(predictions.colours(pair))) == 2
    assert predictions.colours([entries["resnet20"], entries["plain20"]])[0] == palette.KINDS["resnet"]
