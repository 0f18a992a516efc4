"""How a script trains: its constants, initial weights, learning rate, and the loop."""

from __future__ import annotations

from core.publish.script.made import Made
from core.publish.script.text import indented, joined, piece
from core.spec import NetSpec
from core.vocabulary.datasets import DATASETS, SAMPLE, USUAL
from core.vocabulary.orders import ORDERS


def constants(made: Made) -> str:
    """What decides the run, at the top of the file."""
    recipe, epoch = made.train, made.epoch
    kind = DATASETS[USUAL if made.dataset == SAMPLE else made.dataset]
    pairs = tuple(zip(kind.mean, kind.std, strict=True))
    by_hand = ", ".join(f"({step}, {rate!r})" for step, rate in dict(made.by_hand).items())
    return piece(
        f"SEED, EPOCHS, BATCH, RATE = {recipe.seed}, {recipe.epochs}, {recipe.batch_size}, {recipe.lr!r}",
        f"PER_EPOCH, TOTAL = {epoch.steps}, {made.total_steps}  # steps; {_rest(made)}",
        f"WARMUP = {recipe.warmup_steps!r}  # steps" if recipe.warmup_steps else None,
        f"BY_HAND = ({by_hand},)  # finished steps, and the learning rate that was set by hand then"
        if by_hand
        else None,
        *_device(made),
        f"SCALE = torch.tensor([[[1 / (255 * std)]] for std in {kind.std}], device=DEVICE)",
        f"SHIFT = torch.tensor([[[-m / s]] for m, s in {pairs}], device=DEVICE)",
        f"torch.set_num_threads({made.threads})",
    )


def _rest(made: Made) -> str:
    epoch = made.epoch
    if not epoch.remainder:
        return f"all {epoch.images:,} pictures"
    if epoch.drop_last:
        return f"{epoch.left_out:,} of the {epoch.images:,} pictures are left out, others each time"
    return f"the last one has {epoch.remainder:,} pictures"


def _device(made: Made) -> list[str]:
    found = f'"{made.device}"'
    if made.device == "auto":
        found = '"cuda" if torch.cuda.is_available() else "cpu"'
    whole = "torch.backends.cudnn.allow_tf32 = False  # float32 with all its bits on a GPU, too"
    return [f"DEVICE = {found}", *([whole] if made.device != "cpu" and made.precision == "float32" else [])]


def initialisation(net: NetSpec) -> str:
    """Initial weights: those of the lab, because each is drawn from a generator that its name seeds."""
    biased = net.family == "vgg" or (net.norm == "none" and net.init != "fixup")
    simple = not (biased or net.groups > 1 or net.se_reduction or net.init == "default")  # no module is asked for
    weight = "net.fc.weight[0]" if simple else "module.weight[0]"
    uniform = [f"bound = 1 / math.sqrt({weight}.numel())", "parameter.uniform_(-bound, bound, generator=source)"]
    linear = ["parameter.zero_()  # Fixup"] if net.init == "fixup" and not net.se_reduction else uniform
    if net.init == "default":
        rules = _if("isinstance(module, (nn.Conv2d, nn.Linear))", uniform)
    elif simple:
        rules = [*_if("parameter.ndim == 4", _he(net, biased)), *_if('name.startswith("fc.")', linear)]
    else:
        rules = [*_if("isinstance(module, nn.Conv2d)", _he(net, biased)), *_if("isinstance(module, nn.Linear)", linear)]
    return piece(
        "@torch.no_grad()",
        "def initialise(net):",
        f'    """{_what(net)} Each weight is seeded by its name: nets share what they can."""',
        "    for name, parameter in net.named_parameters():",
        None if simple else '        module = net.get_submodule(name.rpartition(".")[0])',
        '        digest = hashlib.blake2b(f"{SEED}:{name}".encode(), digest_size=8).digest()',
        '        source = torch.Generator().manual_seed(int.from_bytes(digest, "little"))',
        *indented(rules, 2),
        *indented(_afterwards(net), 1),
        "    return net",
    )


def _what(net: NetSpec) -> str:
    if net.init == "default":
        return "PyTorch's: uniform within 1 / sqrt(fan in)."
    return "Convolutions: He 2015, equation 14."


def _if(test: str, lines: list[str]) -> list[str]:
    return [f"if {test}:", *indented(lines, 1)]


def _he(net: NetSpec, biased: bool) -> list[str]:
    """Normal with variance 2 / fan out, biases 0."""
    fan_out = "parameter[:, 0].numel()" + (" // module.groups" if net.groups > 1 else "")
    normal = f"parameter.normal_(0, math.sqrt(2 / ({fan_out})), generator=source)"
    if "//" not in fan_out:
        normal = normal.replace(f"({fan_out})", fan_out)
    if not biased:
        return [normal]
    return ["if parameter.ndim == 1:", "    parameter.zero_()", "else:", f"    {normal}"]


SMALL = {  # of the last norm of each branch
    "zero-gamma": ("0.0", "Goyal 2017"),
    "gamma-0.1": ("0.1", "small at first"),
}


def _afterwards(net: NetSpec) -> list[str]:
    """What an initialisation does to the last layer of each branch, with the others of it."""
    blocks = "for block in filter(lambda module: isinstance(module, Block), net.modules()):"
    *others, last = range(1, 4 if net.bottleneck else 3)
    if net.init == "fixup":
        branches = sum(net.stages)
        return [
            f"{blocks}  # Fixup (Zhang 2019)",
            *[f"    block.branch.conv{index}.weight.mul_({branches} ** (-1 / {2 * len(others)}))" for index in others],
            f"    block.branch.conv{last}.weight.zero_()",
            *(["for parameter in net.fc.parameters():", "    parameter.zero_()"] if net.se_reduction else []),
        ]
    if net.init in SMALL:
        gamma, why = SMALL[net.init]
        end = ORDERS[net.activation_order].end
        index = last if "norm" in end else others[-1] if "norm" in ORDERS[net.activation_order].behind else last
        return [f"{blocks}  # {why}", f"    block.branch.norm{index}.weight.fill_({gamma})"]
    return []


SCHEDULES = {  # what it is, and the lines that make a rate of a step
    "constant": ("the same throughout", ("rate = RATE",)),
    "step": (
        "He 2015",
        (
            "done = step / TOTAL",
            "rate = RATE * (1.0 if done < 0.5 else 0.1 if done < 0.75 else 0.01)",
        ),
    ),
    "cosine": ("Loshchilov 2017", ("rate = RATE * (1 + math.cos(math.pi * (step / TOTAL))) / 2",)),
    "onecycle": (
        "one cycle: up for 30 % of the run, then down",
        (
            "peak, last = 0.3 * TOTAL - 1, TOTAL - 1",
            "rising = step <= peak and peak > 0",
            "start, end = (1 / 25, 1.0) if rising else (1.0, 1 / 25e4)",
            "done = step / peak if rising else (step - peak) / (last - peak)",
            "rate = RATE * (end + (start - end) * (1 + math.cos(math.pi * done)) / 2)",
        ),
    ),
}

BY_HAND = '''
def by_hand(step):
    """The rate as scheduled. One that was set by hand is never exceeded afterwards, and falls as the schedule falls."""
    earlier = [each for each in BY_HAND if each[0] <= step]
    if not earlier:
        return scheduled(step)
    since, asked = earlier[-1]
    return asked * min(1.0, scheduled(step) / scheduled(since))
'''


def rate(made: Made) -> str:
    """The learning rate of a step as functions, where it was set by hand."""
    if not made.by_hand:
        return ""
    return joined(piece("def scheduled(step):", *indented([*_schedule(made), "return rate"], 1)), BY_HAND)


def _schedule(made: Made) -> list[str]:
    """The lines that make a rate of ``step``."""
    recipe = made.train
    what, of_schedule = SCHEDULES[recipe.schedule]
    first, *others = of_schedule
    if recipe.schedule_by == "epoch":
        what += ", moved once an epoch"
    lines = [f"{first}  # {what}", *others]
    if recipe.schedule_by == "epoch":
        lines = [line.replace("step / TOTAL", "(step - step % PER_EPOCH) / TOTAL") for line in lines]
    if recipe.warmup_steps:
        lines += ["rate *= min(1.0, (step + 1) / WARMUP)"]
    return lines


def training(made: Made) -> str:
    """The program: what is asked for, and the loop."""
    asked = ASKED.strip("\n").replace("{pictures}", _checked(made))
    return piece(*asked.split("\n"), *_optimizer(made), *_draws(made), *_loop(made))


ASKED = """
parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="where the pictures are")
parser.add_argument("--steps", type=int, default=TOTAL, metavar="N", help="minibatches; default all %(default)s")
parser.add_argument("--json", action="store_true", help="one JSON object a step")
asked = parser.parse_args()
{pictures}
net = initialise(Net()).to(DEVICE, memory_format=torch.channels_last)
"""


def _checked(made: Made) -> str:
    """The pictures, once it is known that they are those of the run, where that is said."""
    if not made.digest:
        return TAKEN.replace("{arrays}", "read(asked.data)")
    return CHECKED.lstrip("\n").replace("{digest}", made.digest[:16]) + TAKEN.replace("{arrays}", "arrays")


TAKEN = "images, labels = (torch.from_numpy(array).to(DEVICE) for array in {arrays})"
CHECKED = """
arrays = read(asked.data)
if hashlib.sha256(b"".join(each.astype(np.uint8).tobytes() for each in arrays)).hexdigest()[:16] != "{digest}":
    raise SystemExit(f"{asked.data} does not hold the pictures of this run: name the folder that does.")
"""


def _optimizer(made: Made) -> list[str]:
    recipe = made.train
    kind = "SGD" if recipe.optimizer == "sgd" else "AdamW"
    momentum = f", momentum={recipe.momentum!r}" if recipe.optimizer == "sgd" else ""
    if recipe.decay == "all":
        what, decay = "net.parameters()", f", weight_decay={recipe.weight_decay!r}"
        return [f"optimizer = torch.optim.{kind}({what}, lr=RATE{momentum}{decay}, fused=True)"]
    return [
        "split = [[each for each in net.parameters() if (each.ndim > 1) == decays] for decays in (True, False)]",
        f"rows = zip(split, ({recipe.weight_decay!r}, 0.0))",
        "groups = [dict(params=each, weight_decay=decay) for each, decay in rows if each]",
        f"optimizer = torch.optim.{kind}(groups, lr=RATE{momentum}, fused=True)",
    ]


def _draws(made: Made) -> list[str]:
    draws = made.net.dropout > 0 or made.net.survival_probability < 1
    return ["torch.manual_seed(SEED)  # of what the net itself draws while it trains"] if draws else []


def _loop(made: Made) -> list[str]:
    clip = made.train.grad_clip
    loss = ["loss = F.cross_entropy(net(pictures), truth)"]
    if made.precision == "bf16":
        loss = [
            "with torch.autocast(DEVICE, torch.bfloat16):",
            "    logits = net(pictures)",
            "loss = F.cross_entropy(logits.float(), truth)",
        ]
    return [
        "for step, (pictures, truth) in zip(range(asked.steps), minibatches(images, labels)):",
        *indented(
            [
                *_applied(made),
                *loss,
                "optimizer.zero_grad()",
                "loss.backward()",
                *([f"nn.utils.clip_grad_norm_(net.parameters(), {clip!r})"] if clip else []),
                "optimizer.step()",
                "if not loss.isfinite():",
                '    raise SystemExit(f"The loss of step {step + 1} is {loss.item()}: training ends here.")',
                'print(json.dumps({"step": step + 1, "loss": loss.item()}) if asked.json else loss.item(), flush=True)',
            ],
            1,
        ),
    ]


def _applied(made: Made) -> list[str]:
    """The learning rate of this step, given to the optimiser."""
    if made.train.schedule == "constant" and not made.train.warmup_steps and not made.by_hand:
        return []
    lines = ["rate = by_hand(step)"] if made.by_hand else _schedule(made)
    if made.train.decay == "weights":
        return [*lines, "for group in optimizer.param_groups:", '    group["lr"] = rate']
    group = 'optimizer.param_groups[0]["lr"]'
    if len(lines) == 1:
        return [lines[0].replace("rate", group, 1)]
    return [*lines, f"{group} = rate"]
