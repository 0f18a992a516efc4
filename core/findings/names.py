"""How runs are named in a finding. The names themselves come from :mod:`core.spec.names`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.findings.seen import Seen

ENDS_IN_A_NUMBER = re.compile(r"[ #×][\d.e-]+$")


def pairs(runs: Sequence[Seen], values: Sequence[str]) -> str:
    """ "plain-56 2.29, ResNet-56 2.31"; with a colon where a name ends in a number of its own: "seed 0: 2.29"."""
    return paired([run.brief for run in runs], values)


def paired(names: Sequence[str], values: Sequence[str]) -> str:
    """The same, of names."""
    commas = any("," in value for value in values)
    colon = ":" if commas or any(ENDS_IN_A_NUMBER.search(name) for name in names) else ""
    said = [f"{name}{colon} {value}" for name, value in zip(names, values, strict=True)]
    return ("; " if commas else ", ").join(said)


def also_differ(also: Sequence[str]) -> str:
    """What else differs between runs that are compared, so that nobody takes them for twins."""
    if not also:
        return ""
    shown = [*also[:2], f"{len(also) - 2} more"] if len(also) > 3 else also
    return f"; also differ in {listed(shown)}"


def listed(words: Sequence[str]) -> str:
    """a, b and c"""
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
