"""The command line's words: what can be typed, and the specs that come of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, get_args

from core.spec import (
    ActivationOrder,
    Family,
    Form,
    Init,
    NetSpec,
    Norm,
    ProbeSpec,
    RunSpec,
    Shortcut,
    SpecError,
    TrainSpec,
    preset,
    read_number,
    read_whole,
    shortened,
)

CHOICES = " (choose from "  # argparse's words before what could have been typed
LONGEST = 300  # characters of its sentence before them


def whole(text: str) -> int:
    return _read(read_whole, text)


def count(text: str) -> int:
    number = whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not possible: choose at least 1")
    return number


def number(text: str) -> float:
    return _read(read_number, text)


def _read(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except SpecError as error:
        raise argparse.ArgumentTypeError(str(error).removesuffix(".")) from None


def threads(text: str) -> int | str:
    return text if text == "auto" else count(text)


NET_FLAGS: dict[str, dict[str, Any]] = {
    "family": {"choices": ["plain", *get_args(Family)]},
    "form": {"choices": get_args(Form), "help": "cifar: 32x32 pictures, imagenet: 224x224"},
    "depth": {
        "type": whole,
        "help": "weighted layers: 6n+2, with bottleneck 9n+2; wide 6n+4; DenseNet 3N+4, with bottleneck 6N+4",
    },
    "width": {"type": whole, "help": "channels of the first stage of a plain or residual net"},
    "shortcut": {
        "choices": get_args(Shortcut),
        "help": "where shapes change: A zero padding, B projection; C everywhere",
    },
    "width_multiplier": {"type": whole, "help": "Wide ResNet's k"},
    "activation_order": {"choices": get_args(ActivationOrder), "help": "where norm and ReLU sit in a block"},
    "groups": {"type": whole, "help": "ResNeXt: groups of a bottleneck's 3x3 convolution"},
    "base_width": {"type": whole, "help": "ResNeXt: channels of a group in the first stage"},
    "stride_on": {"choices": ["1x1", "3x3"], "help": "convolution of a bottleneck that halves the map"},
    "se_reduction": {"type": whole, "help": "squeeze-and-excitation; 0 is off"},
    "dropout": {"type": number, "help": "before a branch's second convolution"},
    "survival_probability": {"type": number, "help": "stochastic depth: how often the last branch is kept"},
    "norm": {"choices": get_args(Norm)},
    "skip": {"action": argparse.BooleanOptionalAction, "help": "shortcuts, or concatenation in a DenseNet"},
    "init": {"choices": get_args(Init)},
    "growth_rate": {"type": whole, "help": "channels that each layer of a DenseNet adds"},
    "bottleneck": {"action": argparse.BooleanOptionalAction, "help": "1x1, 3x3, 1x1; DenseNet-B: 1x1 before each 3x3"},
    "compression": {"type": number, "help": "share of channels that a DenseNet's transition keeps"},
}
TRAIN_FLAGS: dict[str, dict[str, Any]] = {
    "data": {"metavar": "sample|DIR", "help": "the bundled pictures, or a folder that holds CIFAR-10"},
    "epochs": {"type": whole},
    "seed": {"type": whole},
    "device": {"help": "auto, cpu, cuda, cuda:1, mps"},
    "precision": {"choices": ["auto", "float32", "bf16"]},
    "threads": {
        "type": threads,
        "metavar": "auto|N",
        "help": "auto: as many as are fast now; a fixed number gives the same run again, bit for bit",
    },
    "batch_size": {"type": whole},
    "drop_last": {
        "action": argparse.BooleanOptionalAction,
        "help": "leave out what fills no whole minibatch, or make a last, smaller one of it",
    },
    "lr": {"type": number, "help": "peak learning rate"},
    "schedule": {"choices": ["constant", "step", "cosine", "onecycle"]},
    "warmup_epochs": {"type": number},
    "optimizer": {"choices": ["sgd", "adamw"]},
    "momentum": {"type": number},
    "weight_decay": {"type": number},
    "decay": {"choices": ["all", "weights"], "help": "weights: spare biases, norms and Fixup's scalars"},
    "grad_clip": {"type": number, "help": "largest norm of the whole gradient; 0 is off"},
    "augment": {"action": argparse.BooleanOptionalAction, "help": "random flip and crop"},
}


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
    parser = Parser(prog="python -m core", description="Depth Lab without a browser.", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser, metavar="COMMAND")

    describe = commands.add_parser("describe", help="count parameters, operations and layers", allow_abbrev=False)
    _add_net(describe)
    describe.add_argument("--json", action="store_true", help="one JSON object")

    train = commands.add_parser("train", help="train a net; Ctrl-C stops with a checkpoint", allow_abbrev=False)
    _add_net(train)
    _add_flags(train.add_argument_group("recipe"), TRAIN_FLAGS, TrainSpec)
    train.add_argument("--no-probes", action="store_true", help="watch nothing but loss and accuracy")
    train.add_argument("--resume", metavar="RUN_ID", help="go on from a run's last checkpoint")
    train.add_argument("--json", action="store_true", help="one JSON event a line, the last one a summary")

    xray = commands.add_parser("xray", help="signal and gradient of each layer before training", allow_abbrev=False)
    _add_net(xray)
    xray.add_argument("--images", type=whole, default=32, help="pictures of the sample; default 32")
    xray.add_argument("--seed", type=whole, default=0, help="of the initial weights; default 0")
    xray.add_argument("--json", action="store_true", help="one JSON object with an array a quantity")

    predict = commands.add_parser("predict", help="what a trained net says about pictures", allow_abbrev=False)
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

    evaluate = commands.add_parser("evaluate", help="how often a trained net is right", allow_abbrev=False)
    _add_trained(evaluate)
    evaluate.add_argument("--data", **TRAIN_FLAGS["data"], default="sample")
    evaluate.add_argument("--json", action="store_true", help="one JSON object")

    export = commands.add_parser("export", help="write a run's net to a file of its own", allow_abbrev=False)
    export.add_argument("run", metavar="RUN_ID", help=f"a run's id, for its newest checkpoint{OF_A_RUN}")
    export.add_argument("file", metavar="FILE.safetensors", type=Path)

    fetch = commands.add_parser("fetch", help="fetch CIFAR-10, or ImageNet weights of a net", allow_abbrev=False)
    what = fetch.add_mutually_exclusive_group(required=True)
    what.add_argument("folder", nargs="?", metavar="DIR", help="where CIFAR-10 is to lie")
    what.add_argument("--net", metavar="NAME", help="a net that torchvision publishes, such as resnet50")

    serve = commands.add_parser("serve", help="serve the lab to browsers", allow_abbrev=False)
    serve.add_argument("--port", default="8501", help="default 8501")
    serve.add_argument(
        "--address", default="localhost", help="who may come: localhost, this machine alone; 0.0.0.0, its networks"
    )
    serve.add_argument("--base-path", default="", metavar="PATH", help="such as /lab, behind a proxy that keeps it")
    return parser.parse_args(words)


def net_of(typed: argparse.Namespace) -> NetSpec:
    """The preset that was named, changed by the flags that were given. Raises SpecError."""
    changes = _given(typed, NET_FLAGS)
    if typed.net:
        return preset(typed.net).but(**changes)
    if not changes:
        raise SpecError("No net was named: name a preset such as resnet20, or describe one with --family and --depth.")
    return NetSpec.make(**changes)


def run_of(typed: argparse.Namespace) -> RunSpec:
    """Net, recipe and probes. Raises SpecError."""
    return RunSpec.make(
        net=net_of(typed),
        train=TrainSpec.make(**_given(typed, TRAIN_FLAGS)),
        probes=ProbeSpec(enabled=not typed.no_probes),
    )


def names_a_run(typed: argparse.Namespace) -> bool:
    """Whether anything about a new run was typed."""
    return bool(typed.net or typed.no_probes or _given(typed, NET_FLAGS | TRAIN_FLAGS))


def _add_net(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("net", nargs="?", metavar="NAME", help="a preset such as resnet20; flags change it")
    _add_flags(parser.add_argument_group("net"), NET_FLAGS, NetSpec)


def _add_trained(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--net",
        metavar="NAME|CHECKPOINT",
        required=True,
        help=f"a net that ships, a .safetensors file, or a run's id{OF_A_RUN}",
    )


def _add_flags(group: Any, flags: Mapping[str, dict[str, Any]], spec: type[NetSpec] | type[TrainSpec]) -> None:
    for name, options in flags.items():
        default = spec.model_fields[name].default
        text = "; ".join(part for part in (options.get("help"), f"default {default}") if part)
        group.add_argument(f"--{name.replace('_', '-')}", **options | {"help": text, "default": argparse.SUPPRESS})


def _given(typed: argparse.Namespace, flags: Mapping[str, Any]) -> dict[str, Any]:
    return {name: getattr(typed, name) for name in flags if hasattr(typed, name)}
