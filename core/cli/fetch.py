"""``python -m core fetch``: CIFAR-10, or published weights, from where they lie in the world."""

from __future__ import annotations

import signal
from argparse import Namespace

from core.answers import weights
from core.data import fetch as pictures
from core.signals import on_end


def fetch(typed: Namespace) -> None:
    """Fetch it and say where it is. Raises DataError."""
    on_end(signal.default_int_handler)  # tidy up as on Ctrl-C
    if typed.net:
        print(f"The weights of {typed.net} are in {weights.fetch(typed.net, _progress)}")
    else:
        print(f"CIFAR-10 is in {pictures.fetch(typed.folder, _progress)}")


def _progress(what: str, fraction: float) -> None:
    print(f"{fraction:4.0%}  {what}", flush=True)
