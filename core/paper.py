"""What papers and published code report for the presets: counts, and errors with unit, protocol and source.

Errors are to be shown beside a measurement as "paper after N epochs / you after e", never as pass or fail.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from core.spec import PRESETS, NetSpec
from core.spec.published import PUBLISHED
from core.vocabulary.numbers import percent


class Counts(NamedTuple):
    """Convolutions with norm have no bias, the norms' weights and biases count, the classifier has a bias."""

    params: int
    norm_params: int | None  # None where no source states it
    macs: int | None  # multiply-adds of convolutions and linear layers for one picture


# Counted from the papers' definitions. In the ImageNet form (224x224 pictures, 1000 classes) torchvision's are the same
# to the last digit (v1 strides: He 2015); in the CIFAR form (32x32, 10 classes) the papers print them rounded.
COUNTS: Mapping[str, Counts] = MappingProxyType(
    {
        "smallresnet": Counts(175_258, None, None),
        "plain20": Counts(269_722, 1_376, 40_551_040),
        "plain56": Counts(853_018, 4_064, 125_485_696),
        "resnet20": Counts(269_722, 1_376, 40_551_040),
        "plain44": Counts(658_586, 3_168, None),
        "resnet32": Counts(464_154, 2_272, 68_862_592),
        "resnet44": Counts(658_586, 3_168, None),
        "resnet56": Counts(853_018, 4_064, 125_485_696),
        "resnet110": Counts(1_727_962, 8_096, 252_887_680),
        "resnet1202": Counts(19_421_274, 89_632, 2_829_238_912),
        "resnet20-b": Counts(272_474, 1_568, 40_813_184),
        "resnet32-b": Counts(466_906, 2_464, None),
        "resnet56-b": Counts(855_770, 4_256, None),
        "resnet110-b": Counts(1_730_714, 8_288, None),
        "resnet20-c": Counts(283_962, 2_048, 42_648_192),
        "resnet110-c": Counts(1_826_202, 12_128, None),
        "resnet164": Counts(1_704_154, 25_120, 247_646_720),
        "preact110": Counts(1_727_962, 8_096, 252_887_680),
        "preact164": Counts(1_703_258, 24_224, 244_500_992),
        "preact1001": Counts(10_327_706, 149_216, 1_487_849_984),
        "wrn16-4": Counts(2_748_890, 3_616, 392_612_352),
        "wrn16-8": Counts(10_961_370, 7_200, 1_548_145_664),
        "wrn28-10": Counts(36_479_194, 17_952, 5_243_328_768),
        "wrn28-10-dropout": Counts(36_479_194, 17_952, 5_243_328_768),
        "resnext29-8x64d": Counts(34_426_698, 57_472, 5_387_266_048),
        "se-resnet20": Counts(272_095, 1_376, None),
        "se-resnet20-b": Counts(274_847, 1_568, None),
        "densenet-40-12": Counts(1_019_722, 18_096, 264_812_928),
        "densenet-100-12": Counts(6_979_642, 117_216, 1_769_516_448),
        "densenet-bc-40-12": Counts(176_122, 5_088, 72_365_352),
        "densenet-bc-100-12": Counts(769_162, 23_988, 287_929_692),
        "densenet-bc-250-24": Counts(15_324_406, 257_976, 5_418_785_724),
        "densenet-bc-190-40": Counts(25_624_430, 256_960, 9_301_945_740),
        "resnet18": Counts(11_689_512, 9_600, 1_814_073_344),
        "resnet34": Counts(21_797_672, 17_024, 3_663_761_408),
        "resnet50": Counts(25_557_032, 53_120, 4_089_184_256),
        "resnet50-v1": Counts(25_557_032, 53_120, 3_857_973_248),
        "resnet101": Counts(44_549_160, 105_344, 7_801_405_440),
        "resnet152": Counts(60_192_808, 151_424, 11_513_626_624),
        "resnext50_32x4d": Counts(25_028_904, 68_224, 4_230_479_872),
        "densenet121": Counts(7_978_856, 83_648, 2_834_161_664),
        "densenet169": Counts(14_149_480, 158_400, 3_359_843_328),
        "densenet201": Counts(20_013_928, 229_056, 4_291_365_888),
        "vgg11-cifar": Counts(9_231_114, 5_504, None),
        "vgg13-cifar": Counts(9_416_010, 5_888, None),
        "vgg16-cifar": Counts(14_728_266, 8_448, None),
        "vgg19-cifar": Counts(20_040_522, 11_008, None),
        "vgg11": Counts(132_863_336, 0, None),
        "vgg11_bn": Counts(132_868_840, 5_504, None),
        "vgg13": Counts(133_047_848, 0, None),
        "vgg13_bn": Counts(133_053_736, 5_888, None),
        "vgg16": Counts(138_357_544, 0, 15_470_264_320),
        "vgg16_bn": Counts(138_365_992, 8_448, 15_470_264_320),
        "vgg19": Counts(143_667_240, 0, None),
        "vgg19_bn": Counts(143_678_248, 11_008, None),
    }
)


@dataclass(frozen=True)
class Reference:
    """A published result on the CIFAR-10 test set, or on the ImageNet validation set (top-1)."""

    value: float  # percent
    unit: Literal["% test error", "% test accuracy", "% top-1 error", "% top-1 accuracy"]
    epochs: int | None  # passes over the training set; None where the source does not say
    protocol: str  # recipe, augmentation, number of runs and which of them is reported
    source: str
    decimals: int = 2  # that are printed

    @property
    def accuracy(self) -> float:
        """Share of the test pictures that are classified right, 0 to 1."""
        share = self.value / 100
        return round(share if self.unit.endswith("accuracy") else 1 - share, 6)

    @property
    def said(self) -> str:
        """ "93.03 % after 164 epochs (He et al. 2015, Table 6)": the accuracy, never without when and where."""
        epochs = f"after {self.epochs} epochs" if self.epochs else "epochs not stated"
        return f"{percent(self.accuracy, self.decimals)} {epochs} ({self.source})"


_SGD = "SGD 0.1, momentum 0.9, weight decay 1e-4, batch 128"
_HE = f"{_SGD}, 64k iterations, lr ÷10 at 32k and 48k, flip and pad-4 crop"
_WARM = ", warm-up at 0.01 for 400 iterations"
_NESTEROV = "SGD 0.1 with Nesterov momentum 0.9, weight decay"
_DENSE_RECIPE = f"{_NESTEROV} 1e-4, batch 64, 300 epochs, lr ÷10 at 150 and 225"
_DENSE = f"{_DENSE_RECIPE}, flip and pad-4 crop; one run"
_DENSE_BARE = f"{_DENSE_RECIPE}, no augmentation, dropout 0.2; one run"
_WIDE_RECIPE = (
    f"{_NESTEROV} 5e-4, batch 128, 200 epochs, lr ×0.2 at 60, 120 and 160, flip and crop padded by reflection by 4"
)
_WIDE = f"{_WIDE_RECIPE}; median of 5 runs"
_WIDE_DROPOUT = f"{_WIDE_RECIPE}, dropout 0.3; median of 5 runs"
_PLAIN = (
    "a Caffe re-implementation of He et al. 2015: SGD 0.1, momentum 0.9, weight decay 1e-4, batch 100, "
    "100k iterations, lr ÷10 at 40k and 80k, flip and 28×28 crops without padding; number of runs not stated"
)
_STUDY = "SGD 0.1, momentum 0.9, weight decay 1e-4, cosine, batch 128, 30 epochs"
_VGG = "SGD 0.01, momentum 0.9, weight decay 5e-4, batch 256, 370k iterations, lr ÷10 three times"
_ONE_SCALE = "shorter sides of 256 pixels; whole pictures"
_SCALES = "shorter sides of 256 to 512 pixels by chance; whole pictures at 384"
_IMAGENET = "SGD 0.1, momentum 0.9, weight decay 1e-4, batch 256, 600k iterations, ten crops"


def _he(error: float, runs: str = "") -> Reference:
    return Reference(error, "% test error", 164, _HE + runs, "He et al. 2015, Table 6")


def _he_2016(error: float, table: int) -> Reference:
    return Reference(error, "% test error", 164, f"{_HE}{_WARM}; median of 5 runs", f"He et al. 2016, Table {table}")


def _reimplementation(error: float) -> Reference:
    """He 2015 prints no number for plain nets, and none for option B; its ResNets are B."""
    return Reference(error, "% test error", 200, _PLAIN, "junyuseu/ResNet-on-Cifar10")


def _wide(error: float, protocol: str = _WIDE) -> Reference:
    return Reference(error, "% test error", 200, protocol, "Zagoruyko and Komodakis 2016")


def _densenet(error: float, protocol: str = _DENSE) -> Reference:
    return Reference(error, "% test error", 300, protocol, "Huang et al. 2017, Table 2")


def _study(accuracy: float) -> Reference:
    return Reference(accuracy, "% test accuracy", 30, _STUDY, "The BN study, notebook", decimals=1)


def _torchvision(accuracy: float, epochs: int | None = 90) -> Reference:
    return Reference(accuracy, "% top-1 accuracy", epochs, "one centre crop of 224×224", "torchvision, V1 weights")


def _simonyan(error: float, scales: str = _SCALES) -> Reference:
    return Reference(error, "% top-1 error", 74, f"{_VGG}, {scales}", "Simonyan and Zisserman 2015, Table 3")


def _he_imagenet(error: float, table: int) -> Reference:
    return Reference(error, "% top-1 error", 120, _IMAGENET, f"He et al. 2015, Table {table}")


# Of several for one net the first is the one to compare with.
REFERENCES: Mapping[str, tuple[Reference, ...]] = MappingProxyType(
    {
        "smallresnet": (_study(88.2),),
        "smallresnet-nobn": (_study(85.3),),
        "plain20": (_reimplementation(9.90),),
        "plain32": (_reimplementation(13.04),),
        "plain44": (_reimplementation(15.55),),
        "plain56": (_reimplementation(14.74),),
        "resnet20": (_he(8.75),),
        "resnet32": (_he(7.51),),
        "resnet44": (_he(7.17),),
        "resnet56": (_he(6.97),),
        "resnet110": (_he(6.43, f"{_WARM}; best of 5 runs (6.61 ± 0.16)"),),
        "resnet1202": (_he(7.93),),
        "resnet20-b": (_reimplementation(8.26),),
        "resnet32-b": (_reimplementation(7.77),),
        "resnet56-b": (_reimplementation(6.91),),
        "resnet110-c": (_he_2016(12.22, 1),),
        "resnet110-sd": (
            Reference(
                5.25,
                "% test error",
                500,
                f"{_NESTEROV} 1e-4, batch 128, 500 epochs, lr ÷10 at 250 and 375, flip and pad-4 crop; "
                "one run, at its best validation error; 6.41 without dropping",
                "Huang et al. 2016, Table 1",
            ),
        ),
        "resnet110-half": (_he_2016(12.35, 1),),
        "resnet110-bn-after-add": (_he_2016(8.17, 2),),
        "resnet110-relu-before-add": (_he_2016(7.84, 2),),
        "resnet110-relu-only-pre": (_he_2016(6.71, 2),),
        "resnet164": (_he_2016(5.93, 2),),
        "preact110": (_he_2016(6.37, 2),),
        "preact164": (_he_2016(5.46, 2),),
        "preact1001": (_he_2016(4.92, 4),),
        "wrn16-4": (_wide(5.02),),
        "wrn16-8": (_wide(4.27),),
        "wrn28-10": (_wide(4.00),),
        "wrn28-10-dropout": (_wide(3.89, _WIDE_DROPOUT),),
        "resnext29-8x64d": (
            Reference(
                3.65,
                "% test error",
                300,
                "SGD 0.1, momentum 0.9, weight decay 5e-4, batch 128, 300 epochs, lr ÷10 at 150 and 225, flip and "
                "pad-4 crop; mean of 10 runs; by the authors' later word of pre-activated blocks at batch 256",
                "Xie et al. 2017, Table 7",
            ),
        ),
        "densenet-40-12": (_densenet(5.24), _densenet(7.00, _DENSE_BARE)),
        "densenet-100-12": (_densenet(4.10), _densenet(5.77, _DENSE_BARE)),
        "densenet-bc-100-12": (_densenet(4.51), _densenet(5.92, _DENSE_BARE)),
        "densenet-bc-250-24": (_densenet(3.62), _densenet(5.19, _DENSE_BARE)),
        "densenet-bc-190-40": (_densenet(3.46),),
        "plain18": (_he_imagenet(27.94, 2),),
        "plain34": (_he_imagenet(28.54, 2),),
        "resnet18": (_torchvision(69.758),),
        "resnet18-a": (_he_imagenet(27.88, 2),),
        "resnet34": (_torchvision(73.314), _he_imagenet(24.52, 3)),
        "resnet34-a": (_he_imagenet(25.03, 3),),
        "resnet34-c": (_he_imagenet(24.19, 3),),
        "resnet50": (_torchvision(76.130),),
        "resnet101": (_torchvision(77.374),),
        "resnet152": (_torchvision(78.312),),
        "resnext50_32x4d": (_torchvision(77.618, 100),),
        "resnext101_32x8d": (_torchvision(79.312, 100),),
        "resnext101_64x4d": (_torchvision(83.246, None),),
        "wide_resnet50_2": (_torchvision(78.468, None),),
        "wide_resnet101_2": (_torchvision(78.848, None),),
        "densenet121": (_torchvision(74.434, None),),
        "densenet161": (_torchvision(77.138, None),),
        "densenet169": (_torchvision(75.600, None),),
        "densenet201": (_torchvision(76.896, None),),
        "vgg16-cifar": (
            Reference(
                92.64,
                "% test accuracy",
                350,
                "SGD 0.1, momentum 0.9, weight decay 5e-4, lr ÷10 at 150 and 250 by hand, flip and pad-4 crop; number "
                "of runs not stated, nor whether the last epoch or the best one",
                "kuangliu/pytorch-cifar, README",
            ),
        ),
        "vgg11": (_torchvision(69.020, None), _simonyan(29.6, _ONE_SCALE)),
        "vgg11_bn": (_torchvision(70.370, None),),
        "vgg13": (_torchvision(69.928, None), _simonyan(28.7, _ONE_SCALE)),
        "vgg13_bn": (_torchvision(71.586, None),),
        "vgg16": (_torchvision(71.592, None), _simonyan(25.6)),
        "vgg16_bn": (_torchvision(73.360, None),),
        "vgg19": (_torchvision(72.376, None), _simonyan(25.5)),
        "vgg19_bn": (_torchvision(74.218, None),),
    }
)


_BY_NET = {PRESETS[name]: found for name, found in REFERENCES.items()} | {
    each.net: REFERENCES[each.preset] for each in PUBLISHED.values()
}


def reference(spec: NetSpec) -> Reference | None:
    """What is published for exactly this net, if anything is."""
    return next(iter(references(spec)), None)


def references(spec: NetSpec) -> tuple[Reference, ...]:
    """All that is published for exactly this net, under whatever protocol. It begins with the weights of its preset or
    with those of the publication."""
    return _BY_NET.get(spec, ())


def counts(spec: NetSpec) -> Counts | None:
    """The published counts of exactly this net, if there are any."""
    return next((COUNTS[name] for name in COUNTS if PRESETS[name] == spec), None)
