"""Plain and residual nets in a script: He 2015, He 2016, Zagoruyko 2016, Xie 2017."""

from __future__ import annotations

from core.publish.script.parts import bias_word, chained, helpers, nested, norm_code
from core.publish.script.text import chain, indented, joined, piece
from core.spec import NetSpec
from core.vocabulary.orders import ORDERS

PICK_BELOW = 16  # channels from which torch's own 1x1 convolution with a stride is used; core.nets.parts says why


def net(spec: NetSpec) -> str:
    """The classes of the net."""
    return joined(*helpers(spec), _picked(spec), _block(spec), _stage(spec), _net(spec))


def _projects(spec: NetSpec) -> str:
    """No, always or sometimes: at the first block of a stage that changes shapes."""
    return {"A": "no", "B": "sometimes", "C": "always"}[spec.shortcut] if spec.skip else "no"


def _picks(spec: NetSpec) -> bool:
    """Whether a 1x1 convolution with a stride reads so few channels that the lab picks the pixels first."""
    strided = _projects(spec) != "no" or (spec.bottleneck and spec.stride_on == "1x1")
    return strided and spec.width * spec.width_multiplier * (4 if spec.bottleneck else 1) < PICK_BELOW


def _picked(spec: NetSpec) -> str:
    if not _picks(spec):
        return ""
    return piece(
        "class Pick(nn.Conv2d):",
        '    """Picks every stride-th pixel first: of few channels torch\'s own kernel is not safe (oneDNN 6035)."""',
        "    def forward(self, x):",
        "        down, across = self.stride",
        "        return F.conv2d(x[:, :, ::down, ::across], self.weight, self.bias)",
    )


def _one(spec: NetSpec, inside: str, outside: str, stride: str = "") -> str:
    """A 1x1 convolution as code."""
    kind = "nn.Conv2d"
    if stride and _picks(spec):
        kind = f"(Pick if stride > 1 and {inside} < {PICK_BELOW} else nn.Conv2d)"
    return f"{kind}({inside}, {outside}, 1{stride}{bias_word(spec)})"


def _three(spec: NetSpec, inside: str, outside: str, stride: str = "", groups: str = "") -> str:
    return f"nn.Conv2d({inside}, {outside}, 3{stride}, padding=1{groups}{bias_word(spec)})"


def _convolutions(spec: NetSpec) -> list[tuple[str, str, str]]:
    """Each as code, with the channels that it reads and makes."""
    if not spec.bottleneck:
        first = (_three(spec, "inside", "planes", ", stride"), "inside", "planes")
        return [first, (_three(spec, "planes", "planes"), "planes", "planes")]
    width = "planes" if spec.base_width is None else "width"
    strides = (", stride", "") if spec.stride_on == "1x1" else ("", ", stride")
    groups = f", groups={spec.groups}" if spec.groups > 1 else ""
    return [
        (_one(spec, "inside", width, strides[0]), "inside", width),
        (_three(spec, width, width, strides[1], groups), width, width),
        (_one(spec, width, "out"), width, "out"),
    ]


def _branch(spec: NetSpec) -> dict[str, str]:
    """The parts of F(x) by name, as core.nets.residual has them: names seed the weights."""
    order, fixup = ORDERS[spec.activation_order], spec.init == "fixup"
    parts: dict[str, str] = {}
    convolutions = _convolutions(spec)
    for index, (code, reads, makes) in enumerate(convolutions, 1):
        if index > 1:
            parts |= chained(spec, order.before, index, reads)
        if index == 2 and spec.dropout:
            parts["dropout"] = "Dropout()"
        if fixup:
            parts[f"bias{index}"] = "Scalars()"
        parts[f"conv{index}"] = code
        last = index == len(convolutions)
        parts |= chained(spec, order.end if last else order.behind, index, makes)
    if fixup:
        parts[f"norm{len(convolutions)}"] = "Scalars(factor=True)"
    if spec.se_reduction:
        parts["se"] = f"SqueezeExcite({_outside(spec)}, max(1, {_outside(spec)} // {spec.se_reduction}))"
    return parts


def _drops(spec: NetSpec) -> bool:
    return spec.skip and spec.survival_probability < 1


def _outside(spec: NetSpec) -> str:
    return "out" if spec.bottleneck else "planes"


def _block(spec: NetSpec) -> str:
    order = ORDERS[spec.activation_order]
    outside = _outside(spec)
    before = chained(spec, order.before, 1, "inside")
    after = chained(spec, order.after, 3 if spec.bottleneck else 2, outside)
    width = None
    if spec.bottleneck and spec.base_width is not None:
        width = f"        width = {spec.groups * spec.base_width} * (planes // {spec.width})  # of the 3x3"
    return piece(
        "class Block(nn.Module):",
        f'    """{_formula(spec, before, after)}"""',
        f"    def __init__(self, inside, planes, stride{', survival' if _drops(spec) else ''}):",
        "        super().__init__()",
        "        out = 4 * planes" if spec.bottleneck else None,
        "        self.survival = survival" if _drops(spec) else None,
        width,
        *(chain("self.before = ", before, 2) if before else []),
        *chain("self.branch = ", _branch(spec), 2),
        *_shortcut(spec),
        *(chain("self.after = ", after, 2) if _keeps(after) else []),
        "",
        "    def forward(self, x):",
        *indented(_forward(spec, before, after), 2),
    )


def _keeps(after: dict[str, str]) -> bool:
    """Whether what stands behind the addition is more than a ReLU."""
    return set(after.values()) - {"nn.ReLU()"} != set()


def _formula(spec: NetSpec, before: dict[str, str], after: dict[str, str]) -> str:
    inner = "before(x)" if before else "x"
    added = f"branch({inner})"
    if spec.skip:
        added = f"shortcut(x) + {added}"
    return f"y = {'after' if _keeps(after) else 'relu'}({added})." if after else f"y = {added}."


def _shortcut(spec: NetSpec) -> list[str]:
    """Lines of the block's beginning."""
    outside = _outside(spec)
    projects = _projects(spec)
    if not spec.skip:
        return []
    if projects == "no":
        return indented([f"self.stride, self.new = stride, {outside} - inside  # channels, of zeros: option A"], 2)
    parts = {"conv": _one(spec, "inside", outside, ", stride")}
    if "norm" in ORDERS[spec.activation_order].end and (code := norm_code(spec, outside)):
        parts["norm"] = code
    if projects == "always":
        return chain("self.shortcut = ", parts, 2)
    changes = f"stride > 1 or inside != {outside}"
    shared = ORDERS[spec.activation_order].before
    test = "self.projects" if shared else changes
    begun = [
        *([f"self.projects = {changes}"] if shared else []),
        "self.shortcut = nn.Identity()",
        f"if {test}:  # a projection",
    ]
    return [*indented(begun, 2), *chain("self.shortcut = ", parts, 3)]


def _forward(spec: NetSpec, before: dict[str, str], after: dict[str, str]) -> list[str]:
    factor = f" * {_factor(spec)}" if spec.skip and spec.branch_factor != 1 else ""
    kept = " * float(torch.rand(()) < self.survival)" if _drops(spec) else ""
    branch = f"self.branch({'inner' if before else 'x'}){kept}{factor}"
    lines = ["inner = self.before(x)"] if before else []
    if spec.skip:
        carried, more = _carried(spec, bool(before))
        lines += more
        scale = f" * {spec.shortcut_scale!r}" if spec.shortcut_scale != 1 else ""
        branch = f"{carried}{scale} + {branch}"
    if _keeps(after):
        return [*lines, f"return self.after({branch})"]
    return [*lines, f"return F.relu({branch})" if after else f"return {branch}"]


def _factor(spec: NetSpec) -> str:
    return f"(1 / {sum(spec.stages)})" if spec.branch_scale == "1/L" else repr(spec.branch_scale)


def _carried(spec: NetSpec, before: bool) -> tuple[str, list[str]]:
    """What the branch is added to, and lines that make it. A projection reads what the branch reads."""
    projects = _projects(spec)
    if projects == "no":
        return "carried", [
            "carried = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.new))",
        ]
    if not before:
        return "self.shortcut(x)", []
    return f"self.shortcut({'inner' if projects == 'always' else 'inner if self.projects else x'})", []


def _stage(spec: NetSpec) -> str:
    wide = "4 * planes" if spec.bottleneck else "planes"
    if not _drops(spec):
        return piece(
            "def stage(inside, planes, blocks, stride):",
            '    """Blocks of which the first one changes channels and the size of the maps."""',
            f'    rest = {{f"block{{i}}": Block({wide}, planes, 1) for i in range(2, blocks + 1)}}',
            "    return nn.Sequential(OrderedDict(block1=Block(inside, planes, stride), **rest))",
        )
    return piece(
        "def stage(inside, planes, blocks, stride, before):",
        '    """The first block changes channels and size of the maps; the deeper, the rarer kept (Huang 2016)."""',
        "    parts = {}",
        "    for i in range(1, blocks + 1):",
        f"        survival = 1 - (before + i) / {sum(spec.stages)} * (1 - {spec.survival_probability!r})",
        '        parts[f"block{i}"] = Block(inside, planes, stride, survival)',
        f"        inside, stride = {wide}, 1",
        "    return nn.Sequential(OrderedDict(parts))",
    )


def _net(spec: NetSpec) -> str:
    before = ORDERS[spec.activation_order].before
    last = spec.width * spec.width_multiplier * 2 ** (len(spec.stages) - 1) * (4 if spec.bottleneck else 1)
    norm = norm_code(spec, str(last if "norm" in before else spec.width))
    fixup = spec.init == "fixup"
    stages = [_stage_line(spec, index) for index in range(len(spec.stages))]
    return piece(
        "class Net(nn.Module):",
        f'    """Stages on maps of 32x32, 16x16, 8x8{", 4x4" * (len(spec.stages) > 3)}."""',
        "    def __init__(self):",
        "        super().__init__()",
        f"        self.stem = {_three(spec, '3', str(spec.width))}",
        f"        self.norm = {norm}" + ("  # behind the last block" if "norm" in before else "") if norm else None,
        *indented(stages, 2),
        "        self.fc_bias = Scalars()" if fixup else None,
        f"        self.fc = nn.Linear({last}, {spec.num_classes})",
        "",
        "    def forward(self, x):",
        f"        x = {_around('self.stem(x)', bool(norm) and 'norm' not in before, 'relu' not in before)}",
        f"        x = {nested('stage', len(spec.stages), 'x')}",
        *(
            [f"        x = {_around('x', bool(norm) and 'norm' in before, 'relu' in before)}"]
            if "relu" in before
            else []
        ),
        f"        return self.fc({'self.fc_bias(x.mean((2, 3)))' if fixup else 'x.mean((2, 3))'})",
    )


def _around(code: str, norm: bool, relu: bool) -> str:
    code = f"self.norm({code})" if norm else code
    return f"F.relu({code})" if relu else code


def _stage_line(spec: NetSpec, index: int) -> str:
    planes = spec.width * spec.width_multiplier * 2**index
    inside = spec.width if index == 0 else planes // 2 * (4 if spec.bottleneck else 1)
    before = f", before={sum(spec.stages[:index])}" if _drops(spec) else ""
    shape = f"{inside}, {planes}, blocks={spec.stages[index]}, stride={1 + (index > 0)}{before}"
    return f"self.stage{index + 1} = stage({shape})"
