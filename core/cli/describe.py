"""``python -m core describe``: what a net amounts to, from its spec alone (no torch, so it answers at once)."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

from core import arith
from core.cli.arguments import net_of
from core.engine.checks import check_net
from core.spec import NetSpec
from core.vocabulary.families import remarks


def describe(typed: Namespace) -> None:
    """Print it, as one JSON object or as a few lines. Raises SpecError."""
    facts = facts_of(fitting(typed))
    if typed.json:
        print(json.dumps(facts))
        return
    print(facts["name"])
    print(f"  parameters       {facts['params']:>14,}")
    print(f"  of these in BN   {facts['bn_params']:>14,}")
    print(f"  MACs a picture   {facts['macs']:>14,}")
    print(f"  depth            {facts['depth']:>14,}")
    print(f"  receptive field  {facts['receptive_field']:>14,} pixels a side")
    for remark in facts["remarks"]:
        print(f"  {remark}")


def fitting(typed: Namespace) -> NetSpec:
    """The net that was typed. Raises SpecError if it cannot be, or if this machine could not hold it."""
    net = net_of(typed)
    check_net(net)
    return net


def facts_of(net: NetSpec) -> dict[str, Any]:
    """Counts of a net for one 32x32 picture, ready for JSON."""
    found = arith.describe(net)
    return {
        "name": net.name,
        "spec": net.model_dump(),
        "params": found.params,
        "bn_params": found.norm_params if net.norm == "batch" else 0,
        "norm_params": found.norm_params,
        "macs": found.macs,
        "depth": found.depth,
        "weighted_layers": len([row for row in found.rows if row.kind in ("conv", "projection", "linear")]),
        "receptive_field": found.receptive_field,
        "remarks": remarks(net.model_dump()),
        "layers": [
            {
                "name": row.name,
                "shape": list(row.shape),
                "params": row.params,
                "macs": row.macs,
                "receptive_field": row.receptive_field,
            }
            for row in found.rows
        ],
    }
