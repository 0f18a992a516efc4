"""The Inspect page: every source of a picture, what a link says, and what is refused."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.engine import client
from core.inspect import catalogue
from core.spec import RunSpec, TrainSpec
from core.vocabulary.datasets import DATASETS
from core.web import answers
from core.web.inspect import uploads
from core.web.inspect.shown import Shown
from core.web.inspect.test_pictures import test_set as sample_of
from core.web.registry import INSPECT

CLASSES = DATASETS["cifar10"].classes
Open = Callable[..., AppTest]


def shown(app: AppTest) -> Shown:
    """The picture on the page."""
    picture: Shown = app.session_state["i_shown"]
    return picture


def finding(app: AppTest) -> str:
    return next(text.value for text in app.markdown if text.value.startswith("#####"))


def chosen_number(app: AppTest) -> int:
    """Of the test picture."""
    said = app.text_input(key="i_test").value
    assert said is not None
    return int(said)


def nets(app: AppTest) -> list[str]:
    return list(app.multiselect(key="i_nets").value)


def png(width: int = 40, height: int = 30) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.full((height, width, 3), (200, 30, 60), np.uint8)).save(file, "PNG")
    return file.getvalue()


def upload(app: AppTest, data: bytes, name: str = "<b>me</b>.png") -> AppTest:
    app.file_uploader[0].set_value((name, data, "image/png"))
    return app.run()


@pytest.mark.usefixtures("starting")
def test_first_sight_without_a_worker(open_page: Open) -> None:
    app = open_page(INSPECT)
    assert not app.exception
    assert not app.toast
    assert shown(app).title == "Boats in Nagasaki, about 1865"
    assert len(nets(app)) == 2
    assert "still starting" in app.info[0].value
    assert not app.query_params


def test_a_link_may_hold_that_no_net_is_chosen(open_page: Open) -> None:
    app = open_page(INSPECT, nets="")
    assert not app.exception
    assert nets(app) == []
    assert "Choose a trained net in the form" in app.info[0].value
    assert app.query_params == {"nets": ""}


def test_link_names_example_nets_and_crop(open_page: Open) -> None:
    app = open_page(INSPECT, i_example="Boats", nets="smallresnet,resnet20", crop="0.2,0.1,0.5")
    assert not app.exception
    assert not app.toast
    assert shown(app).truth == "ship"
    assert nets(app) == ["smallresnet", "resnet20"]
    assert app.query_params["crop"] == "0.2,0.1,0.5"
    app.selectbox(key="i_example").set_value("Coffee").run()
    assert shown(app).outside
    assert "crop" not in app.query_params  # another picture begins in its middle
    assert app.query_params["nets"] == "smallresnet,resnet20"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"crop": "0.5,0.5"}, "give x,y,size"),
        ({"crop": "0.5,0.5,7"}, "give x,y,size"),
        ({"nets": "resnet20,alexnet"}, "there is no `alexnet` here"),
        ({"nets": "resnet20,/etc/passwd.safetensors"}, "there is no `/etc/passwd.safetensors` here"),
        ({"nets": "smallresnet,resnet20,resnet18,resnet34"}, "choose up to 3 nets"),
        ({"i_example": "Unicorn"}, "choose Boats, Cat"),
        ({"i_from": "Moon"}, "choose Example, Test set, Upload or Camera"),
        ({"i_from": "Test set", "i_test": "5000"}, "give a number from 0 to 999"),
        ({"i_from": "Test set", "i_test": "0,5"}, "is not a whole number: choose 0 or 1"),
        ({"i_view": "Nothing"}, "choose Feature maps, Why"),
    ],
)
def test_link_that_cannot_be_obeyed_is_told(open_page: Open, query: dict[str, str], said: str) -> None:
    app = open_page(INSPECT, **query)
    assert not app.exception
    assert [toast.value for toast in app.toast if said in toast.value]


def test_test_set_by_number(open_page: Open) -> None:
    pictures, labels = sample_of("sample")
    app = open_page(INSPECT, i_from="Test set", i_test="999")
    assert np.array_equal(shown(app).pixels, pictures[999].transpose(1, 2, 0))
    app.button(key="i_next").click().run()
    assert shown(app).name == "test sample 0"
    assert shown(app).truth == CLASSES[labels[0]]
    app.button(key="i_previous").click().run()
    assert app.text_input(key="i_test").value == "999"
    app.button(key="i_any").click().run()
    assert 0 <= chosen_number(app) <= 999
    assert not app.exception


def test_folder_without_pictures_keeps_the_last_one(open_page: Open) -> None:
    app = open_page(INSPECT, i_example="Horse")
    app.segmented_control(key="i_from").set_value("Test set").run()
    app.segmented_control(key="i_data").set_value("All of CIFAR-10").run()
    assert not app.exception
    assert shown(app).title.startswith("Test picture 0")
    assert [caption for caption in app.caption if "There is no CIFAR-10 in" in caption.value]


def test_upload_is_re_encoded_and_forgets_its_name(open_page: Open) -> None:
    app = upload(open_page(INSPECT, i_from="Upload"), png())
    assert not app.exception
    assert shown(app).pixels.shape == (30, 40, 3)
    assert shown(app).title == "Your picture"
    assert "me</b>" not in repr(app.session_state)
    assert "UploadedFile" not in repr(app.session_state)


@pytest.mark.parametrize("data", [b"", b"just text", png()[:60]], ids=["empty", "text", "cut short"])
def test_bad_upload_is_one_sentence_and_the_last_picture_stays(open_page: Open, data: bytes) -> None:
    app = upload(open_page(INSPECT, i_from="Upload"), png())
    before = shown(app)
    upload(app, data)
    assert not app.exception
    assert len(app.error) == 1
    assert shown(app) is before
    upload(app, png(50, 50))
    assert not app.error
    assert shown(app).pixels.shape == (50, 50, 3)


def test_any_name_is_taken_and_the_true_size_is_known(open_page: Open) -> None:
    """A browser saves JPEGs as .jfif and more; what cannot be a picture is found by its contents."""
    app = open_page(INSPECT, i_from="Upload")
    assert not app.file_uploader[0].proto.type
    file = io.BytesIO()
    Image.new("RGB", (3000, 2000)).save(file, "JPEG")
    upload(app, file.getvalue(), "IMG.pjpeg")
    assert not app.exception
    assert not app.error
    assert shown(app).pixels.shape == (683, 1024, 3)
    assert shown(app).size == (3000, 2000)


@pytest.fixture
def imagenet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Weights of an ImageNet net are on this machine, as far as a page without a worker can tell."""
    monkeypatch.setenv("DEPTHLAB_WEIGHTS", str(tmp_path))
    (tmp_path / "resnet18.safetensors").touch()


def prepared(app: AppTest) -> list[str]:
    assert not app.exception
    return [caption.value for caption in app.caption if caption.value.startswith("ImageNet nets read")]


@pytest.mark.usefixtures("imagenet")
def test_how_imagenet_nets_read_the_picture_is_said(open_page: Open) -> None:
    assert prepared(open_page(INSPECT, nets="resnet20,plain20")) == []
    assert prepared(open_page(INSPECT, nets="resnet20,resnet18")) == [
        "ImageNet nets read the picture as published: its shorter side resized to 256 pixels (bilinear), of which they "
        "see the middle 224×224 (dashed)."
    ]
    assert prepared(open_page(INSPECT, nets="resnet18", crop="0.2,0.1,0.5")) == [
        "ImageNet nets read the square that you cropped as if it were a whole picture: resized to 256×256 pixels "
        "(bilinear), of which they see the middle 224×224 (dashed)."
    ]
    large = upload(open_page(INSPECT, nets="resnet18", i_from="Upload"), png(2000, 1500))
    assert prepared(large)[0].endswith("(dashed).")
    large.query_params["crop"] = "0.2,0.1,0.5"
    assert prepared(large.run())[0].endswith("(dashed). It is cut out of a copy of 1,024×768 pixels.")


@pytest.mark.parametrize(
    ("address", "lent"),
    [
        ("https://lab.example.org/inspect", True),
        ("http://localhost:8501/inspect", True),
        ("http://lab.localhost:8501/inspect", True),
        ("http://127.0.0.1:8501/inspect", True),
        ("http://[::1]:8501/inspect", True),
        (None, True),
        ("http://192.168.1.7:8501/inspect", False),
        ("http://lab.example.org/inspect", False),
        ("http://localhost.example.org/inspect", False),
        ("http://[fe80::1]:8501/inspect", False),
    ],
)
def test_no_camera_without_https_from_elsewhere_says_why(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, address: str | None, lent: bool
) -> None:
    monkeypatch.setattr(uploads, "_address", lambda: address)
    app = open_page(INSPECT, i_from="Camera")
    assert not app.exception
    assert bool(app.get("camera_input")) == lent
    assert [text.value for text in app.info if text.value == uploads.NO_CAMERA] == [uploads.NO_CAMERA] * (not lent)


def test_run_is_known_by_its_id_and_taken_at_its_newest_checkpoint(open_page: Open) -> None:
    run_id = client.store().create_run(client.prepared(RunSpec()))
    folder = client.store().folder(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    for step in (8, 100):
        (folder / f"checkpoint-{step}.safetensors").write_bytes(b"")
    app = open_page(INSPECT, nets=run_id)
    assert not app.exception
    assert not app.toast
    assert nets(app) == [run_id]
    older = open_page(INSPECT, nets=f"{run_id}@8,resnet20")
    assert not older.toast
    assert nets(older) == [f"{run_id}@8", "resnet20"]


def test_runs_in_the_list_are_told_apart_and_a_choice_outlasts_another_name(open_page: Open) -> None:
    first = run_with_checkpoint(seed=0)
    app = open_page(INSPECT)
    app.multiselect(key="i_nets").set_value([first]).run()
    assert f"ResNet-20 · run {first}" in app.multiselect(key="i_nets").options
    second = run_with_checkpoint(seed=1)
    app.multiselect(key="i_nets").set_value(
        [first, "resnet20"]
    ).run()  # the browser says it by the labels that it knows
    labels = app.multiselect(key="i_nets").options
    assert {f"ResNet-20 · seed 0 · run {first}", f"ResNet-20 · seed 1 · run {second}"} < {*labels}
    assert nets(app) == [first, "resnet20"]


def run_with_checkpoint(seed: int) -> str:
    run_id = client.store().create_run(client.prepared(RunSpec(train=TrainSpec(seed=seed))))
    folder = client.store().folder(run_id)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checkpoint-8.safetensors").write_bytes(b"")
    return run_id


def test_nothing_chosen_says_what_to_do(open_page: Open) -> None:
    app = open_page(INSPECT)
    app.multiselect(key="i_nets").set_value([]).run()
    assert not app.exception
    assert "Choose a trained net" in app.info[0].value


def test_lab_without_any_trained_net(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "shipped", lambda: ())
    app = open_page(INSPECT)
    assert not app.exception
    assert app.subheader[0].value == "No trained net here yet"


def test_weights_that_are_not_here_are_offered(open_page: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: str) -> None:
    for name in ("TORCH_HOME", "DEPTHLAB_WEIGHTS"):
        monkeypatch.setenv(name, str(tmp_path))
    app = open_page(INSPECT, nets="resnet20,resnet18")
    assert not app.exception
    assert app.button(key="i_fetch_resnet18").label == "Fetch ResNet-18 (47 MB)"


@pytest.mark.usefixtures("warm")
def test_crop_changes_what_is_said(open_page: Open) -> None:
    said = []
    for crop in ("0.5,0.5,1", "0,0,0.2"):
        app = open_page(INSPECT, i_example="Cat", nets="resnet20,smallresnet", crop=crop)
        assert not app.exception
        assert "It is a cat" in finding(app)
        said.append([html.proto.body for html in app.get("html")])
    assert said[0] != said[1]


@pytest.mark.usefixtures("warm")
def test_next_one_it_gets_wrong(open_page: Open) -> None:
    app = open_page(INSPECT, i_from="Test set", nets="smallresnet")
    app.button(key="i_wrong").click().run(timeout=60)
    assert not app.exception
    number = chosen_number(app)
    assert number > 0
    assert "right" not in finding(app)
    assert [caption for caption in app.caption if "of the 1,000 test pictures of the sample" in caption.value]
    app.button(key="i_next").click().run()
    assert not [caption for caption in app.caption if "gets wrong" in caption.value]


@pytest.mark.usefixtures("warm")
def test_nothing_about_an_upload_outlasts_the_session(open_page: Open) -> None:
    app = open_page(INSPECT, i_from="Upload", nets="smallresnet")
    shared = list(answers._shared._answers)
    assert shared
    assert "_answers" not in app.session_state
    upload(app, png())
    assert not app.exception
    assert "says" in finding(app)
    assert list(answers._shared._answers) == shared
    assert app.session_state["_answers"].bytes > 1000
