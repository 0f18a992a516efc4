"""Which device is checked, in which order, and what is written about it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from core.data.files import DataError, load
from core.spec import SpecError, preset
from core.train.device import choose
from tests.bench.rates import Rates
from tests.gpu.checks import CHECKS, NETS, SMALL_NETS, Finding, Lab
from tests.gpu.report import Report, machine

PLAN = (
    "On a machine with a GPU (CUDA, ROCm or Apple's MPS) this compares losses with the CPU's, trains twice, resumes, "
    "watches, looks for waits and for what comes of too little memory, and measures images per second; there is none "
    "here (--device cpu tries the program itself)."
)


def main(words: list[str] | None = None) -> int:
    """0: all is well, or there is no GPU; 1: a check failed; 2: what was asked for cannot be done."""
    options = _options(words)
    try:
        chosen = choose(options.device)
        if options.device == "auto" and chosen.device.type == "cpu":
            print(chosen.note or PLAN)
            return 2 if chosen.note else 0  # a note says that there is a GPU, and why it does not start
        dataset = load(options.data)
        preset(options.net)
    except (SpecError, DataError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    lab = Lab(chosen.device, dataset, SMALL_NETS if options.short else NETS, steps=4 if options.short else 12)
    report = Report(machine(chosen.device))
    print(report.head())
    for check in CHECKS:
        report.findings.append(_found(lab, check))
        print(report.findings[-1].line(), flush=True)
    if options.rounds:
        report.rates = Rates(options.net, str(chosen.device), options.data, dataset).measure(options.rounds)
        print(report.speed())
    for path, text in ((options.json, report.json()), (options.markdown, report.markdown())):
        if path:
            path.write_text(text)
    return 1 if any(finding.passed is False for finding in report.findings) else 0


def _found(lab: Lab, check: str) -> Finding:
    """A check that breaks is one that failed, and the others go on."""
    try:
        passed, found = CHECKS[check](lab)
    except Exception as error:
        passed, found = False, f"{type(error).__name__}: {error}".partition("\n")[0]
    if lab.device.type == "cuda":
        torch.cuda.empty_cache()
    return Finding(check, passed, found)


def _options(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.gpu", description="Is the lab right on this GPU, and fast?")
    parser.add_argument("--device", default="auto", help="auto, cuda, cuda:1, mps; cpu tries the program itself")
    parser.add_argument("--net", default="smallresnet", help="of the speeds")
    parser.add_argument("--data", default="sample")
    parser.add_argument("--rounds", type=int, default=5, help="of the speeds; 0 leaves them out")
    parser.add_argument("--short", action="store_true", help="small nets and few steps")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    return parser.parse_args(words)
