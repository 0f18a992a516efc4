"""The lab without a browser: ``python -m core describe|train|runs|...``, and ``--help`` for all of it."""

from __future__ import annotations

import signal
import sys
from argparse import Namespace

from core.cli.arguments import net_of, parse
from core.cli.output import guarded
from core.processes.refusals import REFUSALS
from core.processes.torchless import check_torch
from core.signals import on_end
from core.spec import NetSpec


def main(words: list[str] | None = None) -> int:
    """Do what was typed; the exit code. What is wrong is one sentence on standard error, and code 2."""
    typed = parse(words)
    try:
        if typed.command in WITH_TORCH:
            check_torch()
        return COMMANDS[typed.command](typed)
    except REFUSALS as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _fitting(typed: Namespace) -> NetSpec:
    """The net that was typed. Raises SpecError if it cannot be, or if this machine could not hold it."""
    from core.engine.checks import check_net

    net = net_of(typed)
    check_net(net)
    return net


def _describe(typed: Namespace) -> int:
    from core.cli.describe import describe

    describe(_fitting(typed), typed.json)
    return 0


def _train(typed: Namespace) -> int:
    from core.cli.training import train

    return train(typed)


def _race(typed: Namespace) -> int:
    from core.cli.training import race

    return race(typed)


def _fork(typed: Namespace) -> int:
    from core.cli.training import fork

    return fork(typed)


def _more(typed: Namespace) -> int:
    from core.cli.training import more

    return more(typed)


def _xray(typed: Namespace) -> int:
    from core.cli.xray import xray

    xray(_fitting(typed), typed.images, typed.seed, typed.json)
    return 0


def _predict(typed: Namespace) -> int:
    from core.cli.predict import predict

    return predict(typed.images, typed.net, typed.top, typed.json)


def _evaluate(typed: Namespace) -> int:
    from core.cli.evaluate import evaluate

    evaluate(typed.net, typed.data, typed.json)
    return 0


def _export(typed: Namespace) -> int:
    from core.cli.export import export

    if typed.file.suffix == ".safetensors" and not typed.script:
        check_torch()
    export(typed)
    return 0


def _curves(typed: Namespace) -> int:
    from core.cli.export import curves

    curves(typed)
    return 0


def _report(typed: Namespace) -> int:
    from core.cli.report import report

    report(typed)
    return 0


def _publish(typed: Namespace) -> int:
    from core.cli.report import publish

    publish(typed)
    return 0


def _compare(typed: Namespace) -> int:
    from core.cli.report import compare

    compare(typed)
    return 0


def _record(typed: Namespace) -> int:
    from core.cli.record import record

    record(typed.run, typed.file)
    return 0


def _runs(typed: Namespace) -> int:
    from core.cli.runs import runs

    return runs(typed)


def _annotate(typed: Namespace) -> int:
    from core.cli.runs import annotate

    return annotate(typed)


def _notes(typed: Namespace) -> int:
    from core.cli.runs import list_notes

    return list_notes(typed)


def _delete(typed: Namespace) -> int:
    from core.cli.runs import delete

    return delete(typed)


def _fetch(typed: Namespace) -> int:
    from core.answers import weights
    from core.data.fetch import fetch

    on_end(signal.default_int_handler)  # tidy up as on Ctrl-C

    def progress(what: str, fraction: float) -> None:
        print(f"{fraction:4.0%}  {what}", flush=True)

    if typed.net:
        print(f"The weights of {typed.net} are in {weights.fetch(typed.net, progress)}")
    else:
        print(f"CIFAR-10 is in {fetch(typed.folder, progress)}")
    return 0


def _serve(typed: Namespace) -> int:
    from core.cli.serving import serve

    serve(typed.port, typed.address, typed.base_path)


WITH_TORCH = ("train", "race", "fork", "more", "xray", "predict", "evaluate")
COMMANDS = {
    "describe": _describe,
    "train": _train,
    "race": _race,
    "fork": _fork,
    "more": _more,
    "xray": _xray,
    "predict": _predict,
    "evaluate": _evaluate,
    "export": _export,
    "curves": _curves,
    "record": _record,
    "report": _report,
    "publish": _publish,
    "compare": _compare,
    "runs": _runs,
    "annotate": _annotate,
    "notes": _notes,
    "delete": _delete,
    "fetch": _fetch,
    "serve": _serve,
}

if __name__ == "__main__":
    sys.exit(guarded(main))
