"""The Inspect page's views of reasons, modes and the whole test set, as links open them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.check import never
from core.data import files
from core.inspect.catalogue import shipped
from core.inspect.predict import score
from core.inspect.trained import of_entry
from core.vocabulary.datasets import DATASETS, SAMPLE
from core.web.registry import INSPECT

CLASSES = DATASETS["cifar10"].classes
Open = Callable[..., AppTest]
WHY, MODES, TESTSET = "Why", "Train or eval mode", "Whole test set"
NETS = "resnet20,smallresnet"


def words(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.info, *app.error))


def told(app: AppTest) -> str:
    return " ".join(toast.value for toast in app.toast)


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"i_view": WHY}, "of the picture, around the"),
        ({"i_view": WHY, "i_why_layer": "stem", "i_why_class": "dog"}, "Half of what speaks for dog"),
        ({"i_view": WHY, "i_why_method": "Integrated Gradients"}, "− baseline logit"),
        ({"i_view": WHY, "i_why_method": "Occlusion", "i_why_class": "ship"}, "of ship's logit"),
        ({"i_view": WHY, "i_why_depth": "stem"}, "Theory 3×3 pixels; 95 % of the gradient lies in 3×3."),
        ({"i_view": MODES}, "Train mode: "),
        ({"i_view": MODES, "i_modes_company": "2", "i_modes_seed": "7"}, "Eval mode: always"),
    ],
)
def test_links_open_views(open_page: Open, query: dict[str, str], said: str) -> None:
    app = open_page(INSPECT, nets=NETS, **query)
    assert not app.exception
    assert not app.toast
    assert said in words(app)
    assert words(app).count(said) == 2  # each of the two nets has its own


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("query", "cure"),
    [
        ({"i_view": WHY, "i_why_method": "Magic"}, "choose Grad-CAM, Integrated Gradients or Occlusion"),
        ({"i_view": WHY, "i_why_class": "unicorn"}, "choose Its own answer, airplane"),
        ({"i_view": WHY, "i_why_layer": "stage9"}, "name a layer such as stem or"),
        ({"i_view": WHY, "i_why_depth": "stage9"}, "name a layer such as stem or"),
        ({"i_view": MODES, "i_modes_company": "3"}, "choose 2, 4, 8, 16, 32, 64 or 128"),
        ({"i_view": MODES, "i_modes_seed": "many"}, "give a number"),
        ({"i_view": TESTSET, "i_testset_net": "Third"}, "choose First, Second or Disagreement"),
        ({"i_view": TESTSET, "i_testset_data": "half"}, "choose Sample, All of CIFAR-10, CIFAR-100 or"),
    ],
)
def test_links_that_cannot_be_obeyed_are_told(open_page: Open, query: dict[str, str], cure: str) -> None:
    app = open_page(INSPECT, nets=NETS, **query)
    assert not app.exception
    assert cure in told(app)


@pytest.mark.usefixtures("warm")
def test_whole_test_set_and_one_of_its_mistakes(open_page: Open) -> None:
    app = open_page(INSPECT, nets="smallresnet", i_view=TESTSET)
    assert not app.exception
    assert "of 1,000 test pictures rightly (95 % interval:" in words(app)
    assert "is stated for it" in words(app)
    assert "taken for" in words(app)
    key = next(button.key for button in app.button if button.key and button.key.startswith("i_testset_see_"))
    mistake, number = app.button(key=key), int(key.rpartition("_")[2])
    said = mistake.label.partition(" ")[0]
    assert said != CLASSES[number % 10]  # the sample takes one of each class in turn
    app = mistake.click().run()
    assert not app.exception
    assert app.session_state["i_from"] == "Test set"
    assert app.session_state["i_test"] == str(number)
    assert f"says {said}" in words(app)  # the page now shows that picture, and the net errs as the tile said


@pytest.mark.usefixtures("warm")
def test_where_nets_disagree_on_the_whole_test_set(open_page: Open) -> None:
    """Counted anew from the nets themselves; the first picture is one about which both are surest."""
    app = open_page(INSPECT, nets="resnet20,plain20", i_view=TESTSET, i_testset_net="Disagreement")
    assert not app.exception
    pictures, labels = files.load_test(SAMPLE)
    nets = [of_entry(entry) for ref in ("resnet20", "plain20") for entry in shipped() if entry.ref == ref]
    shares = [score(net, pictures.transpose(0, 2, 3, 1), never) for net in nets]
    one, other = (each.argmax(1) for each in shares)
    differ = np.flatnonzero(one != other)
    assert f"ResNet-20 and plain-20 disagree about {len(differ)} of 1,000 test pictures of the sample" in words(app)
    only = [int((each[differ] == labels[differ]).sum()) for each in (one, other)]
    assert f"only ResNet-20 is right in {only[0]}, only plain-20 is right in {only[1]}, neither in" in words(app)
    first = next(button for button in app.button if button.key and button.key.startswith("i_testset_see_"))
    number = int(str(first.key).rpartition("_")[2])
    least = np.minimum(*(each.max(1) for each in shares))
    assert least[number] == pytest.approx(least[differ].max(), abs=1e-5)
    app = first.click().run()
    assert not app.exception
    assert app.session_state["i_test"] == str(number)
    assert "They disagree" in words(app)


@pytest.mark.usefixtures("warm")
def test_folder_without_cifar_is_one_sentence(open_page: Open, tmp_path: Path) -> None:
    query = {"i_view": TESTSET, "i_testset_data": "All of CIFAR-10", "i_testset_folder": str(tmp_path)}
    app = open_page(INSPECT, nets=NETS, **query)
    assert not app.exception
    assert f'There is no CIFAR-10 in "`{tmp_path}`"' in words(app)


@pytest.mark.parametrize("view", [WHY, MODES, TESTSET])
@pytest.mark.usefixtures("starting")
def test_without_a_worker_each_view_says_so(open_page: Open, view: str) -> None:
    never_asked = {"nets": "resnet20", "i_from": "Test set", "i_test": "777"}  # answers are kept, worker or not
    app = open_page(INSPECT, i_view=view, **never_asked)
    assert not app.exception
    assert "still starting" in words(app)
