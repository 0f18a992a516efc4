"""The page of a run: from the store and from a file, its recipe and the way to set it up again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.engine import client
from core.record.events import Event
from core.spec import NetSpec, ProbeSpec, RunSpec, TrainSpec, preset
from core.store import notes
from core.store.home import checkpoints, step_of
from core.store.identity import Identity
from core.store.store import Store
from core.web.registry import RUN, TRAIN
from core.web.run import recipe
from core.web.train import panel
from core.web.xray import nets as xray

Open = Callable[..., AppTest]
UNUSUAL = TrainSpec(
    epochs=3,
    batch_size=64,
    lr=0.05,
    seed=7,
    augment=False,
    drop_last=False,
    warmup_steps=20,
    momentum=0.8,
    grad_clip=0.5,
)
RUNS = [
    RunSpec(net=NetSpec(norm="none"), train=TrainSpec()),
    RunSpec(net=NetSpec(depth=56, skip=False), train=UNUSUAL),
    RunSpec(net=preset("densenet-bc-40-12"), train=TrainSpec(optimizer="adamw", lr=1e-3, schedule="onecycle")),
    RunSpec(net=NetSpec(family="vgg", depth=13), train=TrainSpec(schedule_by="epoch", precision="float32")),
]


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.title, *app.code, *app.caption))


def test_a_recording(open_page: Open) -> None:
    app = open_page(RUN, file="plain-56.dlrec")
    assert not app.exception
    text = texts(app)
    assert "plain-56" in text
    assert "| Skip connections | **without skips** |" in text
    assert "At first the gradient does not vanish" in text
    assert "an older version did not say" in text  # it was recorded before versions were noted
    assert "python -m core train plain56 --epochs 6" in text


def test_a_run_that_has_not_begun(open_page: Open, home: Path) -> None:
    run = Store(home).create_run(RunSpec(train=UNUSUAL))
    app = open_page(RUN, run=run)
    assert not app.exception
    text = texts(app)
    assert "nowhere: it has not begun" in text
    assert "| Learning rate | **0.05** |" in text


def test_checkpoints_are_pinned_and_let_go(open_page: Open, home: Path) -> None:
    store, me = Store(home), Identity(1, 1.0)
    run = store.create_run(RunSpec(probes=ProbeSpec(film=3)), holder=me)
    for step in (0, 10, 20, 30):
        (store.folder(run) / f"checkpoint-{step}.safetensors").write_bytes(bytes(2_000_000))
    tests = [Event("evaluation", step, {"epoch": 1, "test_accuracy": 0.5}) for step in (10, 20)]
    store.append(run, tests, me, status="stopped", step=30, total_steps=30)
    app = open_page(RUN, run=run)
    assert not app.exception
    text = texts(app)
    assert "| 10 | its best epoch, chosen on the test set | 2 MB |" in text
    assert "| 30 | one of the newest two | 2 MB |" in text
    assert "| 0 | of its film | 2 MB |" in text
    app.selectbox(key=f"kept_step-{run}").select(0).run()
    app.button(key="kept_pin").click().run()
    assert "| 0 | pinned | 2 MB |" in texts(app)
    app.button(key="kept_unpin").click().run()
    app.button(key="kept_cut").click().run()
    assert not app.exception
    assert [step_of(path) for path in checkpoints(store.folder(run))] == [10, 20, 30]


def test_notes_are_listed_changed_and_deleted(open_page: Open, home: Path) -> None:
    store = Store(home)
    run = store.create_run(RunSpec(), holder=Identity(1, 1.0))
    store.update(run, {"starting"}, status="stopped", step=30)
    note = notes.write(store, run, 7, "<script>one</script>\n# two", view="l_flow=ledger")
    app = open_page(RUN, run=run)
    assert not app.exception
    assert any("&lt;script&gt;one&lt;/script&gt;\n# two</div>" in html.proto.body for html in app.get("html"))
    app.text_area[0].set_value("x" * 10_000)
    app.button(key=f"FormSubmitter:note_form-{note}-Save").click().run()
    assert "10,000 characters is too long" in app.toast[0].value
    app.text_area[0].set_value("other")
    app.button(key=f"FormSubmitter:note_form-{note}-Save").click().run()
    assert not app.exception
    assert [each.text for each in notes.of_runs(store, [run])] == ["other"]
    app.button(key=f"note_delete-{note}").click().run()
    assert notes.of_runs(store, [run]) == []


def test_nobody(open_page: Open) -> None:
    app = open_page(RUN, run="nobody")
    assert not app.exception
    assert "There is no run `nobody` here" in app.warning[0].value
    assert "choose one on Home or Train" in texts(app)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.net.name)
def test_the_form_is_set_up_for_the_same(open_page: Open, run: RunSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[RunSpec] = []

    def submitted(runs: list[RunSpec]) -> list[str]:
        made.extend(runs)
        return []

    monkeypatch.setattr(client, "submit_race", submitted)
    app = open_page(TRAIN, **recipe.query_of(run))
    assert not app.exception
    assert not app.toast, [each.value for each in app.toast]
    app.button(key="train").click().run()
    assert [each.but(probes=ProbeSpec()) for each in made] == panel._settled([run.but(probes=ProbeSpec())])


@pytest.mark.parametrize(
    "net", [NetSpec(depth=56, skip=False), preset("densenet-bc-40-12"), NetSpec(family="vgg", depth=13)]
)
def test_the_xray_of_a_net(net: NetSpec) -> None:
    query = xray.query_of(net, 3)
    assert query["x_seed"] == "3"
    assert xray._nearest(int(query["x_depth"]), xray.FAMILIES[query["x_net3"]]) == net.depth


def test_a_net_that_the_xray_page_cannot_have() -> None:
    assert xray.query_of(NetSpec(width=32), 0) == {}
    assert xray.query_of(NetSpec(norm="group"), 0) == {}
