"""``serve``: who may come, where, and one sentence in the words of the user where that cannot be."""

import os
import socket
import subprocess
import sys

import pytest

from core.cli.serving import checked_base, resolved, welcome
from core.store.database import EngineError
from core.store.home import ROOT


def serve(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "core", "serve", *words]
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--port", "0"], "Port 0 does not exist"),
        (["--port", "-1"], "Port -1 does not exist"),
        (["--port", "80 01"], '"80 01" is not a port'),
        (["--port", "9" * 10_000], "is not a port"),
        (["--address", "nowhere.invalid"], '"nowhere.invalid" is not an address: choose localhost'),
        (["--address", "http://localhost"], '"http://localhost" is not an address'),
        (["--address", " "], '" " is not an address'),
        (["--address", "203.0.113.7"], "203.0.113.7 is not an address of this machine"),
        (["--base-path", "/my lab"], 'Base path "/my lab" is not possible'),
        (["--base-path", "/a/../b"], "such as --base-path /lab."),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_value_is_one_sentence(words: list[str], sentence: str) -> None:
    result = serve(*words)
    assert (result.returncode, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert len(result.stderr) < 400
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("place", ["127.0.0.1", "::1", "::"])
@pytest.mark.parametrize(("typed", "advice"), [("", "--port {}."), ("make view", "make view PORT={}.")])
def test_advice_about_a_port_fits_what_was_typed(place: str, typed: str, advice: str) -> None:
    """A browser looks for localhost under both kinds of address: whichever is taken, is taken."""
    family = socket.AF_INET6 if ":" in place else socket.AF_INET
    with socket.create_server((place, 0), family=family) as other:
        port = other.getsockname()[1]
        result = serve("--port", str(port), DEPTHLAB_TYPED=typed)
    assert result.returncode == 2
    advised = result.stderr.strip().rpartition("choose another with ")[2]
    free = int("".join(filter(str.isdigit, advised)))
    assert free > port
    assert advised == advice.format(free)


@pytest.mark.parametrize(("goal", "environment"), [("run", ".venv"), ("view", ".view")])
def test_what_make_typed_is_what_it_advises(goal: str, environment: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        command = ["make", "-n", goal, f"PORT={port}", "ADDRESS=0.0.0.0", "BASE_PATH=/lab"]
        lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
        recipe = next(line for line in lines if "core serve" in line).replace(
            f"{environment}/bin/python", sys.executable
        )
        result = subprocess.run(["sh", "-c", recipe], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert f"Port {port} is in use" in result.stderr
    assert f"choose another with make {goal} PORT=" in result.stderr


def test_port_of_the_system() -> None:
    """As an ordinary user, where this machine keeps such ports for itself; the kernel is the witness."""
    script = """
import os, socket
from core.cli.serving import check_port
if os.geteuid() == 0: os.setuid(65534)
def said(act):
    try: act()
    except PermissionError: return True
    except Exception as error: return "reserved for the system: choose 1024" in str(error)
    return False
with socket.socket() as probe: kept = said(lambda: probe.bind(("127.0.0.1", 81)))
assert said(lambda: check_port("81", "localhost")) == kept
"""
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=120)


@pytest.mark.parametrize(("typed", "base"), [("", ""), ("/", ""), ("/lab", "lab"), ("lab/a.b_c-1/", "lab/a.b_c-1")])
def test_base_path(typed: str, base: str) -> None:
    assert checked_base(typed) == base


@pytest.mark.parametrize(
    "typed", ["//evil.example", "/.", "/..", "/a//b", "/a?b", "/a#b", "/ä", "/a\\b", "/%2e%2e", "a\n"]
)
def test_no_base_path(typed: str) -> None:
    with pytest.raises(EngineError, match="Base path"):
        checked_base(typed)


def test_who_may_come_is_said() -> None:
    assert welcome(8501, "localhost", "") == "Depth Lab: http://localhost:8501"
    assert welcome(8501, "::1", "lab") == "Depth Lab: http://[::1]:8501/lab"
    said = welcome(8600, "0.0.0.0", "lab")
    assert "http://localhost:8600/lab" in said
    assert "Anybody" in said
    assert "start trainings" in said
    own = socket.gethostbyname(socket.gethostname())
    assert own.startswith("127.") or f"http://{own}:8600/lab" in said


def test_address_is_resolved() -> None:
    assert resolved("localhost") == "localhost"
    assert resolved("0.0.0.0") == "0.0.0.0"
    assert resolved("0") == "0.0.0.0"  # everybody, however it is written
    assert resolved("::") == "::"
