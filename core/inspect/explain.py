"""Where a decision comes from: Grad-CAM (Selvaraju 2017), Integrated Gradients (Sundararajan 2017), Occlusion (Zeiler
2014), as captum computes them, for one class's logit in eval mode.

captum is imported by who explains: it brings matplotlib, which takes a second and wants a folder to write into.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.check import Check
from core.inspect.trained import Trained
from core.nets import Net
from core.probes.taps import tap
from core.record.answers import Explanation

Method = Literal["gradcam", "gradients", "occlusion"]
METHODS: tuple[Method, ...] = get_args(Method)
PATH_STEPS = 64  # points on the path of Integrated Gradients, Gauss-Legendre
AT_ONCE = 16  # pictures a forward pass
WINDOW, STRIDE = 5, 16  # Occlusion covers a 5th of the side and moves by a 16th; on large pictures by an 8th
LARGE = 64  # pixels a side


def explain(
    trained: Trained, picture: np.ndarray, method: Method, target: int, layer: int, check: Check
) -> Explanation:
    """Picture (S, S, 3), 0 to 255 -> ``heat`` (S, S): what speaks for class ``target``, and what is below 0 against it.

    The baseline of Integrated Gradients and what Occlusion covers with is the mean colour of the training pictures.
    Grad-CAM reads the maps of ``layer``, a number among ``layers`` (-1 is the last, and says most), keeps what is above
    0 and is enlarged bilinearly from ``positions`` a side; those of the others are pixels. ``logit`` of the class; for
    Integrated Gradients ``baseline_logit`` as well, and ``total``, the sum of the heat: it should be the difference of
    the two (completeness), ``error`` is by how much it is not.
    """
    net = trained.net
    stops = net.ends()
    layer = layer % len(stops)
    image = trained.normalise(picture[None])
    positions = image.shape[-1]
    with tap([net.layers[0].module], check):  # looks at the check once a forward pass
        with torch.no_grad():
            logits = net(torch.cat([image, torch.zeros_like(image)]))[:, target].tolist()
        if method == "gradcam":
            coarse = gradcam(net, list(stops.values())[layer], image, target)
            heat = functional.interpolate(coarse, image.shape[2:], mode="bilinear", align_corners=False)[0, 0]
            positions = coarse.shape[-1]
        elif method == "gradients":
            heat = integrated_gradients(net, image, target)
        else:
            heat = occlusion(net, image, target)
    found: Explanation = {
        "layers": list(stops),
        "layer": layer,
        "target": target,
        "method": method,
        "heat": heat.numpy(),
        "positions": positions,
        "logit": logits[0],
    }
    if method == "gradients":
        total = float(heat.sum())
        found |= {"baseline_logit": logits[1], "total": total, "error": total - (logits[0] - logits[1])}
    return found


def gradcam(net: Net, layer: nn.Module, image: Tensor, target: int) -> Tensor:
    """(1, 3, S, S) -> (1, 1, H, W), at least 0: the layer's maps weighted by their mean gradient, summed, ReLU."""
    from captum.attr import LayerGradCam

    heat: Tensor = LayerGradCam(net, layer).attribute(image, target, relu_attributions=True)
    return heat.detach()


def integrated_gradients(net: Net, image: Tensor, target: int) -> Tensor:
    """(1, 3, S, S) -> (S, S), summed over the colours."""
    from captum.attr import IntegratedGradients

    method = IntegratedGradients(net)
    heat = method.attribute(image, target=target, n_steps=PATH_STEPS, internal_batch_size=AT_ONCE)
    return heat[0].sum(0).detach().float()


def occlusion(net: Net, image: Tensor, target: int) -> Tensor:
    """(1, 3, S, S) -> (S, S): by how much the logit drops when a square over the pixel is covered, on average."""
    from captum.attr import Occlusion

    side = image.shape[2]
    window, stride = side // WINDOW, side // (STRIDE if side <= LARGE else STRIDE // 2)
    with torch.no_grad():
        heat = Occlusion(net).attribute(
            image,
            sliding_window_shapes=(3, window, window),
            strides=(3, stride, stride),
            target=target,
            perturbations_per_eval=AT_ONCE,
        )
    return heat[0, 0].detach()
