"""The picker of nets of the literature on the Train page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.engine import client
from core.spec import RunSpec
from core.spec.published import PUBLISHED
from core.vocabulary.datasets import SAMPLE
from core.web.registry import TRAIN
from core.web.train import panel

Open = Callable[..., AppTest]


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_form_holds_the_published_net_and_recipe(
    open_page: Open, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[RunSpec] = []

    def submitted(runs: list[RunSpec]) -> list[str]:
        made.extend(runs)
        return []

    monkeypatch.setattr(client, "submit_race", submitted)
    app = choose(open_page(TRAIN, family="densenet", bs="64"), name)
    assert app.selectbox(key="published").proto.placeholder == name
    _, net, train, unlike = PUBLISHED[name]
    assert unlike in [caption.value for caption in app.caption] or not unlike
    app.segmented_control(key="data").set_value("Sample").run()  # the whole of CIFAR-10 does not lie here
    app.button(key="train").click().run()
    assert made == panel._settled([RunSpec.make(net=net, train=train.but(data=SAMPLE))])


def test_it_asks_for_all_of_cifar_10(open_page: Open) -> None:
    app = choose(open_page(TRAIN), "ResNet-20 · He 2015")
    assert app.segmented_control(key="data").value == "All of CIFAR-10"
    assert app.selectbox(key="published").value is None


def choose(app: AppTest, name: str) -> AppTest:
    app.selectbox(key="published").set_value(name).run()
    assert not app.exception
    return app
