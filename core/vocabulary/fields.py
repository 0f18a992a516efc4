"""Every field of a spec, once: what it is called, what can be chosen, and where forms, flags and addresses have it.

A new field is a row in :mod:`core.vocabulary.net_fields` or :mod:`core.vocabulary.recipe_fields`, a line in its spec,
and what it does in the nets or the loop. A row may be left out of the layout of a form: it then stands below the field
before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.vocabulary.families import FAMILIES
from core.vocabulary.field import Field, Fields
from core.vocabulary.net_fields import NET_FIELDS
from core.vocabulary.recipe_fields import PROBE_FIELDS, RECIPE_FIELDS

# In the order in which differences are said and preferred.
FIELDS: tuple[Field, ...] = (*NET_FIELDS, *RECIPE_FIELDS, *PROBE_FIELDS)


def fields_of(part: str) -> dict[str, Field]:
    """The fields of a spec, by name."""
    return {field.name: field for field in FIELDS if field.part == part}


def keys_of(fields: Iterable[Field]) -> frozenset[str]:
    """Every key that these fields can have in an address."""
    return frozenset(field.key_in(net) for field in fields for net in _kinds() if field.key)


def _kinds() -> Iterator[Fields]:
    """Each family, in each form and with each kind of block that it has."""
    for name, family in FAMILIES.items():
        yield {"family": name}
        if family.bottleneck_rule:
            yield {"family": name, "bottleneck": True}
        if family.stages:
            yield {"family": name, "form": "imagenet"}


NET, TRAIN, PROBES = fields_of("net"), fields_of("train"), fields_of("probes")
