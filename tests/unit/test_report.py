"""A report holds all that can be asked of it, nothing that is fetched, and whatever people wrote as text."""

from __future__ import annotations

import base64
import gzip
import itertools
import json
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.__main__ import main
from core.findings.group import Group
from core.findings.told import View
from core.publish.whole import PublishError
from core.record import file
from core.record.events import encode
from core.record.recording import Recording
from core.report import modules, report
from core.report.content import closed
from core.report.foretold import foretold
from core.report.site import site
from core.store.home import ROOT
from core.vocabulary.quantities import of_view
from tests.unit.told_runs import PLAIN, Told

SHIPPED = ROOT / "assets" / "recordings"
NASTY = '</script><script>alert(1)</script><b title="x">&amp; \u202eשלום'

SEEN = NASTY.replace("\u202e", "\N{REPLACEMENT CHARACTER}")  # what turns the rest round is not written out


def shipped(*names: str) -> list[Recording]:
    return closed([file.read(SHIPPED / f"{name}.dlrec") for name in names])


class Page(HTMLParser):
    """What a browser makes of it: text outside of scripts and sheets, tags, and the content of each script."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.text, self.tags, self.scripts, self.addresses = "", [""], [""], [""]
        self.inside: dict[str, str] = {}
        self._open: dict[str, str | None] = {}
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._open = dict(attributes) if tag in ("script", "style") else {}
        self.addresses += [value or "" for name, value in attributes if name in ("src", "href")]
        self._hidden = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    _hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.text += data
        elif place := self._open.get("id"):
            self.inside[place] = data
        else:
            self.scripts.append(data)

    def data(self) -> Any:
        return json.loads(gzip.decompress(base64.b64decode(self.inside["packed-data"])))


@pytest.mark.parametrize("names", [("smallresnet",), ("plain-56", "resnet-56"), ("densenet-bc-40-12", "smallresnet")])
def test_all_that_can_be_asked_is_answered_as_the_lab_would(names: Sequence[str]) -> None:
    found = shipped(*names)
    told = foretold(found)
    ids = [recording.head.id for recording in found]
    assert {tuple(each["hidden"]) for each in told} == {(), *((id,) for id in ids if len(ids) > 1)}
    random.seed(0)
    for each in told:
        group = Group(found, each["hidden"])
        assert set(each["steps"]) >= set(group.moments["steps"])
        moments = [*enumerate(each["steps"]), (-1, None)]
        for index, step in random.sample(moments, 5) + moments[-1:]:
            words = each["words"][index]
            for gradient, signals, flow in itertools.product(*map(of_view, ("gradient", "signals", "flow"))):  # type: ignore[arg-type]
                lab = group.findings(View(step, gradient, signals, flow, 1))
                shown = ("learns", f"gradient {gradient}", f"signals {signals}", f"flow {flow} 1")
                assert [each["said"][words["said"][name]] for name in shown] == list(lab["said"].values())
                assert each["rows"][words["row"]] == lab["row"]
                assert [each["happenings"][place] for place in words["story"]] == lab["story"]
            for name in ("seqs", "bands", "moments", "ticks"):
                assert each[name] == lab[name]
        assert each["held"] == group.findings(View())["held"]


def test_among_many_it_is_said_of_all_of_them() -> None:
    found = closed([Told(seed=seed, losses=np.full(9, 1.0 + seed)).recording(str(seed)) for seed in range(5)])
    [told] = foretold(found)
    assert told["hidden"] == []


def test_a_run_stands_beside_the_one_that_it_came_of_as_in_the_lab() -> None:
    """Under the ids of the report, and of its own file."""
    parent = Told(PLAIN, losses=np.full(300, 2.3026), status="stopped").recording("run0")
    fork = Told(losses=np.linspace(2.3, 1.1, 200), fork=100, status="stopped").recording("run1")
    lab = Group([parent, fork]).findings(View())
    assert "after the cut: training loss" in "".join(each["text"] for each in lab["story"])
    for found in (closed([parent, fork]), closed(closed([fork, parent])[::-1])):
        shown = Group(found).findings(View())
        assert [each["text"] for each in shown["story"]] == [each["text"] for each in lab["story"]]
        assert shown["said"] == lab["said"]


def test_a_page_holds_all_that_it_shows() -> None:
    found = shipped("plain-56", "resnet-56")
    page = Page(report.report(found))
    assert page.addresses == [""]
    assert page.tags.count("script") == 4
    assert "url(" not in re.sub(r"url\(data:[^)]*\)", "", "".join(page.scripts))
    assert "These runs differ in skips alone: test accuracy after epoch 6 is 12.1 % without skips" in page.text
    assert "python -m core train plain56 --epochs 6 --precision float32 --warmup-steps 23" in page.text
    assert "an older version did not say" in page.text
    answers = page.data()["answers"]
    assert [answers[id]["seq"] for id in ("1", "2")] == [recording.seq for recording in found]
    assert [event["kind"] for event in answers["1"]["events"]] == [event.kind for event in found[0].events]


def test_it_is_alike_whenever_it_is_written() -> None:
    found = shipped("smallresnet")
    assert report.report(found) == report.report(found)


def test_each_module_asks_for_modules_that_are_there() -> None:
    known = modules.closure(report.ENTRY)
    assert {"live/dashboard.js", "shared/dom.js", "vocabulary.js"} <= set(known)
    for name, text in known.items():
        asked = re.findall(r'^(?:import|export|\}) .*from "([^"]+)"', text, re.MULTILINE)
        assert {address.removeprefix(modules.SCHEME) for address in asked} <= set(known), name
        assert not re.search(r'\bimport\(|\bimport\.meta|^import "', text, re.MULTILINE), name


def test_what_people_write_stays_text() -> None:
    one, other = (Told(seed=seed, losses=np.full(30, 1.0)).recording(str(seed)) for seed in (1, 2))
    plain = Page(report.report([one, other]))
    named = replace(one, head=replace(one.head, title=NASTY, name=NASTY))
    page = Page(report.report([named, other]))
    assert page.tags == plain.tags
    assert SEEN in page.text
    assert page.data()["live"]["runs"][0]["label"].strip("\u2068\u2069") == SEEN


def test_nobody_is_told_where_this_machine_keeps_pictures() -> None:
    told = Told(net={"num_classes": 100}, losses=np.full(30, 1.0), data="/home/anna/cifar#cifar100")
    told.events[0] = replace(
        told.events[0], text=encode(told.events[0].payload | {"spec": told.spec.model_dump(mode="json")})
    )
    recording = told.recording()
    assert "anna" in str(recording.last("started"))
    page = Page(report.report([recording]))
    assert "--data 'DIR#cifar100'" in page.text
    assert "anna" not in page.text + json.dumps(page.data())
    for content in site([recording]).values():
        assert b"anna" not in (gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content)


def test_a_file_may_call_a_run_anything(tmp_path: Path) -> None:
    told = Told(losses=np.full(30, 1.0)).recording()
    long = replace(told, head=replace(told.head, title="<b>\n" + "x" * 10_000, name="\u202e" * 10_000))
    (tmp_path / "long.dlrec").write_bytes(file.to_bytes(long))
    [shown] = closed([file.read(tmp_path / "long.dlrec")])
    head = shown.head
    assert head.title.startswith("<b>\N{REPLACEMENT CHARACTER}xxx")
    assert len(head.title) == len(head.name) == 120
    assert head.name.isprintable()


def test_what_no_command_repeats_is_said() -> None:
    told = Told(losses=np.full(30, 1.0)).recording()
    fork = replace(told, head=replace(told.head, parent="x", fork_step=1200))
    text = "it went on from step 1,200 of another run, which this command does not repeat."
    assert text in Page(report.report([fork])).text
    assert text not in Page(report.report([told])).text
    by_hand = Told(losses=np.full(30, 1.0))
    by_hand.add("control", 5, {"kind": "lr", "requested": 0.3, "applied": 0.3, "first": 6, "until": 30, "end": 0.0})
    assert "a rate was set by hand while it went on" in Page(report.report([by_hand.recording()])).text


def test_too_many_and_too_large_are_one_sentence() -> None:
    many = [Told(seed=seed).recording(str(seed)) for seed in range(13)]
    with pytest.raises(PublishError, match="A report shows 1 to 12 runs beside each other, not 13"):
        report.report(many)
    random = np.random.default_rng(0)
    large = Told(losses=np.full(30, 1.0))
    for step in range(0, 60):
        large.probe(step, histogram=random.integers(0, 2**31, (64, 64), np.int32))
    recordings = [large.recording(str(number)) for number in range(6)]
    with pytest.raises(
        PublishError, match=r"A report of these 6 runs would take 1\d\.\d MB, more than the 8 MB that can be"
    ):
        report.report(recordings)
    assert len(report.report(recordings[:1])) <= report.LARGEST


def test_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target, run = tmp_path / "a.html", str(SHIPPED / "smallresnet.dlrec")
    assert main(["report", str(target), run, run, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"file": str(target), "runs": [run, run], "bytes": target.stat().st_size}
    assert len(Page(target.read_bytes()).data()["live"]["runs"]) == 1  # named twice, it is there once
    assert main(["report", str(tmp_path / "a.pdf"), run]) == 2
    assert "is not the name of a page: let it end in .html." in capsys.readouterr().err
    assert main(["report", str(target), "nobody"]) == 2
    assert main(["report", str(tmp_path / "no" / "a.html"), run]) == 2
    assert "could not be written (No such file or directory)" in capsys.readouterr().err
