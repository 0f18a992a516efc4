"""What nets of several families are made of, as code."""

from __future__ import annotations

from collections.abc import Iterable

from core.spec import NetSpec


def bias_word(spec: NetSpec) -> str:
    """The end of a convolution's call: a bias exactly in nets without norms, and under Fixup none."""
    return "" if spec.norm == "none" and spec.init != "fixup" else ", bias=False"


def norm_code(spec: NetSpec, channels: str) -> str:
    """The norm, under Fixup its scalar bias, or nothing."""
    return {
        "batch": f"nn.BatchNorm2d({channels})",
        "group": f"group_norm({channels})",
        "layer": f"nn.GroupNorm(1, {channels})",
        "instance": f"nn.GroupNorm({channels}, {channels})",
        "none": "Scalars()" if spec.init == "fixup" else "",
    }[spec.norm]


def chained(spec: NetSpec, kinds: Iterable[str], index: int, channels: str) -> dict[str, str]:
    """Norms and ReLUs by name, where there are any."""
    codes = {f"{kind}{index}": norm_code(spec, channels) if kind == "norm" else "nn.ReLU()" for kind in kinds}
    return {name: code for name, code in codes.items() if code}


def nested(name: str, count: int, inner: str) -> str:
    """The parts of that name, each around the one before."""
    for index in range(1, count + 1):
        inner = f"self.{name}{index}({inner})"
    return inner


def helpers(spec: NetSpec) -> list[str]:
    """Small functions and classes that this net needs."""
    wanted = {
        "group_norm": spec.norm == "group",
        "Scalars": spec.init == "fixup",
        "Dropout": spec.dropout > 0,
        "SqueezeExcite": spec.se_reduction > 0,
    }
    return [HELPERS[name].replace("{share}", repr(spec.dropout)) for name, needed in wanted.items() if needed]


HELPERS = {
    "group_norm": '''
def group_norm(channels):
    """Groups: the largest divisor of the channels that is at most 8."""
    return nn.GroupNorm(max(groups for groups in range(1, 9) if channels % groups == 0), channels)
''',
    "Scalars": '''
class Scalars(nn.Module):
    """What Fixup has in place of a norm: a bias, and at the end of a branch a factor before it."""
    def __init__(self, factor=False):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(())) if factor else None
        self.bias = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        return (x if self.weight is None else x * self.weight) + self.bias
''',
    "Dropout": '''
class Dropout(nn.Module):
    """Zeroes a share of {share} of the values and scales the others up."""
    def forward(self, x):
        source = torch.Generator(x.device).manual_seed(int(torch.randint(2**63 - 1, ())))
        return x * torch.empty_like(x).bernoulli_(1 - {share}, generator=source).div_(1 - {share})
''',
    "SqueezeExcite": '''
class SqueezeExcite(nn.Module):
    """Hu 2018: each channel times a gate that a small net finds from the averages of all."""
    def __init__(self, channels, hidden):
        super().__init__()
        self.fc1 = nn.Linear(channels, hidden)
        self.fc2 = nn.Linear(hidden, channels)

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(F.relu(self.fc1(x.mean((2, 3))))))[:, :, None, None]
''',
}
