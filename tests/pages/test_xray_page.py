"""The X-ray page: without a worker it says so, with one it draws every view from what the worker measured."""

import json
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.figures.xray import Panel
from core.record.events import decode
from core.web import answers
from core.web.registry import XRAY
from core.web.xray import columns, measured, nets, shipped
from core.web.xray.opened import opened

Open = Callable[..., AppTest]
SHALLOW = {"x_depth": "8"}


def rows(app: AppTest) -> dict[str, dict[str, Any]]:
    """What the rows of panels are given, by key."""
    found = {
        each.proto.id.rpartition("x_panels_")[2]: json.loads(each.proto.json) for each in app.get("bidi_component")
    }
    return {key: decode(data["content"]) for key, data in found.items()}


def words(app: AppTest) -> str:
    """What the page says, titles and heads of its rows among it."""
    heads = [f"{head['name']}: {head['words']}" for row in rows(app).values() for head in row["heads"]]
    titles = [row["title"] for row in rows(app).values()]
    said = [*(text.value for text in app.markdown), *(each.proto.body for each in app.get("html"))]
    return " ".join([*said, *titles, *heads])


def alt(app: AppTest, key: str) -> str:
    """What is said of a plot to those who cannot see it: its net and its finding among it."""
    row, _, number = key.rpartition("_")
    return str(rows(app)[row]["alts"][int(number) - 1])


def curves(app: AppTest, key: str) -> list[dict[str, Any]]:
    """Of a plot."""
    row, _, number = key.rpartition("_")
    found: list[dict[str, Any]] = rows(app)[row]["plots"][int(number) - 1]["curves"]
    return found


@pytest.mark.usefixtures("starting")
def test_without_a_worker_it_says_so_and_stays_usable(open_page: Open) -> None:
    app = open_page(XRAY, x_depth="14", x_seed="1")
    assert not app.exception
    assert "still starting" in app.info[0].value
    assert not any(plot for row in rows(app).values() for plot in row["plots"])
    app.toggle(key="x_skip1").set_value(True).run()
    assert not app.exception
    assert "still starting" in app.info[0].value


@pytest.mark.parametrize("view", ["Three nets", "Depth sweep", "Fully connected", "Beyond CNNs"])
@pytest.mark.usefixtures("starting")
def test_what_ships_is_there_without_a_worker_and_says_where_it_is_from(open_page: Open, view: str) -> None:
    app = open_page(XRAY, x_view=view)
    assert not app.exception
    assert "still starting" in app.info[0].value
    assert all(plot for row in rows(app).values() for plot in row["plots"])
    [told] = [caption.value for caption in app.caption if "Measured by this project on" in caption.value]
    assert re.search(r" on \d+ \w+ 20\d\d \(.+, float32\), until this machine's own answer is there\.$", told)


@pytest.mark.usefixtures("warm")
def test_this_machines_own_answer_replaces_what_ships(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number of what ships is changed: it is shown until the worker has answered, and not any more then."""
    monkeypatch.setattr(answers, "_shared", answers.Kept(answers.MOST_BYTES))
    for answer in shipped.find(nets.THREE, opened()[nets.THREE][3:6])[1]:
        assert answer
        monkeypatch.setitem(answer, "std", np.full_like(answer["std"], 77.0))
    with monkeypatch.context() as nobody:
        nobody.setattr(measured, "answers", lambda *asked, **how: None)
        app = open_page(XRAY, x_depth="14")
        assert "77 → 77, first to last layer" in alt(app, "spread_1")
    app.run()
    assert not app.exception
    assert "77" not in alt(app, "spread_1")
    assert "Measured on this machine." in [caption.value for caption in app.caption]


@pytest.mark.usefixtures("warm")
def test_each_net_is_drawn_as_it_arrives(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[int] = []
    draw = columns.row
    monkeypatch.setattr(answers, "_shared", answers.Kept(answers.MOST_BYTES))

    def spy(title: str, heads: Any, panels: list[Panel | None], *rest: Any) -> None:
        shown.append(sum(panel is not None for panel in panels))
        draw(title, heads, panels, *rest)

    monkeypatch.setattr(nets, "row", spy)
    app = open_page(XRAY, x_seed="3", x_grad="Agreement", **SHALLOW)
    assert not app.exception
    assert shown == [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5


@pytest.mark.usefixtures("warm")
def test_three_nets_and_their_findings(open_page: Open) -> None:
    app = open_page(XRAY, **SHALLOW)
    assert not app.exception
    for number, net in enumerate(("plain-8 no BN", "plain-8", "ResNet-8"), 1):
        for row in ("gradient", "spread", "propagation", "dead", "ratio"):
            assert alt(app, f"{row}_{number}").startswith(f"{net}. ")
    assert "Toward the input all three gradients arrive." in words(app)
    assert not app.dataframe
    app.session_state["x_table"] = True
    app.run()
    assert len(app.dataframe) == 3
    assert app.dataframe[0].value["layer"][0] == "stem"
    app.toggle(key="x_bn3").set_value(False).run()
    assert not app.exception
    assert "ResNet-8 no BN" in alt(app, "gradient_3")


@pytest.mark.usefixtures("warm")
def test_other_families_at_the_nearest_depth_that_they_have(open_page: Open) -> None:
    app = open_page(XRAY, x_net1="PreAct", x_skip1="true", x_bn1="true", x_net2="DenseNet", x_skip2="true", **SHALLOW)
    assert not app.exception
    assert not app.toast
    for number, name in enumerate(("PreAct-8", "DenseNet-BC-10-12", "ResNet-8"), 1):
        assert name in alt(app, f"gradient_{number}")
    app.selectbox(key="x_net3").set_value("VGG").run()
    assert not app.exception
    assert "VGG-11" in alt(app, "gradient_3")
    assert "x_skip3" not in [toggle.key for toggle in app.toggle]
    assert "squared mean of a VGG" in [key["name"] for key in rows(app)["propagation"]["legend"]]
    app.selectbox(key="x_net3").set_value("PreAct").run()
    app.toggle(key="x_skip3").set_value(False).run()
    assert not app.exception
    assert "plain-8 pre" in alt(app, "gradient_3")


@pytest.mark.usefixtures("warm")
def test_theory_is_drawn_where_there_is_some(open_page: Open) -> None:
    """Grey dots: 0.375 + 0.6817 for the block of stage 1, the half of it and 0.6817 for that of stage 2."""
    query = {"x_net1": "PreAct", "x_skip1": "true", "x_bn1": "true", "x_net2": "DenseNet", "x_skip2": "true"}
    app = open_page(XRAY, **query, **SHALLOW)
    assert dotted(app, "propagation_1")[0] == pytest.approx([1.0567, 1.2100, 1.2867], abs=1e-3)
    dense = dotted(app, "propagation_2")[0]
    assert math.isnan(dense[0])  # its stem has neither norm nor ReLU
    assert dense[1:] == pytest.approx([0.3408] * 8, abs=1e-4)


def dotted(app: AppTest, key: str) -> list[list[float]]:
    """The theory lines of a plot."""
    return [curve["y"].tolist() for curve in curves(app, key) if curve["dash"] == "dot"]


@pytest.mark.usefixtures("warm")
def test_gradient_of_the_weights(open_page: Open) -> None:
    app = open_page(XRAY, x_grad="Of weights", **SHALLOW)
    assert not app.exception
    assert "Toward the input all three weight gradients arrive." in words(app)
    app.segmented_control(key="x_grad").set_value("Of responses").run()
    assert "Toward the input all three gradients arrive." in words(app)
    app.segmented_control(key="x_grad").set_value("Agreement").run()
    assert not app.exception
    assert "least and most of a layer" in alt(app, "gradient_1")
    assert 'gradients" describes' not in words(app)  # that is said of norms


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("query", "says", "count"),
    [
        # He's weights: ×0.3 over the depth is what stages and padding take, and no vanishing
        (
            {"x_depth": "20"},
            r"plain-20 no BN: arrives, ×0\.\d+ in all \(.+plain-20: grows ×1\.\d\d a layer",
            0,
        ),
        (
            {"x_depth": "56"},
            r"plain-56 no BN: arrives, ×0\.\d+ in all \(.+plain-56: grows ×1\.\d\d a layer",
            0,
        ),
        ({"x_depth": "20", "x_init1": "PyTorch default"}, r"vanishes, ×0\.\d\d a layer, ×\S+·10⁻[⁷⁸] in all", 1),
        # the most vanished one: what float32 rounds to 0
        ({"x_depth": "110", "x_init1": "PyTorch default"}, r"vanishes, ×0\.(39|4\d) a layer, ×\S+·10⁻⁴\S in all", 1),
        # the classifier starts at 0: nothing arrives at all
        ({"x_depth": "8", "x_init3": "Fixup", "x_bn3": "false"}, "ResNet-8 no BN fixup: does not arrive", 1),
    ],
)
def test_verdict_counts_what_vanishes_over_the_whole_depth(
    open_page: Open, query: dict[str, str], says: str, count: int
) -> None:
    app = open_page(XRAY, **query)
    assert not app.exception
    assert re.search(says, words(app)), words(app)
    assert f'"Deep nets have vanishing gradients" describes {count} of these 3.' in words(app)


@pytest.mark.usefixtures("warm")
def test_the_chart_keeps_the_range_and_theory_its_stages(open_page: Open) -> None:
    app = open_page(XRAY, x_depth="110", x_init1="PyTorch default")
    measured, theory = curves(app, "gradient_1")
    lowest, expected = measured["y"][0], theory["y"][0]
    assert 0 < lowest < 1e-43
    assert abs(math.log(lowest / expected)) < math.log(10)  # three times what a draw of the weights scatters
    app = open_page(XRAY, x_depth="20")
    theory = curves(app, "gradient_1")[1]["y"]
    assert theory[0] / theory[-1] == pytest.approx(0.325, abs=0.001)


@pytest.mark.usefixtures("warm")
def test_depth_sweep_says_what_each_case_does(open_page: Open) -> None:
    """The three default cases of depth 8 to 110, with the factors of theory: √(1/6) without BN, some 1.2 with it."""
    app = open_page(XRAY, x_view="Depth sweep", x_init="PyTorch default")
    assert not app.exception
    said = words(app)
    for what, low, high in (
        ("plain without BN: vanishes,", 0.36, 0.45),
        ("plain with BN: grows", 1.14, 1.24),
        ("residual with BN: grows", 1.01, 1.1),
    ):
        factor = re.search(re.escape(what) + r" ×([\d.]+) a layer \(×[^)]+ in all at depth \d+\)", said)
        assert factor, said
        assert low < float(factor[1]) < high
    for curve in curves(app, "sweep_1"):
        assert curve["x"].tolist() == [8, 14, 20, 32, 44, 56, 80, 110]


@pytest.mark.usefixtures("warm")
def test_impossible_case_is_said_in_its_column(open_page: Open) -> None:
    app = open_page(XRAY, x_init1="Fixup", **SHALLOW)
    assert not app.exception
    assert "Fixup replaces normalisation" in app.error[0].value


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"x_view": "Fully connected", "x_layers": "10", "x_units": "32"}, "On the way to layer 1 "),
        ({"x_view": "Beyond CNNs", "x_blocks": "2", "x_channels": "16"}, "pre-norm"),
        ({"x_view": "Beyond CNNs", "x_block": "ConvNeXt", "x_blocks": "2", "x_channels": "16"}, "layer scale 1"),
    ],
)
def test_other_views(open_page: Open, query: dict[str, str], said: str) -> None:
    app = open_page(XRAY, **query)
    assert not app.exception
    assert not app.toast
    assert said in words(app)


@pytest.mark.usefixtures("warm")
def test_width_that_heads_cannot_share_is_refused(open_page: Open) -> None:
    app = open_page(XRAY, x_view="Beyond CNNs", x_channels="66", x_blocks="2")
    assert not app.exception
    assert "choose 64 or 68" in app.error[0].value
