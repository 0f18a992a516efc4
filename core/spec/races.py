"""Nets that are worth training beside each other, at the same step."""

from __future__ import annotations

from collections.abc import Callable

from core.spec.net import NetSpec, twin
from core.spec.presets import preset

MOST_BESIDE = 4  # nets of a race


def alone(net: NetSpec) -> list[NetSpec]:
    return [net]


def bn_on_and_off(net: NetSpec) -> list[NetSpec]:
    return [net, twin(net, "norm")]


def skips_on_and_off(net: NetSpec) -> list[NetSpec]:
    return [net, twin(net, "skip")]


def all_four(net: NetSpec) -> list[NetSpec]:
    other = twin(net, "skip")
    return [net, twin(net, "norm"), other, twin(other, "norm")]


def he_figure_6(_: NetSpec) -> list[NetSpec]:
    """He 2015, figure 6: deeper plain nets train worse, deeper residual nets better."""
    return [preset(name) for name in ("plain20", "plain56", "resnet20", "resnet56")]


RACES: dict[str, Callable[[NetSpec], list[NetSpec]]] = {
    "This net alone": alone,
    "BN on and off": bn_on_and_off,
    "Skips on and off": skips_on_and_off,
    "All four": all_four,
    "He 2015, figure 6": he_figure_6,
}
