"""The web process keeps the engine alive, and goes on trying where it cannot."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from core.answers import ask
from core.processes import single
from core.store.store import Store
from core.web import server


def test_what_cannot_start_is_logged_once_and_tried_again(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    started: list[str] = []
    monkeypatch.setattr(ask, "ensure_inference", lambda: started.append("inference"))
    monkeypatch.setattr(single, "ensure", lambda *_: started.append("supervisor"))
    home.write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        told = server._keep_alive("")
        assert "make it writable or set DEPTHLAB_HOME" in told
        assert server._keep_alive(told) == told
        assert [record.message for record in caplog.records] == [told]
        home.unlink()
        assert server._keep_alive(told) == ""
    assert started == ["inference", "inference", "supervisor", "inference"]
    assert Store(home).runs() == []


def test_only_what_is_a_sentence_is_shown_as_one() -> None:
    assert server.say(KeyError("x")) is None
