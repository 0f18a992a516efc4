"""VGGs: Simonyan and Zisserman 2015, table 1, columns A, B, D and E."""

from __future__ import annotations

from core.arith.walk import Walk


def walk_vgg(walk: Walk) -> tuple[int, ...]:
    """Channels of each stage. Convolutions have biases before norms as well, as published."""
    spec = walk.spec
    walk.biased = True
    channels, width = [], 3
    for stage, layers in enumerate(spec.stages, 1):
        outputs = min(8, 2 ** (stage - 1)) * spec.width
        for layer in range(1, layers + 1):
            name = f"stage{stage}.layer{layer}"
            read = outputs * walk.size**2 if layer == layers else 0  # by the maxima, and by no convolution
            walk.conv(f"{name}.conv", width, outputs, 3, also_kept=read, positions=read // 4)
            walk.norm(f"{name}.norm", outputs)
            width = outputs
        walk.pool2x2()
        channels.append(width)
    if spec.form == "cifar":
        walk.linear("fc", width, spec.num_classes, kept=width)
        return tuple(channels)
    features = width * 7**2
    walk.linear("fc1", features, 4096, kept=width * walk.size**2 + features)  # before and after they are made to fit
    walk.linear("fc2", 4096, 4096, kept=3 * 4096)  # the ReLU's result, the mask of the dropout and what that leaves
    walk.linear("fc", 4096, spec.num_classes, kept=3 * 4096)
    return tuple(channels)
