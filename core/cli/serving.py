"""``python -m core serve``: Streamlit on app.py, once it is known that it can listen there."""

from __future__ import annotations

import errno
import ipaddress
import os
import re
import socket
import sys
from argparse import Namespace
from collections.abc import Mapping
from itertools import pairwise
from typing import NoReturn

import psutil

from core.folders import named
from core.spec import shortened
from core.store.database import EngineError
from core.store.home import ROOT, home

PORT = 8501
LOCAL = "localhost"
TYPED = "DEPTHLAB_TYPED"  # says what was typed where a Makefile typed the command: make run, or make view
PIECE = re.compile(r"[A-Za-z0-9._~-]+")
NOT_HERE = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
HIGHEST = 65535


def serve(typed: Namespace) -> NoReturn:
    """Become the server. Raises EngineError where it could not listen there."""
    base = checked_base(typed.base_path)
    host = resolved(typed.address)
    check_port(typed.port, host, base)
    print(welcome(int(typed.port), host, base), flush=True)
    os.chdir(ROOT)
    options = {"server.port": typed.port, "server.address": host, "server.baseUrlPath": base}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *words, "--logger.hideWelcomeMessage", "true"]
    os.execv(sys.executable, command)


def checked_base(text: str) -> str:
    """``/lab/`` -> ``lab``. Raises EngineError, one sentence, for what is no path."""
    base = text.strip("/")
    pieces = base.split("/") if base else []
    if text.startswith("//") or not all(PIECE.fullmatch(piece) and piece.strip(".") for piece in pieces):
        raise EngineError(
            f'Base path "{shortened(text)}" is not possible: choose letters, digits, dots and dashes between slashes, '
            f"such as {_typed('base_path', '/lab')}."
        )
    return base


def resolved(address: str) -> str:
    """localhost, or the address of this machine as a number. Raises EngineError, one sentence."""
    if address == LOCAL:
        return LOCAL
    try:
        found = socket.getaddrinfo(address, None, type=socket.SOCK_STREAM) if address.strip() else []
    except (OSError, ValueError):  # nobody has that name; no name at all
        found = []
    if not found:
        raise EngineError(f'"{shortened(address)}" is not an address: choose {_addresses()}.')
    return str(min(found, key=lambda entry: entry[0] != socket.AF_INET)[4][0])


def check_port(typed: str, host: str, base: str = "") -> None:
    """Raises EngineError, one sentence, where nobody can listen there."""
    try:
        port = int(typed)
    except ValueError:
        raise EngineError(f'"{shortened(typed)}" is not a port: choose 1024 to {HIGHEST}.') from None
    if not 1 <= port <= HIGHEST:
        raise EngineError(f"Port {shortened(port, 20)} does not exist: choose 1024 to {HIGHEST}.")
    try:
        _probe(host, port)
    except PermissionError:
        raise EngineError(f"Port {port} is reserved for the system: choose 1024 to {HIGHEST}.") from None
    except OSError as error:
        if error.errno in NOT_HERE:
            raise EngineError(f"{host} is not an address of this machine: choose {_addresses()}.") from None
        raise EngineError(_in_use(port, host)) from None


def welcome(port: int, host: str, base: str) -> str:
    """Where the lab will be, and what it means if others can reach it."""
    here = [_url(host, port, base)]
    if host == LOCAL or ipaddress.ip_address(host).is_loopback:
        return f"Depth Lab: {here[0]}"
    if ipaddress.ip_address(host).is_unspecified:
        here = [_url(LOCAL, port, base), *(_url(own, port, base) for own in own_addresses())]
    return (
        f"Depth Lab: {' or '.join(here)}\n"
        "Anybody who can reach this machine over the network can open it, start trainings and stop them: there is no "
        f"password. For this machine alone: {_typed('address', LOCAL)}."
    )


def own_addresses() -> list[str]:
    """This machine's addresses in its networks."""
    entries = [entry for cards in psutil.net_if_addrs().values() for entry in cards]
    own = [entry.address for entry in entries if entry.family == socket.AF_INET]
    return [address for address in own if not ipaddress.ip_address(address).is_loopback]


def _probe(host: str, port: int) -> None:
    """Listen where Streamlit will, and for a moment where a browser would look first. Raises OSError."""
    places = {LOCAL: ("127.0.0.1", "::1"), "0.0.0.0": ("0.0.0.0", "::")}.get(host, (host,))
    for place in places:
        family = socket.AF_INET6 if ":" in place else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port just left is free
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind((place, port))
                probe.listen(1)
        except OSError as error:
            if place == places[0] or error.errno not in NOT_HERE:  # a machine without IPv6 needs none
                raise


def _in_use(port: int, host: str) -> str:
    running = _running_lab(port)
    if running:
        return f"Depth Lab is already running at {running}: open that, or stop it first."
    free = next((other for other in range(port + 1, HIGHEST + 1) if _is_free(host, other)), PORT)
    return f"Port {port} is in use: stop what listens there or choose another with {_typed('port', free)}."


def _is_free(host: str, port: int) -> bool:
    try:
        _probe(host, port)
    except OSError:
        return False
    return True


def _running_lab(port: int) -> str | None:
    """Where this very lab, the same state, is served at that port; None where something else listens."""
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            if words[1:5] != ["-m", "streamlit", "run", "app.py"] and words[2:4] != ["run", "app.py"]:
                continue
            options = dict(pairwise(words))
            mine = process.cwd() == str(ROOT) and _home_of(process.environ()) == home()
            if mine and options.get("--server.port", str(PORT)) == str(port):
                host = options.get("--server.address", LOCAL)
                wild = host != LOCAL and ipaddress.ip_address(host).is_unspecified
                return _url(LOCAL if wild else host, port, options.get("--server.baseUrlPath", "").strip("/"))
        except (psutil.Error, OSError, ValueError):
            continue
    return None


def _home_of(environment: Mapping[str, str]) -> object:
    return named(environment.get("DEPTHLAB_HOME") or ROOT / ".depthlab").absolute()


def _url(host: str, port: int, base: str) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{f'/{base}' if base else ''}"


def _addresses() -> str:
    others = " or ".join(own_addresses()[:2])
    return f"localhost for this machine alone, 0.0.0.0 for all its networks{f', or {others}' if others else ''}"


def _typed(option: str, value: object) -> str:
    """How to type it, in the way that the user began."""
    typed = os.environ.get(TYPED, "")
    return f"{typed} {option.upper()}={value}" if typed else f"--{option.replace('_', '-')} {value}"
