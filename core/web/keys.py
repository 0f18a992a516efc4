"""Every key that the address of a page may hold. A test draws the pages and finds these and no other."""

from __future__ import annotations

from core.web.live_view import PARTS


def _set(keys: str) -> frozenset[str]:
    return frozenset(keys.split())


NET = _set(
    "family form depth depth_wide depth_bottleneck depth_dense depth_bc depth_imagenet_resnet depth_imagenet_densenet "
    "width width_imagenet multiplier growth growth_imagenet compression bottleneck block_bottleneck groups base_width "
    "stride_on bn norm skip init shortcut projection order wide_order se dropout survival branch_scale "
    "shortcut_scale"
)
RECIPE = _set(
    "data folder epochs lr batch seed keep_last augment schedule optimizer momentum weight_decay decay warmup clip "
    "device precision threads"
)
TRAIN = NET | RECIPE | {"run", "with", *PARTS}
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
