"""Published ImageNet nets read pictures as torchvision's transforms of their weights prepare them."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from torchvision.models import get_model_weights
from torchvision.transforms import InterpolationMode

from core.data.pictures import Crop, read, square
from core.inspect import catalogue, imagenet
from core.inspect.catalogue import Entry
from core.inspect.imagenet import PUBLISHED
from core.inspect.preprocess import preprocess
from core.inspect.pretrained import MEAN, STD
from tests.unit.picture_files import exif_of
from tests.unit.small_pictures import coded, scene

pytestmark = pytest.mark.slow


def entry(name: str = "resnet50") -> Entry:
    return imagenet.entry(PUBLISHED[name], [])


def normalised(pixels: np.ndarray) -> torch.Tensor:
    """(S, S, 3) -> (3, S, S), as core.inspect.trained.Trained scales it."""
    scaled = torch.from_numpy(pixels.astype(np.float32)).movedim(2, 0) / 255
    return (scaled - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3), dtype=np.uint8)


SIZES = [
    (256, 256),
    (224, 224),
    (300, 200),
    (200, 300),
    (427, 640),
    (768, 1024),
    (1024, 683),
    (97, 31),
    (1, 1),
    (5, 700),
]


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("size", SIZES)
def test_the_same_tensor_as_torchvisions(name: str, size: tuple[int, int]) -> None:
    """Bit for bit, of the rawest pictures there are."""
    theirs = get_model_weights(name)["IMAGENET1K_V1"].transforms()
    pixels = noise(*size)
    expected = theirs(Image.fromarray(pixels))
    assert expected.shape == (3, 224, 224)
    torch.testing.assert_close(normalised(preprocess(pixels, Crop(), entry(name))), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_numbers_are_those_of_the_weights(name: str) -> None:
    theirs = get_model_weights(name)["IMAGENET1K_V1"].transforms()
    assert [entry(name).resize] == theirs.resize_size
    assert [entry(name).size] == theirs.crop_size
    assert (theirs.interpolation, theirs.antialias) == (InterpolationMode.BILINEAR, True)
    assert (list(MEAN), list(STD)) == (theirs.mean, theirs.std)


def test_the_test_can_fail() -> None:
    """The square that nets of CIFAR-10 read is another picture."""
    pixels = scene(427, 640)
    theirs = get_model_weights("resnet50")["IMAGENET1K_V1"].transforms()(Image.fromarray(pixels))
    assert float((normalised(square(pixels, Crop(), 224)) - theirs).abs().max()) > 0.1


@pytest.mark.parametrize("size", [(4096, 1), (1, 4096), (256, 4096), (20, 1000)])
def test_a_strip_needs_no_room(size: tuple[int, int]) -> None:
    """Its shorter side at 256 pixels, the other one could have a million. What is seen of it is its middle."""
    pixels = np.full((*size, 3), 255, np.uint8)
    y, x = (side // 2 for side in size)
    half = min(size)
    pixels[max(0, y - half) : y + half, max(0, x - half) : x + half] = (0, 128, 128)
    seen = preprocess(pixels, Crop(), entry())
    assert seen.shape == (224, 224, 3)
    assert (seen == (0, 128, 128)).all()


def test_a_square_cut_by_hand_is_prepared_as_a_picture_of_its_own() -> None:
    pixels = scene(400, 600)
    crop = Crop(0.25, 0.5, 0.64)  # 256 pixels a side, at column 86 and row 72
    expected = pixels[72 + 16 : 72 + 240, 86 + 16 : 86 + 240]
    np.testing.assert_array_equal(preprocess(pixels, crop, entry()), expected)


def test_nets_of_cifar_read_the_square() -> None:
    pixels = noise(60, 100)
    for crop in (Crop(), Crop(0.2, 0.1, 0.5)):
        for net in catalogue.shipped():
            np.testing.assert_array_equal(preprocess(pixels, crop, net), square(pixels, crop, 32))


LARGE = {  # width and height, and how the file is written
    "PNG": ((3000, 2000), "PNG", {"compress_level": 1}),
    "upright PNG": ((2000, 3000), "PNG", {"compress_level": 1}),
    "JPEG": ((3000, 2000), "JPEG", {"quality": 80}),
    "12 megapixels": ((4000, 3000), "JPEG", {"quality": 80}),
    "WebP": ((1500, 1100), "WEBP", {"quality": 80}),
    "a panorama": ((6000, 500), "JPEG", {"quality": 80}),
}


def prepared(data: bytes, net: Entry) -> torch.Tensor:
    picture = read(data, imagenet.SHORT_SIDES)
    return normalised(preprocess(picture.pixels, Crop(), net, picture.resized))


@pytest.mark.parametrize("case", LARGE)
def test_a_picture_that_is_kept_smaller_is_read_as_it_came(case: str) -> None:
    """At once from all its pixels: the bits of torchvision, which never makes a copy of 1,024 pixels first."""
    (width, height), form, options = LARGE[case]
    data = coded(noise(height, width), form, **options)
    theirs = get_model_weights("resnet50")["IMAGENET1K_V1"].transforms()(Image.open(io.BytesIO(data)).convert("RGB"))
    torch.testing.assert_close(prepared(data, entry()), theirs, rtol=0, atol=1e-6)
    of_the_copy = normalised(preprocess(read(data).pixels, Crop(), entry()))
    assert float((of_the_copy - theirs).abs().max()) > 0.01  # so this can fail


@pytest.mark.parametrize("orientation", range(1, 9))
def test_and_upright(orientation: int) -> None:
    data = coded(noise(1300, 1700), exif=exif_of(orientation), compress_level=1)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    theirs = get_model_weights("resnet50")["IMAGENET1K_V1"].transforms()(upright)
    torch.testing.assert_close(prepared(data, entry()), theirs, rtol=0, atol=1e-6)


def test_a_jpeg_that_is_decoded_smaller_says_so_and_makes_hardly_a_difference() -> None:
    large = Image.fromarray(noise(300, 400)).resize((5200, 3900), Image.Resampling.BICUBIC)
    data = coded(large, "JPEG", quality=90)
    assert read(data).notes == ("So large a JPEG is decoded at a half of its size.",)
    theirs = get_model_weights("resnet50")["IMAGENET1K_V1"].transforms()(Image.open(io.BytesIO(data)))
    apart = (prepared(data, entry()) - theirs).abs() * torch.tensor(STD).view(3, 1, 1) * 255
    assert float(apart.mean()) < 0.5
    assert float(apart.max()) <= 3
