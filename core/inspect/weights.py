"""Weights from files into nets: names, shapes and types are compared before a tensor is read, and nothing executes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from core import arith
from core.inspect.catalogue import WeightsError
from core.nets import Net, skeleton
from core.spec import NetSpec
from core.train.checkpoint import first_not_finite

Kind = tuple[tuple[int, ...], torch.dtype | str]  # shape, and type of the values
Names = Callable[[list[str]], dict[str, str]]  # names in a file -> the net's names: those in the file

TYPES = {"F32": torch.float32, "I64": torch.int64}  # those of nets here, as safetensors calls them
COUNTER = "num_batches_tracked"


def from_safetensors(path: Path, spec: NetSpec, names: Names) -> Net:
    """The net of the spec, filled and in eval mode. Raises WeightsError, before anything large is read or made."""
    with _opened(path) as file:
        found = names(list(file.keys()))
        slices = {name: file.get_slice(there) for name, there in found.items()}
        kinds: dict[str, Kind] = {
            name: (tuple(part.get_shape()), TYPES.get(part.get_dtype(), part.get_dtype()))
            for name, part in slices.items()
        }
        net = matching(spec, kinds, path)
        state = {name: file.get_tensor(there) for name, there in found.items()}
    broken = first_not_finite(state)
    if broken:
        raise WeightsError(f"{path} holds NaN or infinity in {broken}: choose an earlier checkpoint.")
    return filled(net, state)


def matching(spec: NetSpec, kinds: Mapping[str, Kind], path: Path) -> Net:
    """The net of the spec without weights, if tensors of such names and kinds are its own. Raises WeightsError.

    Counters of batches may be missing: files from before torch 0.4.1 have none, and nothing reads them in eval mode.
    """
    # A spec may claim any size; the modules of a net are built, if without memory for weights, only if it has this one.
    learnt = sum(
        math.prod(kinds[name][0]) for name in kinds if not name.endswith(("running_mean", "running_var", COUNTER))
    )
    if learnt != arith.describe(spec).params:
        raise _unlike(path, spec, f"it has {learnt:,} parameters")
    net = skeleton(spec)
    wanted: dict[str, Kind] = {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in net.state_dict().items()}
    for name in sorted(wanted.keys() | kinds.keys()):
        if name not in wanted:
            raise _unlike(path, spec, f"{name} is not of it")
        if name not in kinds and not name.endswith(COUNTER):
            raise _unlike(path, spec, f"{name} is missing")
        if name in kinds and kinds[name] != wanted[name]:
            raise _unlike(path, spec, f"{name} is {_words(kinds[name])}, not {_words(wanted[name])}")
    return net


def filled(net: Net, state: Mapping[str, Tensor]) -> Net:
    """The net with these tensors for its own, in eval mode and never to be trained."""
    counters = {name: torch.zeros((), dtype=torch.int64) for name in net.state_dict() if name.endswith(COUNTER)}
    net.load_state_dict(counters | dict(state), assign=True)
    return net.eval().requires_grad_(False)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except FileNotFoundError:
        raise WeightsError(f"There is no checkpoint at {path} any more: choose a newer one.") from None
    except (OSError, SafetensorError):
        raise WeightsError(f"{path} is not a whole file of weights: choose another one.") from None


def _unlike(path: Path, spec: NetSpec, what: str) -> WeightsError:
    return WeightsError(f"{path} holds weights of another net than {spec.name} ({what}): choose another one.")


def _words(kind: Kind) -> str:
    shape, values = kind
    return f"{str(values).removeprefix('torch.')} {'×'.join(map(str, shape)) or 'scalar'}"
