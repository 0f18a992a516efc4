"""The picture of a net as plain data, from the same rows as its counts, so that drawing and numbers cannot disagree.

A net is stages, a stage is units (blocks of a ResNet, layers of a dense block, and stem, transitions and head), a unit
is operations. Units that differ in nothing but their place share one :class:`Form`: ResNet-1202 has seven.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from core import arith
from core.arith import Description, Row
from core.figures import operations
from core.figures.drawings import DRAWINGS
from core.figures.operations import Op
from core.figures.schema import Columns, Drawing, DrawnForm, DrawnOp, ShortcutKind, UnitKind
from core.spec import NetSpec
from core.vocabulary.families import remarks

STAGE_TITLES = {"stem": "Stem", "head": "Classifier", "stage": "Stage", "block": "Dense block", "transition": "Trans."}
SHORTCUTS: dict[str, str] = {
    "none": "no shortcut: only what the layers compute goes on",
    "identity": "identity: the input is added as it is",
    "padding": "A: every second pixel, new channels are zero; no parameters",
    "widening": "A: the input as it is, new channels are zero; no parameters",
    "projection": "projection: a 1×1 convolution makes the shapes agree",
    "concatenation": "concatenation: the new channels are appended to all that came before",
}


@dataclass(frozen=True, slots=True)
class Form:
    """What a unit is made of; the same object for all units that are made alike."""

    kind: UnitKind
    shortcut: ShortcutKind
    inputs: int  # channels it reads
    outputs: int  # channels it hands on
    size: int  # pixels a side of the map it hands on
    branch: tuple[Op, ...]
    side: tuple[Op, ...]  # on the shortcut
    after: tuple[Op, ...]  # behind the addition

    @property
    def operations(self) -> tuple[Op, ...]:
        return self.branch + self.side + self.after


@dataclass(frozen=True, slots=True)
class Unit:
    """One block, dense layer, transition, stem or head."""

    name: str  # stage1.block1, block2.layer3, transition1, stem, head
    form: Form
    first_row: int  # of its rows in arith's description; an operation's row counts from here
    row_count: int


@dataclass(frozen=True, slots=True)
class Stage:
    """Units on maps of one size; stem, transitions and head are stages of one unit."""

    name: str
    title: str
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class Diagram:
    """The whole net."""

    description: Description
    stages: tuple[Stage, ...]
    title: str  # the finding
    alt: str

    @property
    def spec(self) -> NetSpec:
        return self.description.spec

    @property
    def units(self) -> tuple[Unit, ...]:
        return tuple(unit for stage in self.stages for unit in stage.units)

    @property
    def widest(self) -> int:
        """Channels of the widest map, to which all others are drawn to scale."""
        return max(unit.form.inputs for unit in self.units)


@lru_cache(maxsize=64)
def diagram(spec: NetSpec) -> Diagram:
    """The picture of a net."""
    found = arith.describe(spec)
    forms: dict[Form, Form] = {}
    stages: dict[str, list[Unit]] = {}
    channels, size = 3, spec.image_size
    for name, first, rows in _units(found):
        form = _form(spec, name, rows, channels, size)
        form = forms.setdefault(form, form)
        channels, size = form.outputs, form.size
        stages.setdefault(name.partition(".")[0], []).append(Unit(name, form, first, len(rows)))
    drawn = tuple(Stage(name, _stage_title(name), tuple(units)) for name, units in stages.items())
    return Diagram(found, drawn, _title(spec, drawn), _alt(spec, drawn))


def _units(found: Description) -> Iterator[tuple[str, int, tuple[Row, ...]]]:
    """Name, index of the first row, and rows of each unit, in forward order."""
    start, current = 0, _unit_of(found.rows[0].name, "stem")
    for index, row in enumerate(found.rows):
        name = _unit_of(row.name, current)
        if name != current:
            yield current, start, found.rows[start:index]
            start, current = index, name
    yield current, start, found.rows[start:]


def _unit_of(row: str, current: str) -> str:
    pieces = row.split(".")
    if len(pieces) > 2:
        return f"{pieces[0]}.{pieces[1]}"
    if pieces[0].startswith("transition"):
        return pieces[0]
    return "stem" if current == "stem" else "head"


def _form(spec: NetSpec, name: str, rows: tuple[Row, ...], inputs: int, reads: int) -> Form:
    kind = _kind(name)
    shortcut: ShortcutKind = "none"
    made = [row.shape[0] for row in rows if row.kind in ("conv", "linear")]
    outputs = made[-1] if made else inputs
    if kind == "layer" and spec.skip:
        shortcut, outputs = "concatenation", inputs + outputs
    elif kind == "block" and spec.skip:
        shortcut = _residual_shortcut(rows, inputs, outputs)
    branch, side, after = DRAWINGS[spec.family].units[kind](spec, name, operations.of_rows(spec, name, rows, reads))
    size = next((row.shape[1] for row in reversed(rows) if len(row.shape) == 3), 1)
    pooled = any(op.kind == "pool" for op in branch)
    size = 1 if kind == "head" else size // 2 if pooled else size
    return Form(kind, shortcut, inputs, outputs, size, branch, side, after)


def _kind(name: str) -> UnitKind:
    if "." in name:
        return "layer" if name.partition(".")[2].startswith("layer") else "block"
    if name.startswith("transition"):
        return "transition"
    return "stem" if name == "stem" else "head"


def _residual_shortcut(rows: tuple[Row, ...], inputs: int, outputs: int) -> ShortcutKind:
    if any(row.kind == "projection" for row in rows):
        return "projection"
    return "identity" if inputs == outputs else "padding"


def _stage_title(name: str) -> str:
    word = name.rstrip("0123456789")
    return f"{STAGE_TITLES[word]} {name.removeprefix(word)}".strip()


def _title(spec: NetSpec, stages: tuple[Stage, ...]) -> str:
    """What the picture shows, in one line."""
    several = [stage for stage in stages if stage.units[0].form.kind in ("block", "layer")]
    return DRAWINGS[spec.family].finding(spec, [[unit.form.shortcut for unit in stage.units] for stage in several])


def _alt(spec: NetSpec, stages: tuple[Stage, ...]) -> str:
    parts = []
    for stage in stages:
        last, count = stage.units[-1].form, len(stage.units)
        what = f"{count} {last.kind}s, " if last.kind in ("block", "layer") else ""
        parts.append(f"{stage.title}: {what}{last.outputs} channels on {last.size}×{last.size}")
    return f"{spec.name} from picture to classes. {'; '.join(parts)}."


def for_browser(drawn: Diagram) -> Drawing:
    """The picture and the layer table as JSON-ready values; forms and columns instead of repeated objects."""
    forms = list(dict.fromkeys(unit.form for unit in drawn.units))
    place = {id(form): index for index, form in enumerate(forms)}
    return {
        "name": drawn.spec.name,
        "kind": drawn.spec.kind,
        "norm": drawn.spec.norm,
        "title": drawn.title,
        "alt": drawn.alt,
        "remarks": remarks(drawn.spec.model_dump()),
        "widest": drawn.widest,
        "forms": [_form_for_browser(drawn.spec, form) for form in forms],
        "stages": [
            {
                "name": stage.name,
                "title": stage.title,
                "units": [(unit.name, place[id(unit.form)], unit.first_row, unit.row_count) for unit in stage.units],
            }
            for stage in drawn.stages
        ],
        "rows": _columns(drawn.description),
        "totals": {
            "params": drawn.description.params,
            "norm_params": drawn.description.norm_params,
            "macs": drawn.description.macs,
            "depth": drawn.description.depth,
            "receptive_field": drawn.description.receptive_field,
            "rows": len(drawn.description.rows),
        },
    }


def _form_for_browser(spec: NetSpec, form: Form) -> DrawnForm:
    def listed(ops: tuple[Op, ...]) -> list[DrawnOp]:
        return [
            {"name": op.name, "kind": op.kind, "text": op.text, "row": op.row, "channels": op.channels} for op in ops
        ]

    return {
        "kind": form.kind,
        "shortcut": form.shortcut,
        "explained": _explained(form) if form.kind in ("block", "layer") else "",
        "inputs": form.inputs,
        "outputs": form.outputs,
        "size": form.size,
        "fork": operations.shared(spec, form.branch, form.shortcut),
        "branch": listed(form.branch),
        "side": listed(form.side),
        "after": listed(form.after),
        "formula": operations.formula(spec, form.kind, form.shortcut, form.branch, form.side, form.after),
    }


def _explained(form: Form) -> str:
    if form.shortcut == "padding" and not operations.halves(form.branch):
        return SHORTCUTS["widening"]
    return SHORTCUTS[form.shortcut]


def _columns(found: Description) -> Columns:
    return {
        "name": [row.name for row in found.rows],
        "kind": [row.kind for row in found.rows],
        "shape": ["×".join(map(str, row.shape)) for row in found.rows],
        "formula": [row.formula for row in found.rows],
        "params": [row.params for row in found.rows],
        "macs": [row.macs for row in found.rows],
        "field": [row.receptive_field for row in found.rows],
        "kept": [row.kept for row in found.rows],
    }
