"""Every page opens by itself, with good and bad addresses."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.engine import client
from core.spec import NetSpec, RunSpec, TrainSpec, preset
from core.store.store import EVERY
from core.web.net_form import query_of
from core.web.registry import COMPARE, HOME, INSPECT, PAGES, RUNS, TRAIN, Page

Open = Callable[..., AppTest]


@pytest.fixture
def queued() -> Callable[[RunSpec], str]:
    """Put a run into the queue of a lab whose engine does not run, so that it stays there."""
    return lambda spec: client.store().create_run(client.prepared(spec))


@pytest.mark.parametrize("subject", PAGES, ids=lambda subject: subject.title)
def test_a_refusal_of_the_engine_is_its_sentence(open_page: Open, subject: Page, home: Path) -> None:
    home.mkdir()
    (home / "lab.db").write_text("a diary, and not a short one " * 100)
    app = open_page(subject)
    assert not app.exception
    assert all("is not a Depth Lab store" in error.value for error in app.error)
    assert bool(app.error) == (subject in (HOME, TRAIN, RUNS, COMPARE, INSPECT))  # the others need no store


@pytest.mark.parametrize("subject", PAGES, ids=lambda subject: subject.title)
def test_opening_a_page_makes_nothing(open_page: Open, subject: Page, home: Path) -> None:
    open_page(subject)
    assert not home.exists()


@pytest.mark.parametrize("subject", PAGES, ids=lambda subject: subject.title)
def test_opens(open_page: Open, subject: Page) -> None:
    app = open_page(subject)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize(
    "net",
    [
        preset("plain56"),
        preset("smallresnet-nobn"),
        preset("densenet-bc-100-12"),
        preset("densenet-40-12"),
        NetSpec(depth=110, width=32, norm="group", init="zero-gamma", shortcut="C"),
        NetSpec(norm="none", init="fixup"),
        NetSpec(family="densenet", depth=22, skip=False, growth_rate=24),
    ],
    ids=lambda net: net.name,
)
def test_link_shows_the_net(open_page: Open, net: NetSpec) -> None:
    app = open_page(TRAIN, **query_of(net))
    assert not app.exception
    assert not app.toast
    assert app.button(key="train").label == f"Train {net.name}"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"depth": "21"}, "choose 20 or 26"),
        ({"depth": "deep"}, "valid integer"),
        ({"family": "LeNet"}, "choose ResNet, Wide, DenseNet or VGG"),
        ({"bn": "maybe"}, "choose true or false"),
        ({"lr": "fast"}, "give a number"),
        ({"schedule": "never"}, "choose Cosine, One cycle, Step or Constant"),
        ({"device": "tpu"}, "choose auto or cpu"),
        ({"warmup": "2.5"}, "given in steps now, as warmup_steps"),
        ({"warmup_steps": "long"}, "give a number"),
    ],
)
def test_bad_address_is_said_and_the_page_works(open_page: Open, query: dict[str, str], said: str) -> None:
    app = open_page(TRAIN, **query)
    assert not app.exception
    assert any(said in toast.value for toast in app.toast)
    assert not app.button(key="train").disabled


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda app: app.text_input(key="lr").set_value("0"), "Learning rate 0 cannot train"),
        (lambda app: app.text_input(key="lr").set_value("-1"), "Learning rate -1 cannot train"),
        (lambda app: app.text_input(key="warmup_steps").set_value("391"), "warm-up of 391 steps"),
        (lambda app: app.selectbox(key="init").set_value("Fixup"), "Fixup replaces normalisation"),
    ],
)
def test_impossible_choice_disables_train(open_page: Open, change: Callable[[AppTest], AppTest], said: str) -> None:
    app = open_page(TRAIN)
    change(app).run()
    assert said in app.error[0].value
    assert app.button(key="train").disabled


def test_batch_larger_than_the_data_is_refused(open_page: Open) -> None:
    app = open_page(TRAIN, batch="6000")
    app.button(key="train").click().run()
    assert "larger than the 5,000 training images" in app.error[0].value
    assert client.store().runs() == []


def test_net_too_large_for_memory_is_refused(open_page: Open) -> None:
    app = open_page(TRAIN, depth="1202", width="512", batch="5000")
    app.button(key="train").click().run()
    assert "of memory" in app.error[0].value
    assert client.store().runs() == []


def test_folder_without_cifar10_is_named(open_page: Open, tmp_path: Path) -> None:
    app = open_page(TRAIN, data="All of CIFAR-10", folder=str(tmp_path))
    app.button(key="train").click().run()
    assert str(tmp_path) in app.error[0].value
    assert client.store().runs() == []


def test_unknown_run_is_named(open_page: Open) -> None:
    app = open_page(TRAIN, run="nonsense")
    assert not app.exception
    assert "no run `nonsense`" in app.warning[0].value


def test_pages_offer_to_reattach(open_page: Open, queued: Callable[[RunSpec], str]) -> None:
    run_id = queued(RunSpec(net=preset("plain20")))
    for subject in (HOME, TRAIN):
        app = open_page(subject)
        assert not app.exception
        assert any("Going on now" in text.value for text in app.markdown)
    app = open_page(TRAIN, run=run_id)
    assert not app.exception
    assert app.button(key="twin_norm").label == "without BN"
    assert app.button(key="twin_skip").label == "with skips"


def test_a_run_in_the_list_says_for_what_it_waits(open_page: Open, queued: Callable[[RunSpec], str]) -> None:
    for name in ("plain20", "resnet20"):
        queued(RunSpec(net=preset(name)))
    said = [caption.value for caption in open_page(HOME).caption if caption.value.startswith("Waits for")]
    assert [words.partition(" · ")[0] for words in said] == ["Waits for 1 run before it"]


@pytest.mark.parametrize("subject", [HOME, TRAIN], ids=lambda subject: subject.title)
def test_no_two_runs_of_a_list_have_one_name(open_page: Open, queued: Callable[[RunSpec], str], subject: Page) -> None:
    specs = [RunSpec(train=TrainSpec(seed=seed)) for seed in (0, 0, 1, 2)]
    for run_id in [queued(spec) for spec in specs][:2]:  # of two equal ones too, where one still waits
        client.store().update(run_id, EVERY, status="finished")
    listed = [link.proto.label for link in open_page(subject).get("page_link") if "run=" in link.proto.query_string]
    assert listed == [
        *("**Watch ResNet-20 · seed 2**", "**Watch ResNet-20 · seed 1**"),
        *("**Open ResNet-20 · seed 0, #2**", "**Open ResNet-20 · seed 0, #1**"),
    ]


def test_twin_that_cannot_be_is_explained(open_page: Open, queued: Callable[[RunSpec], str]) -> None:
    run_id = queued(RunSpec(net=NetSpec(init="zero-gamma")))
    app = open_page(TRAIN, run=run_id)
    assert app.button(key="twin_skip").disabled
    assert "Zero-γ" in app.button(key="twin_skip").help


def test_a_gpu_that_did_not_start_is_not_offered_and_the_page_says_why(open_page: Open) -> None:
    store = client.store()
    store.prepare()
    broken = {"id": "cuda:0", "name": "cuda:0", "memory": 0, "total": 0, "fault": "out of memory"}
    store.set_meta("devices", [broken, {"id": "cpu", "name": "EPYC", "memory": 2**33, "total": 2**34, "fault": ""}])
    device = open_page(TRAIN).selectbox(key="device")
    assert device.options == ["auto", "cpu"]
    assert device.help.endswith("cuda:0 cannot start (out of memory).")
    assert any(caption.value.startswith("cuda:0 cannot start, ") for caption in open_page(HOME).caption)
