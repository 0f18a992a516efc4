"""The command line's words: what can be typed, and the specs that come of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from core.cli.flags import add_flags, count, given, integer
from core.data.files import resolved
from core.engine.changes import NET_FIELDS, TRAIN_FIELDS
from core.spec import NetSpec, ProbeSpec, RunSpec, SpecError, TrainSpec, fitted, preset, shortened
from core.spec.races import MOST_BESIDE
from core.vocabulary.fields import NET, PROBES, TRAIN

CHOICES = " (choose from "  # argparse's words before what could have been typed
LONGEST = 200  # characters of its sentence before them
FILM = {"film": PROBES["film"]}

OF_A_RUN = "; with @best that of its best epoch, chosen on the test set, with @STEP that of a step"


class Parser(argparse.ArgumentParser):
    """argparse, but a mistake is one sentence."""

    def error(self, message: str) -> NoReturn:
        wrong, *choices = message.removeprefix("argument ").rsplit(CHOICES, 1)
        message = CHOICES.join([shortened(wrong, LONGEST), *choices])
        print(f"{message[:1].upper()}{message[1:]}; {self.prog} --help shows what can be typed.", file=sys.stderr)
        sys.exit(2)


def parse(words: list[str] | None = None) -> argparse.Namespace:
    """What was typed; exits with code 2 and one sentence on a mistake."""
    parser = made()
    typed, rest = parser.parse_known_args(words)
    if typed.command == "predict" and not any(word.startswith("-") and word != "-" for word in rest):
        typed.images += rest  # pictures that stand behind an option, where argparse takes no more of them
    elif rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return typed


def made() -> Parser:
    """All commands, with the module of each that does it."""
    parser = Parser(prog="python -m core", description="Depth Lab without a browser.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser, metavar="COMMAND")

    def command(name: str, module: str, does: str, torch: bool = False) -> argparse.ArgumentParser:
        """``core.cli.MODULE`` has a function of that name, which takes what was typed and gives the exit code."""
        added = commands.add_parser(name, help=does, allow_abbrev=False)
        added.set_defaults(module=module, torch=torch)
        return added

    describe = command("describe", "describe", "count parameters, operations and layers")
    _add_net(describe)
    describe.add_argument("--json", action="store_true", help="one JSON object")

    train = command("train", "training", "train a net; Ctrl-C stops with a checkpoint", torch=True)
    _add_net(train)
    train.add_argument("--resume", metavar="RUN_ID", help="go on from a run's last checkpoint")
    _add_recipe(train)

    race = command("race", "training", "train nets beside each other, at the same step", torch=True)
    race.add_argument("nets", nargs="+", metavar="NAME", help="presets such as plain20 and resnet20; flags change each")
    add_flags(race.add_argument_group("nets"), NET, NetSpec)
    _add_recipe(race)

    fork = command("fork", "training", "go on from a run's checkpoint, with something changed", torch=True)
    fork.add_argument("run", metavar="RUN_ID", help="the run that it goes on from")
    fork.add_argument("--at", type=integer, metavar="STEP", help="of a kept checkpoint; default the newest")
    fork.add_argument("--json", action="store_true", help="a JSON object a line, as train gives it")
    add_flags(fork.add_argument_group("net"), {name: NET[name] for name in NET_FIELDS}, NetSpec)
    add_flags(fork.add_argument_group("recipe"), {name: TRAIN[name] for name in TRAIN_FIELDS}, TrainSpec)

    more = command("more", "training", "go on from a run's end for more epochs", torch=True)
    more.add_argument("run", metavar="RUN_ID")
    more.add_argument("--epochs", type=count, required=True, help="how many more")
    more.add_argument("--json", action="store_true", help="a JSON object a line, as train gives it")

    xray = command("xray", "xray", "signal and gradient of each layer before training", torch=True)
    _add_net(xray)
    xray.add_argument("--images", type=integer, default=32, help="pictures of the sample; default 32")
    xray.add_argument("--seed", type=integer, default=0, help="of the initial weights; default 0")
    xray.add_argument("--json", action="store_true", help="one JSON object with an array a quantity")

    predict = command("predict", "predict", "what a trained net says about pictures", torch=True)
    predict.add_argument(
        "images",
        metavar="IMAGE",
        nargs="+",
        help="PNG, JPEG, WebP or GIF, or - for standard input; the central square is seen. One that cannot be used "
        "stops no other, but the exit code is 2",
    )
    _add_trained(predict)
    predict.add_argument("--top", type=count, default=5, help="how many classes; default 5")
    predict.add_argument(
        "--json", action="store_true", help='one JSON object; of several pictures one a line, each with its "picture"'
    )

    evaluate = command("evaluate", "evaluate", "how often a trained net is right", torch=True)
    _add_trained(evaluate)
    add_flags(evaluate, {"data": TRAIN["data"]}, TrainSpec)
    evaluate.set_defaults(data=TrainSpec().data)
    evaluate.add_argument("--json", action="store_true", help="one JSON object")

    export = command("export", "export", "write runs to a file: numbers, net, script")
    export.add_argument(
        "runs",
        metavar="RUN",
        nargs="+",
        help=f"a .dlrec file, or a run's id, of a net its newest checkpoint{OF_A_RUN}",
    )
    export.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        help="its ending says what: .csv, .parquet, .json or .zip of any runs; .dlrec, .py or .safetensors of one",
    )
    what = export.add_mutually_exclusive_group()
    what.add_argument("--script", action="store_true", help="one PyTorch file that trains it again, without the lab")
    what.add_argument("--tensorboard", action="store_true", help="a folder for TensorBoard, whose package it needs")
    export.add_argument("--json", action="store_true", help="one JSON object about the file")

    curves = command("curves", "export", "print every number of runs")
    curves.add_argument("runs", metavar="RUN", nargs="+", help="a run's id or a .dlrec file")
    form = curves.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="one number a row; this is the default")
    form.add_argument("--json", action="store_true", help="one JSON object")

    record = command("record", "record", "write what is known of a run to a file")
    record.add_argument("run", metavar="RUN_ID")
    record.add_argument("file", metavar="FILE.dlrec", type=Path)
    record.add_argument("--json", action="store_true", help="one JSON object about the file")

    report = command("report", "report", "write runs as one page that opens anywhere")
    report.add_argument("file", metavar="FILE.html", type=Path)
    report.add_argument("runs", metavar="RUN", nargs="+", help="a run's id or a .dlrec file; up to 12")
    report.add_argument("--json", action="store_true", help="one JSON object about the file")

    publish = command("publish", "report", "write runs as a web site that any host serves")
    publish.add_argument("folder", metavar="DIR", type=Path, help="new or empty, or an older site, which is replaced")
    publish.add_argument("runs", metavar="RUN", nargs="+", help="a run's id or a .dlrec file; up to 24")
    publish.add_argument("--json", action="store_true", help="one JSON object about the site")

    compare = command("compare", "report", "what differs between runs, and what came of it")
    compare.add_argument("runs", metavar="RUN", nargs="+", help="a run's id or a .dlrec file; two or more")
    compare.add_argument("--json", action="store_true", help="one JSON object")

    runs = command("runs", "runs", "list the lab's runs")
    runs.add_argument(
        "query", nargs="*", metavar="QUERY", help='such as: depth>50 norm:none status:finished "plain words"'
    )
    runs.add_argument("--limit", type=count, default=1000, help="at most so many, the newest first; default 1000")
    runs.add_argument("--bin", action="store_true", help="what was deleted and can still be put back")
    runs.add_argument("--json", action="store_true", help="one JSON object a line")

    annotate = command("annotate", "runs", "name, note and tag runs, pin checkpoints")
    annotate.add_argument("runs", nargs="+", metavar="RUN_ID")
    annotate.add_argument("--title", help="what they are called from now on; empty: as their nets are")
    annotate.add_argument("--note", help="a text; empty takes it away")
    annotate.add_argument("--tag", action="append", default=[], metavar="TAG", help="add a tag; may be repeated")
    annotate.add_argument(
        "--untag", action="append", default=[], metavar="TAG", help="take a tag away; may be repeated"
    )
    annotate.add_argument("--at", type=integer, metavar="STEP", help="pin the note at this step of the run")
    annotate.add_argument("--layer", default="", metavar="NAME", help="and at this layer of its net")
    annotate.add_argument("--erase", type=integer, metavar="NOTE", help="delete a pinned note, by its number")
    for flag, does in (("--pin", "keep the checkpoint of a step"), ("--unpin", "let one go that was pinned")):
        annotate.add_argument(
            flag, action="append", default=[], type=integer, metavar="STEP", help=f"{does}; may be repeated"
        )
    annotate.add_argument("--json", action="store_true", help="one JSON object a line")

    notes = command("notes", "runs", "list the notes pinned at steps of runs")
    notes.add_argument("runs", nargs="+", metavar="RUN_ID")
    notes.add_argument("--json", action="store_true", help="one JSON object a line")

    delete = command("delete", "runs", "put runs into the bin, or empty it")
    delete.add_argument("runs", nargs="*", metavar="RUN_ID")
    how = delete.add_mutually_exclusive_group()
    how.add_argument("--undo", action="store_true", help="put these runs back")
    how.add_argument("--empty", action="store_true", help="remove for good what lies in the bin")
    delete.add_argument("--json", action="store_true", help="one JSON object a line")

    fetch = command("fetch", "fetch", "fetch CIFAR-10, or ImageNet weights of a net")
    what = fetch.add_mutually_exclusive_group(required=True)
    what.add_argument("folder", nargs="?", metavar="DIR", help="where CIFAR-10 is to lie")
    what.add_argument("--net", metavar="NAME", help="a net that torchvision publishes, such as resnet50")

    serve = command("serve", "serving", "serve the lab to browsers")
    serve.add_argument("--port", default="8501", help="default 8501")
    serve.add_argument(
        "--address", default="localhost", help="who may come: localhost, this machine alone; 0.0.0.0, its networks"
    )
    serve.add_argument("--base-path", default="", metavar="PATH", help="such as /lab, behind a proxy that keeps it")
    return parser


def net_of(typed: argparse.Namespace) -> NetSpec:
    """The preset that was named, changed by the flags that were given. Raises SpecError."""
    changes = given(typed, NET)
    if typed.net:
        return preset(typed.net).but(**changes)
    if not changes:
        raise SpecError("No net was named: name a preset such as resnet20, or describe one with --family and --depth.")
    return NetSpec.make(**changes)


def run_of(typed: argparse.Namespace) -> RunSpec:
    """Net, recipe and probes. The net is for the classes of the pictures where nothing else was typed. Raises
    SpecError."""
    return _run(typed, net_of(typed))


def race_of(typed: argparse.Namespace) -> list[RunSpec]:
    """As :func:`run_of`, one for each net that was named, all by one recipe. Raises SpecError."""
    if not 2 <= len(typed.nets) <= MOST_BESIDE:
        raise SpecError(f"A race has 2 to {MOST_BESIDE} nets: name presets such as plain20 and resnet20.")
    changes = given(typed, NET)
    return [_run(typed, preset(name).but(**changes)) for name in typed.nets]


def _run(typed: argparse.Namespace, net: NetSpec) -> RunSpec:
    train = TrainSpec.make(**given(typed, TRAIN))
    train = train.but(data=resolved(train.data))
    return RunSpec.make(
        net=net if "num_classes" in given(typed, NET) else fitted(net, train.data),
        train=train,
        probes=ProbeSpec.make(enabled=not typed.no_probes, **given(typed, FILM)),
    )


def names_a_run(typed: argparse.Namespace) -> bool:
    """Whether anything about a new run was typed."""
    return bool(typed.net or typed.no_probes or given(typed, NET | TRAIN | FILM))


def _add_net(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("net", nargs="?", metavar="NAME", help="a preset such as resnet20; flags change it")
    add_flags(parser.add_argument_group("net"), NET, NetSpec)


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    add_flags(parser.add_argument_group("recipe"), TRAIN, TrainSpec)
    add_flags(parser, FILM, ProbeSpec)
    parser.add_argument("--no-probes", action="store_true", help="watch nothing but loss and accuracy")
    parser.add_argument("--json", action="store_true", help="one JSON event a line, the last one a summary")


def _add_trained(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--net",
        metavar="NAME|CHECKPOINT",
        required=True,
        help=f"a net that ships, a .safetensors file, or a run's id{OF_A_RUN}",
    )
