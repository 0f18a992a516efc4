"""VGG in a script: Simonyan and Zisserman 2015, in the form for CIFAR."""

from __future__ import annotations

from core.publish.script.parts import chained, helpers, nested
from core.publish.script.text import indented, joined, piece
from core.spec import NetSpec


def net(spec: NetSpec) -> str:
    """The classes of the net."""
    return joined(*helpers(spec), _stage(spec), _net(spec))


def _stage(spec: NetSpec) -> str:
    norm = chained(spec, ("norm",), 0, "outside").get("norm0")
    inner = f"norm={norm}, relu=nn.ReLU()" if norm else "relu=nn.ReLU()"
    return piece(
        "def stage(inside, outside, layers):",
        '    """3x3 convolutions, and 2x2 maxima behind the last one."""',
        "    parts = {}",
        "    for i in range(1, layers + 1):",
        f"        made = dict(conv=nn.Conv2d(inside, outside, 3, padding=1), {inner})",
        "        pool = dict(pool=nn.MaxPool2d(2)) if i == layers else {}",
        '        parts[f"layer{i}"] = nn.Sequential(OrderedDict(**made, **pool))',
        "        inside = outside",
        "    return nn.Sequential(OrderedDict(parts))",
    )


def _net(spec: NetSpec) -> str:
    widths = [spec.width * 2 ** min(index, 3) for index in range(len(spec.stages))]
    stages = [
        f"self.stage{index + 1} = stage({([3, *widths])[index]}, {widths[index]}, layers={layers})"
        for index, layers in enumerate(spec.stages)
    ]
    return piece(
        "class Net(nn.Module):",
        '    """Five stages, which leave one number of each map, and a linear layer."""',
        "    def __init__(self):",
        "        super().__init__()",
        *indented(stages, 2),
        f"        self.head = nn.Sequential(OrderedDict(fc=nn.Linear({widths[-1]}, {spec.num_classes})))",
        "",
        "    def forward(self, x):",
        f"        return self.head({nested('stage', len(spec.stages), 'x')}.flatten(1))",
    )
