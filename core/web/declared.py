"""Types of what the browser is told, for JavaScript, written from the types of Python that say it.

``python -m core.web.declared`` writes them into assets; with ``--check`` it changes nothing, and says where they are
not what Python says any more.
"""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import numpy as np

from core.assets import ASSETS
from core.figures import lineage, strip
from core.figures import schema as figures
from core.figures.dashboard import LiveData
from core.findings.group import Findings
from core.record import events, payloads
from core.record.told import Answer
from core.report.content import ReportData
from core.vocabulary import colours, numbers, standings, traces
from core.vocabulary.quantities import QUANTITIES, Quantity
from core.vocabulary.states import State
from core.web.architecture.page import PageData
from core.web.inspect import schema as inspect
from core.web.train import column

TOLD = (
    *(
        events.Encoded,
        payloads.Pace,
        payloads.Traces,
        payloads.Look,
        *payloads.SCHEMA.values(),
        Answer,
        LiveData,
        column.ColumnData,
        Findings,
        ReportData,
    ),
    lineage.Tree,
    strip.Strips,
    *(PageData, figures.ShownNet, figures.ChannelsFigure, figures.MemoryFigure, figures.ComparisonFigure),
    *(inspect.ContentData, inspect.AdditionContent, inspect.ProductsContent, inspect.GridData, inspect.GridContent),
    *(inspect.OverlayData, inspect.OverlayContent, inspect.CropData, figures.Panels),
)
TABLES = (colours, numbers, traces, standings)  # of the vocabulary, beside those of its dataclasses
HEAD = "// Written by core/web/declared.py (make types).\n"
PLAIN = {str: "string", bool: "boolean", int: "number", float: "number", types.NoneType: "null", Any: "any"}
ARRAYS = {np.float32: "Float32Array", np.float64: "Float64Array", np.int32: "Int32Array", np.uint8: "Uint8Array"}


def told() -> str:
    """``assets/told.d.ts``: events, answers, and the data of components."""
    kinds = "".join(f"  {kind}: {schema.__name__}\n" for kind, schema in payloads.SCHEMA.items())
    return HEAD + interfaces(TOLD) + f"\nexport interface Payloads {{\n{kinds}}}\n"


def vocabulary() -> str:
    """``assets/vocabulary.d.ts``: the module that core/vocabulary/view.py writes."""
    names = " | ".join(json.dumps(name) for name in QUANTITIES)
    tables = {
        **{module.__name__.rpartition(".")[2]: module.for_browser.__annotations__["return"] for module in TABLES},
        # a run of another version may have a word that this one does not know
        "glossary": "Record<string, string>",
        "states": "{ [name: string]: State | undefined }",
        "quantities": f"Record<{names}, Quantity>",
    }
    types_of = [get_type_hints(module.for_browser)["return"] for module in TABLES]
    lines = "".join(f"  {name}: {kind}\n" for name, kind in tables.items())
    rows = interfaces([*types_of, State, Quantity])
    return f"{HEAD}{rows}\ndeclare const vocabulary: {{\n{lines}}}\nexport default vocabulary\n"


FILES = {"told.d.ts": told, "vocabulary.d.ts": vocabulary}


def interfaces(wanted: Iterable[Any]) -> str:
    """Those types and all that they are made of, each once, in the order in which they are met."""
    found: dict[str, Any] = {}
    for schema in wanted:
        _gather(schema, found)
    return "".join(_interface(schema) for schema in found.values())


def _gather(annotation: Any, found: dict[str, Any]) -> None:
    if is_typeddict(annotation) or is_dataclass(annotation):
        known = found.setdefault(annotation.__name__, annotation)
        if known is not annotation:
            raise TypeError(f"two types are called {annotation.__name__}: {known.__module__}, {annotation.__module__}")
        for hint in _hints(annotation).values():
            _gather(hint, found)
    else:
        for inner in get_args(annotation):
            _gather(inner, found)


def _hints(schema: Any) -> dict[str, Any]:
    hints = get_type_hints(schema, include_extras=True)
    return {field.name: hints[field.name] for field in fields(schema)} if is_dataclass(schema) else hints


def _interface(schema: Any) -> str:
    lines = []
    for name, hint in _hints(schema).items():
        optional = get_origin(hint) is NotRequired
        kind = kind_of(get_args(hint)[0] if optional else hint, decoded=schema.__module__ == payloads.__name__)
        lines.append(f"  {name}{'?' if optional else ''}: {kind}\n")
    return f"\nexport interface {schema.__name__} {{\n{''.join(lines)}}}\n"


def kind_of(annotation: Any, decoded: bool) -> str:
    """In TypeScript. Arrays of events are ``decoded`` when they come, those of a component's content where it draws."""
    if annotation in PLAIN:
        return PLAIN[annotation]
    if is_typeddict(annotation):
        return str(annotation.__name__)
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        array = kind_of(inner[0], decoded)
        return f"{array}[]" if payloads.ROWS in inner[1:] else array
    if origin is np.ndarray:
        return ARRAYS[get_args(inner[1])[0]] if decoded else events.Encoded.__name__
    if origin is Literal:
        return " | ".join(json.dumps(value) for value in inner)
    if origin in (Union, types.UnionType):
        return " | ".join(kind_of(each, decoded) for each in inner)
    if origin is list or (origin is tuple and inner[-1] is ...):
        return f"Array<{kind_of(inner[0], decoded)}>"
    if origin is tuple:
        return f"[{', '.join(kind_of(each, decoded) for each in inner)}]"
    if origin is dict:
        return f"Record<{kind_of(inner[0], decoded)}, {kind_of(inner[1], decoded)}>"
    raise TypeError(f"no type of JavaScript for {annotation}")


def main() -> int:
    wrong = [name for name, written in FILES.items() if _text(name) != written()]
    if "--check" not in sys.argv[1:]:
        for name in wrong:
            (ASSETS / name).write_text(FILES[name](), encoding="utf-8")
    elif wrong:
        print(f"assets/{wrong[0]} is not what Python says any more: make types writes it anew.")
        return 2
    return 0


def _text(name: str) -> str:
    path = ASSETS / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
