"""Published ImageNet weights into nets of this project."""

from __future__ import annotations

import zipfile
from functools import cache
from pathlib import Path

import torch

from core.inspect import imagenet, weights
from core.inspect.catalogue import SUFFIX, WeightsError
from core.nets import Net
from core.nets.torchvision import from_torchvision
from core.spec import NetSpec, preset

MEAN = (0.485, 0.456, 0.406)  # of ImageNet's training pictures, per channel, on the scale 0 to 1, as torchvision takes
STD = (0.229, 0.224, 0.225)


def restore(name: str, path: Path) -> Net:
    """torchvision's net of that name from its published file, or from a safetensors file of the same tensors.

    Raises WeightsError.
    """
    spec = preset(name)
    if path.suffix == SUFFIX:
        return weights.from_safetensors(path, spec, _here)
    try:
        imagenet.check_digest(imagenet.PUBLISHED[name], path)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read ({error.strerror}): allow it or fetch the file again.") from None
    return _from_pickle(path, spec)


def _here(names: list[str]) -> dict[str, str]:
    """Raises WeightsError."""
    try:
        return from_torchvision({name: name for name in names})
    except ValueError as error:
        raise WeightsError(str(error)) from None


def _from_pickle(path: Path, spec: NetSpec) -> Net:
    """The only pickle that this project reads, and only after its checksum has said that it is the published file.

    Even then ``weights_only`` makes tensors and plain containers alone and calls nothing that the file names, so one
    made to have the same first eight digits could do no harm. Files from before torch 1.6 are no archives to be mapped.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
        state = from_torchvision(state)
        kinds: dict[str, weights.Kind] = {name: (tuple(tensor.shape), tensor.dtype) for name, tensor in state.items()}
    except Exception:  # of many kinds: an unpickler's, an archive's, a tensor's
        raise WeightsError(f"{path} is not a whole file of weights: delete it and fetch it again.") from None
    return weights.filled(weights.matching(spec, kinds, path), state)


@cache
def class_names(name: str) -> tuple[str, ...]:
    """The 1,000 classes, as torchvision lists them with the weights."""
    from torchvision.models import get_model_weights  # takes a while, and CIFAR nets do without

    return tuple(get_model_weights(name)["IMAGENET1K_V1"].meta["categories"])
