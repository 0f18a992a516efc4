"""Answers of the inference worker for a page: kept, because the same question has the same answer."""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections import OrderedDict
from functools import partial
from typing import Any

import streamlit as st

from core.engine import ask
from core.events import encode
from core.web.numbers import duration

MOST = 400  # answers, some 20 KB each, feature maps up to 3 MB
PATIENCE = 0.5  # s that answers may take before the page says that it waits
_kept: OrderedDict[str, Any] = OrderedDict()
_lock = threading.Lock()


def answers(
    kind: str, requests: list[dict[str, Any]], slot: str, what: list[str], each: tuple[int, str] | None = None
) -> list[Any] | None:
    """The answers in order, with the wait shown; None, and a sentence on the page, where there are none.

    A change of any widget stops the wait, and with it the work. ``slot`` names the place on the page: the newest
    request of a viewer for it supersedes older ones. ``what`` says what each request is, for people. With ``each``,
    what every request works through, such as (500, "pictures"), the wait shows speed and time left.
    """
    found = [_look_up(kind, request) for request in requests]
    if all(answer is not None for answer in found):
        return found
    place = st.empty()
    wait = _Wait(place, what, each)
    try:
        for index, request in enumerate(requests):
            if found[index] is None:
                left = sum(answer is None for answer in found)
                found[index] = _asked(kind, request, slot, partial(wait.show, index, left))
                wait.answered += 1
    except ask.NotReady as starting:
        place.info(str(starting), icon=":material/hourglass_top:")
        _come_back()
        return None
    except ask.Superseded:
        place.info("A newer picture took this one's place.")
        return None
    except ask.AskError as refusal:
        place.error(str(refusal))
        return None
    place.empty()
    return found


class _Wait:
    """Shows how far the answers are; touching the page is where Streamlit stops a script that is out of date."""

    def __init__(self, place: Any, what: list[str], each: tuple[int, str] | None) -> None:
        self.place, self.what, self.each = place, what, each
        self.started, self.answered = time.monotonic(), 0

    def show(self, index: int, left: int, state: str) -> None:
        if time.monotonic() - self.started < PATIENCE:  # a bar that flashes up would move all that stands below
            self.place.empty()
            return
        text = f"{self.what[index]} ({index + 1} of {len(self.what)}): {state} …"
        if self.each and self.answered:
            seconds = (time.monotonic() - self.started) / self.answered
            size, unit = self.each
            text += f" {size / seconds:,.0f} {unit}/s, {duration(seconds * left)} left"
        self.place.progress(index / len(self.what), text=text)


def _asked(kind: str, request: dict[str, Any], slot: str, tick: ask.Tick) -> Any:
    answer = ask.ask(kind, request, f"{_viewer()}:{slot}", tick)
    with _lock:
        _kept[_key(kind, request)] = answer
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return answer


def _look_up(kind: str, request: dict[str, Any]) -> Any:
    with _lock:
        key = _key(kind, request)
        if key in _kept:
            _kept.move_to_end(key)
        return _kept.get(key)


def _key(kind: str, request: dict[str, Any]) -> str:
    """Names the question; a digest, because a question may hold a picture."""
    return hashlib.sha256((kind + encode(dict(sorted(request.items())))).encode()).hexdigest()


def _viewer() -> str:
    """One name for each browser tab."""
    return str(st.session_state.setdefault("_viewer", uuid.uuid4().hex))


@st.fragment(run_every=1.0)
def _come_back() -> None:
    """Draw the page again as soon as the worker listens."""
    if ask.ready():
        st.rerun()
