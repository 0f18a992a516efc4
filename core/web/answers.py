"""Answers of the inference worker for a page: kept, because the same question has the same answer."""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from core.answers import ask
from core.record.answers import Answer, Kind, Request
from core.record.events import encode
from core.vocabulary.numbers import duration
from core.web.words import sentence

MOST_BYTES = 128 * 2**20  # of the answers that all viewers share
MOST_PRIVATE = 32 * 2**20  # of those of one viewer
PATIENCE = 0.5  # s that answers may take before the page says that it waits


class Kept:
    """The answers used last, up to so many bytes of arrays; any thread may ask."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._answers: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> dict[str, Any] | None:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def put(self, key: str, answer: dict[str, Any]) -> None:
        with self._lock:
            self._answers[key] = answer
            while self.bytes > self.most and len(self._answers) > 1:
                self._answers.popitem(last=False)

    @property
    def bytes(self) -> int:
        return sum(_bytes(answer) for answer in self._answers.values())


def _bytes(answer: dict[str, Any]) -> int:
    return 1024 + sum(value.nbytes for value in answer.values() if isinstance(value, np.ndarray))


_shared = Kept(MOST_BYTES)


def known(kind: Kind[Answer], requests: Sequence[Request]) -> list[Answer | None]:
    """What is answered already of what all viewers share, without asking anybody."""
    found: list[Any] = [_shared.get(_key(kind, request)) for request in requests]
    return found


def answers(
    kind: Kind[Answer],
    requests: list[Request],
    slot: str,
    what: list[str],
    each: tuple[int, str] | None = None,
    private: bool = False,
    arrived: Callable[[int], None] | None = None,
) -> list[Answer] | None:
    """The answers in order, with the wait shown; None, and a sentence on the page, where there are none.

    A change of any widget stops the wait, and with it the work; the button beside the wait is one that changes nothing
    else, and the same question is then not asked again until the viewer says so. ``slot`` names the place on the page:
    the newest request of a viewer for it supersedes older ones. ``what`` says what each request is, for people. With
    ``each``, what every request works through, such as (500, "pictures"), the wait shows speed and time left.
    ``private`` answers are the viewer's alone and end with the session. ``arrived`` is told which answer is kept now.
    """
    place = st.empty()  # also where nothing is waited for: what follows keeps its place, and is not built anew
    kept = _of_viewer() if private else _shared
    keys = [_key(kind, request) for request in requests]
    found: list[Any] = [kept.get(key) for key in keys]
    if all(answer is not None for answer in found):
        return found
    stop = _Stop(slot, keys)
    if stop.pressed():
        stop.offer_to_go_on(place, sum(answer is not None for answer in found))
        return None
    wait = _Wait(place, what, stop, each)
    try:
        for index, request in enumerate(requests):
            if found[index] is None:
                left = sum(answer is None for answer in found)
                found[index] = ask.ask(kind, request, f"{_viewer()}:{slot}", partial(wait.show, index, left))
                kept.put(keys[index], found[index])
                wait.answered += 1
                if arrived:
                    arrived(index)
    except ask.NotReady as starting:
        place.info(str(starting), icon=":material/hourglass_top:")
        _come_back()
        return None
    except ask.Absent as state:
        place.info(sentence(str(state)), icon=":material/visibility:")
        return None
    except ask.Superseded:
        place.info("A newer picture took this one's place.")
        return None
    except ask.Lost as lost:  # not by itself: a question that ended one worker may well end the next
        row = place.container()
        row.error(sentence(str(lost)))
        row.button("Try again", key=f"again_{stop.question}", icon=":material/refresh:")
        return None
    except ask.AskError as refusal:
        place.error(sentence(str(refusal)))
        return None
    place.empty()
    return found


class _Stop:
    """The button that stops the work on one question, and what the viewer's tab remembers of it."""

    def __init__(self, slot: str, keys: list[str]) -> None:
        self.slot, self.count = slot, len(keys)
        self.question = hashlib.sha256("".join(keys).encode()).hexdigest()

    def pressed(self) -> bool:
        """Whether this question was stopped; another one in its place lets that be forgotten."""
        stopped = _stopped()
        if stopped.get(self.slot) != self.question:
            go_on(self.slot)
        return self.slot in stopped

    def offer(self, place: Any) -> None:
        """Draw the button."""
        place.button(
            "Stop",
            key=f"stop_{self.question}",
            icon=":material/stop_circle:",
            help="Stop this work. What is answered already is kept.",
            on_click=_stopped().__setitem__,
            args=(self.slot, self.question),
        )

    def offer_to_go_on(self, place: Any, answered: int) -> None:
        """Say that the work was stopped, and draw the button that goes on with it."""
        row = place.container(horizontal=True, vertical_alignment="center")
        row.markdown(
            f"Stopped: {answered} of {self.count} parts are done." if answered else "Stopped.", width="content"
        )
        row.button("Go on", key=f"go_on_{self.question}", on_click=go_on, args=(self.slot,))


def go_on(slot: str) -> None:
    """Forget that the question of that place was stopped."""
    _stopped().pop(slot, None)


def _stopped() -> dict[str, str]:
    """The question that was stopped, by slot."""
    stopped: dict[str, str] = st.session_state.setdefault("_stopped", {})
    return stopped


class _Wait:
    """Shows how far the answers are; touching the page is where Streamlit stops a script that is out of date."""

    def __init__(self, place: Any, what: list[str], stop: _Stop, each: tuple[int, str] | None) -> None:
        self.place, self.what, self.stop, self.each = place, what, stop, each
        self.started, self.answered = time.monotonic(), 0
        self.bar: Any = None

    def show(self, index: int, left: int, state: str) -> None:
        if time.monotonic() - self.started < PATIENCE:  # a bar that flashes up would move all that stands below
            self.place.empty()
            return
        text = f"{self.what[index]} ({index + 1} of {len(self.what)}): {state} …"
        if self.each and self.answered:
            seconds = (time.monotonic() - self.started) / self.answered
            size, unit = self.each
            text += f" {size / seconds:,.0f} {unit}/s, {duration(seconds * left)} left"
        if self.bar is None:
            row = self.place.container(horizontal=True, vertical_alignment="center", key=f"wait_{self.stop.question}")
            self.bar = row.empty()
            self.stop.offer(row)
        self.bar.progress(index / len(self.what), text=text)


def _key(kind: str, request: dict[str, Any]) -> str:
    """Names the question; a digest, because a question may hold a picture."""
    return hashlib.sha256((kind + encode(dict(sorted(request.items())))).encode()).hexdigest()


def _viewer() -> str:
    """One name for each browser tab."""
    return str(st.session_state.setdefault("_viewer", uuid.uuid4().hex))


def _of_viewer() -> Kept:
    kept: Kept = st.session_state.setdefault("_answers", Kept(MOST_PRIVATE))
    return kept


@st.fragment(run_every=1.0)
def _come_back() -> None:
    """Draw the page again as soon as the worker listens."""
    if ask.ready():
        st.rerun()
