"""Every key that the address of a page may hold. A test draws the pages and finds these and no other."""

from __future__ import annotations

from core.vocabulary import fields
from core.vocabulary.fields import keys_of
from core.web.train.view import PARTS

BN = "bn"  # of the big switch
FILE = "file"  # of a recording


def _set(keys: str) -> frozenset[str]:
    return frozenset(keys.split())


NET = keys_of(fields.NET.values()) | {BN}
RECIPE = keys_of([*fields.TRAIN.values(), fields.PROBES["film"]]) | {"data", "folder", "race"}
STRIP = _set("strip strip_from strip_layer strip_test")
TRAIN = NET | RECIPE | STRIP | {"run", "with", "show", FILE, *PARTS}
RUN = frozenset({"run", FILE})
RUNS = frozenset({"find", "sort", "bin"})
COMPARE = frozenset(PARTS) | {"runs"}
ARCHITECTURE = NET | {"view", "open", "against"}
XRAY = _set(
    "x_view x_depth x_seed x_net1 x_net2 x_net3 x_init1 x_init2 x_init3 x_bn1 x_bn2 x_bn3 x_skip1 x_skip2 x_skip3 "
    "x_grad x_init x_layers x_units x_act x_stack_init x_block x_blocks x_channels"
)
INSPECT = _set(
    "nets crop i_from i_example i_test i_data i_folder i_view i_maps_layer i_maps_part i_maps_sort i_maps_scale "
    "i_maps_map1 i_maps_map2 i_maps_map3 i_why_method i_why_class i_why_layer i_why_depth i_why_field1 i_why_field2 "
    "i_why_field3 i_number_net i_number_layer i_number_map i_number_at i_modes_company i_modes_seed i_testset_net "
    "i_testset_data i_testset_folder"
)
