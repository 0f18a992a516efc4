"""DenseNet in a script: Huang 2017, in the form for CIFAR."""

from __future__ import annotations

from core.publish.script.parts import bias_word, chained, helpers, norm_code
from core.publish.script.text import chain, indented, joined, piece
from core.spec import NetSpec


def net(spec: NetSpec) -> str:
    """The classes of the net."""
    dense = DENSE if spec.skip else ""
    return joined(*helpers(spec), _layer(spec), dense, _block(spec), _transition(spec), _net(spec))


DENSE = '''
class DenseBlock(nn.Sequential):
    """Each layer reads the block's input and all that the layers before it made."""
    def forward(self, x):
        for layer in self:
            x = torch.cat([x, layer(x)], 1)
        return x
'''


def _layer(spec: NetSpec) -> str:
    bias, k = bias_word(spec), spec.growth_rate
    three = "nn.Conv2d({}, " + f"{k}, 3, padding=1{bias})"
    if spec.bottleneck:
        parts = {
            **_norm_and_relu(spec, "1", "channels"),
            "conv1": f"nn.Conv2d(channels, {4 * k}, 1{bias})",
            **_norm_and_relu(spec, "2", str(4 * k)),
            "conv2": three.format(4 * k),
        }
    else:
        parts = {**_norm_and_relu(spec, "", "channels"), "conv": three.format("channels")}
    made = f"{k} new channels" + (f", by way of {4 * k}" if spec.bottleneck else "")
    return piece("def layer(channels):", f'    """{made}."""', *_returned(parts))


def _norm_and_relu(spec: NetSpec, index: str, channels: str) -> dict[str, str]:
    found = chained(spec, ("norm", "relu"), 0, channels)
    return {name.replace("0", index): code for name, code in found.items()}


def _returned(parts: dict[str, str]) -> list[str]:
    return chain("return ", parts, 1)


def _block(spec: NetSpec) -> str:
    kind = "DenseBlock" if spec.skip else "nn.Sequential"
    reads = f"channels + i * {spec.growth_rate}" if spec.skip else f"{spec.growth_rate} if i else channels"
    return piece(
        "def block(channels, layers):",
        f'    """A {"dense block" if spec.skip else "chain of layers"}."""',
        f'    parts = {{f"layer{{i + 1}}": layer({reads}) for i in range(layers)}}',
        f"    return {kind}(OrderedDict(parts))",
    )


def _transition(spec: NetSpec) -> str:
    parts = {
        **_norm_and_relu(spec, "", "channels"),
        "conv": f"nn.Conv2d(channels, kept, 1{bias_word(spec)})",
        "pool": "nn.AvgPool2d(2)",
    }
    return piece(
        "def transition(channels, kept):", '    """Fewer channels, and maps of half the size."""', *_returned(parts)
    )


def _net(spec: NetSpec) -> str:
    channels = 2 * spec.growth_rate if spec.bottleneck and spec.compression < 1 else 16
    made = [f"self.stem = nn.Conv2d(3, {channels}, 3, padding=1{bias_word(spec)})"]
    names = []
    for index, layers in enumerate(spec.stages, 1):
        made.append(f"self.block{index} = block({channels}, layers={layers})")
        names.append(f"block{index}")
        channels = channels + layers * spec.growth_rate if spec.skip else spec.growth_rate
        if index < len(spec.stages):
            kept = max(1, int(channels * spec.compression // 1))
            made.append(f"self.transition{index} = transition({channels}, {kept})")
            names.append(f"transition{index}")
            channels = kept
    norm = norm_code(spec, str(channels))
    last = "self.norm(x)" if norm else "x"
    return piece(
        "class Net(nn.Module):",
        '    """Three blocks, on maps of 32x32, 16x16 and 8x8."""',
        "    def __init__(self):",
        "        super().__init__()",
        *indented(made, 2),
        f"        self.norm = {norm}" if norm else None,
        f"        self.fc = nn.Linear({channels}, {spec.num_classes})",
        "",
        "    def forward(self, x):",
        "        x = self.stem(x)",
        *indented([f"x = self.{name}(x)" for name in names], 2),
        f"        return self.fc(F.relu({last}).mean((2, 3)))",
    )
